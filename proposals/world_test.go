package proposals

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/policy"
	"callhue/rules"
	"callhue/staff"
	"callhue/statuses"
	"callhue/test/house"
)

// world is an organisation with two administrators and a supervisor, joined as cmd/callhue joins it.
type world struct {
	*house.House
	registry    *Registry
	policy      *policy.Versions
	olga, sonya *access.User // the second administrator, a supervisor
}

// inWorld runs a test on both databases.
func inWorld(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := &world{House: house.New(t, db)}
		w.olga = w.User("olga", 0, access.Admin)
		w.sonya = w.User("sonya", w.A, access.Supervisor)
		w.policy = policy.New(w.DB, w.Journal, w.Roster, w.Directory, rules.Default())
		w.registry = New(w.DB, w.Journal, w.Roster, slog.New(slog.DiscardHandler))
		effect := func(context.Context, json.RawMessage) (*ChangeEffect, error) {
			return &ChangeEffect{Companies: 17, Calls: map[string]int{"red->none": 12}}, nil
		}
		w.registry.Register(statuses.ProposalKind, Kind{Hold: w.Directory.HoldProposed,
			Apply: w.Directory.ApplyProposed, Effect: effect})
		w.registry.Register(policy.ProposalKind, Kind{Admins: true, Hold: w.policy.HoldProposed,
			Apply: w.policy.ApplyProposed, Effect: effect})
		w.registry.Register(staff.ProposalKind, Kind{Admins: true, Hold: w.Roster.HoldProposed,
			Apply: w.Roster.ApplyProposed})
		test(t, w)
	})
}

// status returns an entry of the directory as it stands.
func (w *world) status(code string) statuses.Status {
	w.T.Helper()
	set, err := statuses.SetIn(w.DB.Read(context.Background()))
	house.Must(w.T, err)
	return *set.ByCode(code)
}

// weaken asks for a weaker effect of IN_WORK, and returns the error of that.
func (w *world) weaken(by *access.User, to rules.Effect) error {
	_, err := w.Directory.Change(context.Background(), by, statuses.InWork,
		statuses.StatusChange{Version: w.status(statuses.InWork).Version, CardEffect: &to})
	return err
}

// waits returns the change that an error says is waiting.
func waits(t *testing.T, err error) Change {
	t.Helper()
	var waiting *Waiting
	if !errors.As(err, &waiting) {
		t.Fatalf("it does not wait: %v", err)
	}
	return waiting.Change
}

// refused wants the fault of a key.
func refused(t *testing.T, err error, key string) {
	t.Helper()
	if f := fault.Of(err); f == nil || f.Key != key {
		t.Errorf("got %v, want %s", err, key)
	}
}

// roles returns the roles of a user as they stand.
func (w *world) roles(id int64) string {
	w.T.Helper()
	org, err := w.Roster.OrgIn(w.DB.Read(context.Background()))
	house.Must(w.T, err)
	var names []string
	for _, role := range org.User(id).Roles {
		names = append(names, string(role))
	}
	return strings.Join(names, ",")
}

// details returns the details of the newest entry of a verb.
func (w *world) details(verb journal.Verb) string {
	w.T.Helper()
	list := w.Entries(verb)
	if len(list) == 0 {
		w.T.Fatalf("the journal has no %s", verb)
	}
	return string(list[0].Details)
}

func journalVerb(name string) journal.Verb { return journal.Verb(name) }

func moment(at time.Time) store.Moment { return store.MomentOf(at) }
