package incidents

import (
	"slices"
	"testing"

	"callhue/internal/store"
	"callhue/rules"
	"callhue/test/house"
)

// TestThePolicySaysWhoIsNotified: Vera, whose head is Oleg, has talked with a client of Anna, whose head is Igor.
func TestThePolicySaysWhoIsNotified(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := house.New(t, db)
		anna, igor, vera, oleg := h.Anna.ID, h.Igor.ID, h.Vera.ID, h.Oleg.ID
		org, err := h.Roster.Org(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			why          string
			agent, owner int64
			notify       rules.Notify
			want         []int64
		}{
			{"all of them", vera, anna, rules.Notify{Owner: true, OwnerHead: true, AgentHead: true},
				[]int64{anna, igor, oleg}},
			{"the agent's head only", vera, anna, rules.Notify{AgentHead: true}, []int64{oleg}},
			{"no one", vera, anna, rules.Notify{}, nil},
			{"never the agent, although they head the owner", igor, anna, rules.Notify{Owner: true, OwnerHead: true},
				[]int64{anna}},
		} {
			got := notified(org, &incidentRow{AgentID: c.agent, OwnerID: c.owner}, c.notify)
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", c.why, got, c.want)
			}
		}
	})
}
