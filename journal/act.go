package journal

import (
	"context"
	"errors"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
)

// Act is one write in progress: its transaction, its user, and the faults of the input so far. Rights are asked of
// staff.Roster.OrgIn(a.Tx), which holds inside the transaction.
type Act struct {
	Tx   *store.Tx
	User *access.User
	// Wrong gathers the faults of the input; Check ends the gathering.
	Wrong *fault.Error

	journal   *Journal
	confirmed *Confirmed // the proposal that is being applied; nil for other writes
}

// Write runs a write in a transaction of db, whose clock may differ from the journal's, and repeats it when the
// database demands that. A write that ends in a Refusal is undone, an entry with the user and the attempt is recorded, and the
// refusal's fault is returned. A write that ends in a Proposal is undone, and the change waits.
func (j *Journal) Write(ctx context.Context, db *store.DB, user *access.User, do func(a *Act) error) error {
	err := db.Write(ctx, func(tx *store.Tx) error { return do(j.Act(tx, user)) })
	var refused *Refusal
	var proposed *Proposal
	if errors.As(err, &proposed) && j.propose != nil {
		return j.propose(ctx, user, proposed)
	}
	if !errors.As(err, &refused) {
		return err
	}
	// A refusal is not the work that an Idempotency-Key stands for.
	if err := db.Write(store.Apart(ctx), func(tx *store.Tx) error {
		return j.Act(tx, user).Keep(refused)
	}); err != nil {
		return err
	}
	return refused.Fault
}

// Act returns the write of a user in a transaction that is under way.
func (j *Journal) Act(tx *store.Tx, user *access.User) *Act {
	return &Act{Tx: tx, User: user, journal: j}
}

// Record records an entry with its details, any JSON object. The actor is the user of the write.
func (a *Act) Record(e Entry, details any) error {
	e.Actor, e.Details = a.User.ID, Details(details)
	if a.confirmed != nil {
		e.Details = a.confirmed.withConfirmation(e.Details)
	}
	_, err := a.journal.Record(a.Tx, e)
	return err
}

// Invalid adds a fault of a field; the code "" adds none.
func (a *Act) Invalid(field, code string) {
	if code != "" {
		a.Wrong = a.Wrong.And(field, code)
	}
}

// Text returns a typed text without superfluous blanks and adds its faults. longest is in characters.
func (a *Act) Text(field, value string, longest int) string {
	value = text.Tidy(value)
	a.Invalid(field, text.Check(value, longest))
	return value
}

// Required is Text for a text that must not be empty.
func (a *Act) Required(field, value string, longest int) string {
	value = text.Tidy(value)
	a.Invalid(field, text.CheckRequired(value, longest))
	return value
}

// Check returns the gathered faults, nil when there are none.
func (a *Act) Check() error { return a.Wrong.OrNil() }

// Refusal ends a write of a user without the right to it. Nothing of the write stays but the entry about the attempt.
type Refusal struct {
	Fault *fault.Error

	about   Entry
	details map[string]any
}

func (r *Refusal) Error() string { return r.Fault.Error() }
func (r *Refusal) Unwrap() error { return r.Fault }

// Refuse returns the error that ends a write. about has the subject, client and team of the attempt, details its input;
// the code of the fault is added to them.
func (a *Act) Refuse(f *fault.Error, about Entry, details map[string]any) error {
	details["code"] = f.Key
	return &Refusal{f, about, details}
}

// Keep writes the entry of a refusal.
func (a *Act) Keep(r *Refusal) error {
	r.about.Verb = ChangeRefused
	return a.Record(r.about, r.details)
}
