package proposals

import (
	"context"
	"encoding/json"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/journal"
)

// What a user may do with a change.
const (
	mayConfirm      = "confirm"
	mayWithPassword = "confirm_with_password"
	mayRefuse       = "refuse"
	mayWithdraw     = "withdraw"
)

// may returns what the reader may do with a change in a state. Whether they are signed in as another person is looked
// up when they confirm.
func (as reader) may(row *changeRow, state State) []string {
	may := []string{}
	if state != Proposed {
		return may
	}
	own := row.ProposedBy == as.user.ID
	switch {
	case as.isMachine():
	case as.admin && !own:
		may = append(may, mayConfirm)
	case as.only:
		may = append(may, mayWithPassword)
	}
	if as.admin && !own {
		may = append(may, mayRefuse)
	}
	if own {
		may = append(may, mayWithdraw)
	}
	return may
}

// isMachine reports whether the user is a machine: it proposes, but is no second person.
func (as reader) isMachine() bool { return as.user.Has(access.Service) }

// Sign is how a user confirms a change.
type Sign struct {
	Password string `json:"password,omitempty"` // of the only administrator
	Address  string `json:"-"`                  // from where, for the limits of sign-ins
}

const maxReason = 500

// Confirm applies a change in the name of both. Faults: forbidden "second_admin_needed" for the user who proposed it
// and for anyone but an administrator, "password_needed" for the only administrator, "password_wrong",
// "not_independent" for one who may be signed in as the other; the conflicts "change_decided", "change_outdated" and
// "proposer_left"; those of the change itself.
func (r *Registry) Confirm(ctx context.Context, by *access.User, id int64, sign Sign) (Change, error) {
	row, err := changes.Find(r.db.Read(ctx), id)
	if err != nil {
		return Change{}, err
	}
	proven := false
	if sign.Password != "" {
		if err := r.roster.ProvePassword(ctx, by.ID, sign.Password, sign.Address); err != nil {
			return Change{}, err
		}
		proven = true
	}
	kind, known := r.kinds[row.Kind]
	if !known {
		return Change{}, fault.Conflict("change_outdated")
	}
	out := Change{}
	err = r.journal.Write(ctx, r.db, by, func(a *journal.Act) error {
		done, err := r.end(a, *row, Confirmed, "")
		if err != nil {
			return err
		}
		if err := kind.Hold(a.Tx, json.RawMessage(row.Body)); err != nil {
			return err
		}
		if err := r.roster.Hold(a.Tx); err != nil {
			return err
		}
		as, err := r.readerIn(a.Tx, by)
		if err != nil {
			return err
		}
		if done.Confirmation, err = r.confirmation(a, as, row, proven); err != nil {
			return err
		}
		confirmed := journal.Confirmed{ChangeID: id, Confirmation: done.Confirmation, Author: row.ProposedBy,
			ProposedBy:  named(row.ProposedBy, as.org.Person(row.ProposedBy).Name),
			ConfirmedBy: named(by.ID, as.org.Person(by.ID).Name)}
		a.Confirm(confirmed)
		if err := kind.Apply(a, json.RawMessage(row.Body), row.Secret); err != nil {
			return err
		}
		if err := setConfirmation(a.Tx, id, done.Confirmation); err != nil {
			return err
		}
		out = done.change(as)
		a.Tx.Answer(out)
		return a.Record(done.entry(ChangeConfirmed), done.details(as))
	})
	if f := fault.Of(err); err != nil && f.Key == "stale_version" {
		return out, r.outdate(ctx, by, row)
	}
	return out, err
}

// confirmation returns how a change may be confirmed, or why not.
func (r *Registry) confirmation(a *journal.Act, as reader, row *changeRow, proven bool) (journal.Confirmation, error) {
	mayPropose := as.org.Leads
	if r.kinds[row.Kind].Admins {
		mayPropose = as.org.IsAdmin
	}
	if !mayPropose(row.ProposedBy) {
		return "", fault.Conflict("proposer_left")
	}
	refuse := func(code string) error {
		return a.Refuse(fault.Forbidden(code), journal.Entry{Subject: journal.Ref{Kind: "change", ID: row.ID}},
			map[string]any{"action": "confirm_change", "name": row.Name})
	}
	if as.isMachine() || !as.admin {
		return "", refuse("second_admin_needed")
	}
	independent, err := r.independent(a.Tx, row.ProposedBy, as.user.ID)
	switch {
	case err != nil:
		return "", err
	case independent:
		return journal.BySecondAdmin, nil
	case as.only && proven:
		return journal.ByPassword, nil
	case as.only:
		return "", fault.Forbidden("password_needed")
	case row.ProposedBy == as.user.ID:
		return "", refuse("second_admin_needed")
	}
	return "", refuse("not_independent")
}

