package permits

import (
	"context"
	"encoding/json"
	"testing"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/test/house"
)

// world is a Registry with an organisation around it.
type world struct {
	*testing.T
	*Registry
	*house.House
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	h := house.New(t, db)
	return &world{T: t, House: h, Registry: New(h.DB, h.Journal, h.Roster, h.Records, house.Log())}
}

// held returns until when an agent may work with a company, by the memory that the
// cards use.
func (w *world) held(agent *access.User, company crm.Company) (Pass, bool) {
	w.Helper()
	ctx := context.Background()
	now, err := w.Records.FindCompany(ctx, company.ID)
	must(w.T, err)
	held, err := w.Held(ctx)
	must(w.T, err)
	return held.Find(agent.ID, company.ID, now.OwnerID, w.Clock.Now())
}

func (w *world) holds(why string, agent *access.User, company crm.Company, want bool) {
	w.Helper()
	if _, is := w.held(agent, company); is != want {
		w.Errorf("%s: %s holds a permit for %s: %v, want %v", why, agent.Login, company.Name, is, want)
	}
}

// word reads one detail of a journal entry.
func word(t *testing.T, e journal.Entry, name string) any {
	t.Helper()
	var all map[string]any
	must(t, json.Unmarshal(e.Details, &all))
	return all[name]
}

func must(t *testing.T, err error) {
	t.Helper()
	house.Must(t, err)
}

func wantFault(t *testing.T, why string, err error, key string) {
	t.Helper()
	house.WantFault(t, why, err, key)
}
