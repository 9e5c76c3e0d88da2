package proposals

import (
	"context"
	"strings"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
)

// Error implements error.
func (w *Waiting) Error() string { return w.Unwrap().Error() }

// Unwrap returns the fault for a caller that has no word for a change that waits, such as an import: the conflict
// "waits_for_second_admin".
func (w *Waiting) Unwrap() error {
	return fault.Conflict("waits_for_second_admin").With("change", w.Change.ID)
}

// HTTPStatus implements web.Waiting: accepted, but not done.
func (*Waiting) HTTPStatus() int { return 202 }

// Waits implements web.Waiting.
func (*Waiting) Waits() {}

// propose keeps a change with its effect, and returns it as the error of the write. The same change of the same user
// waits once.
func (r *Registry) propose(ctx context.Context, by *access.User, p *journal.Proposal) error {
	row := &changeRow{
		Kind:        p.Kind,
		SubjectKind: p.Subject.Kind,
		SubjectID:   p.Subject.ID,
		Name:        p.Name,
		Lowers:      strings.Join(p.Lowers, ","),
		Changed:     string(journal.Details(p.Changed)),
		Body:        string(journal.Details(p.Change)),
		Secret:      p.Secret,
		State:       Proposed,
		ProposedBy:  by.ID,
	}
	effect, err := r.effect(ctx, row)
	if err != nil {
		return err
	}
	row.Effect = string(journal.Details(effect))
	waiting := &Waiting{State: Proposed, Effect: effect}
	err = r.journal.Write(ctx, r.db, by, func(a *journal.Act) error {
		row.ProposedAt = store.MomentOf(a.Tx.Now())
		row.ExpiresAt = row.ProposedAt.Add(Lives)
		as, err := r.readerIn(a.Tx, by)
		if err != nil {
			return err
		}
		same, err := findSame(a.Tx, row)
		if err != nil {
			return err
		}
		if same != nil {
			waiting.Change = same.change(as)
			waiting.Effect = waiting.Change.Effect
			a.Tx.Answer(waiting)
			return nil
		}
		if err := changes.Insert(a.Tx, row); err != nil {
			return err
		}
		waiting.Change = row.change(as)
		a.Tx.Answer(waiting)
		return a.Record(row.entry(ChangeProposed), row.details(as))
	})
	if err != nil {
		return err
	}
	return waiting
}

// effect returns what a change would do, nil where that is no colour.
func (r *Registry) effect(ctx context.Context, row *changeRow) (*ChangeEffect, error) {
	kind := r.kinds[row.Kind]
	if kind.Effect == nil {
		return nil, nil
	}
	return kind.Effect(ctx, []byte(row.Body))
}

// entry returns the journal entry of something that happened to a change.
func (row *changeRow) entry(verb journal.Verb) journal.Entry {
	return journal.Entry{Verb: verb, Subject: journal.Ref{Kind: "change", ID: row.ID}}
}

// details returns the details of an entry: what the change is, and the names of both.
func (row *changeRow) details(as reader) map[string]any {
	c := row.change(as)
	return map[string]any{"kind": c.Kind, "about": c.Subject, "name": c.Name, "lowers": c.Lowers, "changed": c.Changed,
		"effect": c.Effect, "proposed_by": named(c.ProposedBy.ID, c.ProposedBy.Name), "reason": c.Reason}
}

// named is a person in the details of an entry.
func named(id int64, name string) map[string]any { return map[string]any{"id": id, "name": name} }
