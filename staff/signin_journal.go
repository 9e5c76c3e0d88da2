package staff

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/internal/store"
	"callhue/journal"
)

// newSignInCounter counts sign-ins with a password by outcome: right, wrong, refused (too many).
func newSignInCounter() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "callhue_sign_ins_total",
		Help: "Sign-ins with a password by outcome: right, wrong, refused (too many tries).",
	}, []string{"outcome"})
}

// RegisterMetrics adds the package's metrics.
func (r *Roster) RegisterMetrics(metrics prometheus.Registerer) { metrics.MustRegister(r.signIns) }

// failedDetails are the details of an entry about a failed sign-in. The login that was typed is not among them: it may
// be a password in the wrong field.
type failedDetails struct {
	Address string `json:"address"`
	Refused bool   `json:"refused"` // too many tries; further ones of the address are not recorded for a minute
}

// recordWrongSignIn records a sign-in with a wrong password, or of an unknown login (nil).
func (r *Roster) recordWrongSignIn(ctx context.Context, u *User, address string) error {
	r.signIns.WithLabelValues("wrong").Inc()
	return r.recordFailed(ctx, u, failedDetails{Address: address})
}

// recordRefusedSignIn records that an address has tried too often, at most once a minute: a flood of tries must cost no
// writes. An entry that cannot be written is not worth more than the refusal.
func (r *Roster) recordRefusedSignIn(ctx context.Context, u *User, address string) {
	r.signIns.WithLabelValues("refused").Inc()
	if _, first := r.limits.entries.Allow(network(address)); first {
		_ = r.recordFailed(ctx, u, failedDetails{Address: address, Refused: true})
	}
}

func (r *Roster) recordFailed(ctx context.Context, u *User, details failedDetails) error {
	entry := journal.Entry{Verb: SignInFailed, Details: journal.Details(details)}
	if u != nil {
		entry.Team, entry.Subject = u.DepartmentID, journal.Ref{Kind: "user", ID: u.ID}
	}
	return r.db.Write(ctx, func(tx *store.Tx) error {
		_, err := r.journal.Record(tx, entry)
		return err
	})
}