// independent reports whether two users are two people, as far as the journal knows: neither is signed in by the
// other's hand.
func (r *Registry) independent(tx *store.Tx, one, other int64) (bool, error) {
	if one == other {
		return false, nil
	}
	for _, pair := range [][2]int64{{one, other}, {other, one}} {
		signsIn, err := r.roster.SignsInFor(tx, pair[0], pair[1])
		if err != nil || signsIn {
			return false, err
		}
	}
	return true, nil
}

// Refuse ends a change that an administrator does not want, with a reason for its proposer.
func (r *Registry) Refuse(ctx context.Context, by *access.User, id int64, reason string) (Change, error) {
	reason = text.Tidy(reason)
	if code := text.CheckRequired(reason, maxReason); code != "" {
		return Change{}, fault.Invalid("reason", code)
	}
	end := ending{Refused, ChangeRefused, reason}
	return r.decide(ctx, by, id, end, func(as reader, row *changeRow) bool {
		return as.admin && row.ProposedBy != by.ID
	})
}

// Withdraw ends a change of the user's own.
func (r *Registry) Withdraw(ctx context.Context, by *access.User, id int64) (Change, error) {
	end := ending{Withdrawn, ChangeWithdrawn, ""}
	return r.decide(ctx, by, id, end, func(_ reader, row *changeRow) bool { return row.ProposedBy == by.ID })
}

// ending is how a change ends without being applied.
type ending struct {
	state  State
	verb   journal.Verb
	reason string
}

// decide ends a change without applying it.
func (r *Registry) decide(ctx context.Context, by *access.User, id int64, end ending,
	allowed func(as reader, row *changeRow) bool) (out Change, err error) {
	row, err := changes.Find(r.db.Read(ctx), id)
	if err != nil {
		return out, err
	}
	err = r.journal.Write(ctx, r.db, by, func(a *journal.Act) error {
		done, err := r.end(a, *row, end.state, end.reason)
		if err != nil {
			return err
		}
		as, err := r.readerIn(a.Tx, by)
		if err != nil {
			return err
		}
		if !allowed(as, row) {
			return fault.Forbidden("change_forbidden")
		}
		out = done.change(as)
		a.Tx.Answer(out)
		return a.Record(done.entry(end.verb), done.details(as))
	})
	return out, err
}

// end closes a change, or returns the conflict "change_decided" for one that does not wait any more.
func (r *Registry) end(a *journal.Act, row changeRow, to State, reason string) (*changeRow, error) {
	now := store.MomentOf(a.Tx.Now())
	row.State, row.DecidedBy, row.DecidedAt, row.Reason = to, a.User.ID, now, reason
	closed, err := row.close(a.Tx)
	if err != nil {
		return nil, err
	}
	if !closed || row.ExpiresAt <= now && to != Expired {
		return nil, fault.Conflict("change_decided")
	}
	return &row, nil
}

// outdate ends a change whose subject was changed meanwhile, and returns the conflict "change_outdated".
func (r *Registry) outdate(ctx context.Context, by *access.User, row *changeRow) error {
	err := r.journal.Write(store.Apart(ctx), r.db, by, func(a *journal.Act) error {
		done, err := r.end(a, *row, Outdated, "")
		if err != nil {
			return err
		}
		as, err := r.readerIn(a.Tx, by)
		if err != nil {
			return err
		}
		return a.Record(done.entry(ChangeOutdated), done.details(as))
	})
	if err != nil {
		return err
	}
	return fault.Conflict("change_outdated")
}

// Sweep records which changes have expired.
func (r *Registry) Sweep(ctx context.Context) error {
	rows, err := changes.List(r.db.Read(ctx), overdue(store.MomentOf(r.db.Clock())), store.By("id"))
	if err != nil {
		return err
	}
	for _, row := range rows {
		err := r.journal.Write(ctx, r.db, access.System(), func(a *journal.Act) error {
			done, err := r.end(a, *row, Expired, "")
			if err != nil {
				return err
			}
			as, err := r.readerIn(a.Tx, a.User)
			if err != nil {
				return err
			}
			return a.Record(done.entry(ChangeExpired), done.details(as))
		})
		if err != nil && !fault.Is(err, fault.KindConflict) { // decided a moment ago
			return err
		}
	}
	return nil
}
