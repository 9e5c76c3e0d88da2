package staff

import (
	"testing"

	"callhue/internal/access"
	"callhue/journal"
)

// Streams that were opened before a new head was named end, so that the new head hears what heads hear.
func TestANewHeadEndsStreams(t *testing.T) {
	added := journal.Entry{Verb: DepartmentAdded, Details: journal.Details(map[string]any{"name": "C", "head_id": 7})}
	changed := journal.Entry{Verb: DepartmentChanged,
		Details: journal.Details(map[string]any{"changed": map[string]any{"head_id": map[string]any{"from": 3,
			"to": 7}}})}
	for _, c := range []struct {
		why   string
		entry journal.Entry
		user  int64
		leads []int64
		want  bool
	}{
		{"a new head", changed, 7, nil, true},
		{"of a new department", added, 7, nil, true},
		{"an agent is not concerned", changed, 8, nil, false},
		{"a head is, whichever department it is about", changed, 8, []int64{2}, true},
	} {
		l := journal.Listener{User: access.User{ID: c.user}, Leads: c.leads}
		if got := movesHeads(c.entry).Includes(l); got != c.want {
			t.Errorf("%s: %v, want %v", c.why, got, c.want)
		}
	}
}
