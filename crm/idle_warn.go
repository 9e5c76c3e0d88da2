package crm

import (
	"context"
	"encoding/json"
	"time"

	"callhue/internal/store"
	"callhue/journal"
	"callhue/statuses"
)

// Idle is a company whose owner's side has not been in touch with it for long.
type Idle struct {
	ID        int64
	Name      string
	OwnerID   int64
	TouchedAt time.Time
}

// idleAtOnce is how many companies are read together, and warned about in one transaction at most.
const idleAtOnce = 200

// EachIdle passes the protected companies that were not touched since a moment, and of which no warning was recorded
// since they were, in parts. It reads all companies, on the connections for slow reading.
func (b *Records) EachIdle(ctx context.Context, before time.Time, do func([]Idle) error) error {
	for after := int64(0); ; {
		rows, err := idleRows(b.db.ReadSlow(ctx), after, store.Millis(before), idleAtOnce)
		if err != nil || len(rows) == 0 {
			return err
		}
		set, err := b.directory.Set(ctx)
		if err != nil {
			return err
		}
		var idle []Idle
		for _, r := range rows {
			touched := r.touched(set)
			if isRed(set, r.StatusID) && touched < store.Millis(before) && touched != r.Warned {
				idle = append(idle, Idle{r.ID, r.Name, r.OwnerID, store.Time(touched)})
			}
		}
		if len(idle) > 0 {
			if err := do(idle); err != nil {
				return err
			}
		}
		after = rows[len(rows)-1].ID
	}
}

// touched returns when the owner's side was in touch, or when the protection began, in milliseconds.
func (r *idleRow) touched(set *statuses.Set) int64 {
	at := max(r.Contact, r.Since)
	if s := set.ByID(r.StatusID); s != nil && r.StatusAt < int64(s.RedSince) {
		at = max(at, int64(s.RedSince))
	}
	return at
}

// IdleWarning is an idle company and the users to warn.
type IdleWarning struct {
	Idle
	Team   int64 // the owner's department
	Days   int   // without a contact
	Fades  time.Time
	Notify []int64
}

// RecordIdle records warnings.
func (b *Records) RecordIdle(ctx context.Context, warnings []IdleWarning) error {
	return b.db.Write(ctx, func(tx *store.Tx) error {
		for _, w := range warnings {
			if err := putWarning(tx, w.ID, store.Millis(w.TouchedAt), store.Millis(tx.Now())); err != nil {
				return err
			}
			company := journal.Ref{Kind: KindCompany.String(), ID: w.ID}
			_, err := b.journal.Record(tx, journal.Entry{Verb: CompanyIdle, Team: w.Team, Subject: company,
				Client: company, Amount: int64(w.Days),
				Details: journal.Details(map[string]any{"name": w.Name, "owner": w.OwnerID,
					"days": w.Days, "fades_at": w.Fades, "notify": w.Notify})})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// namedInWarning returns the users that a warning names.
func namedInWarning(e journal.Entry) journal.Audience {
	var details struct {
		Notify []int64 `json:"notify"`
	}
	if json.Unmarshal(e.Details, &details) != nil {
		return journal.Audience{}
	}
	return journal.Audience{Users: details.Notify}
}
