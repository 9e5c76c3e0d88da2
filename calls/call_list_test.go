package calls

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"callhue/internal/store"
	"callhue/rules"
)

// fillJournal fills the journal with calls, one a minute, by agents and sources in turn.
func (o *office) fillJournal(calls, agents, sources int) {
	o.t.Helper()
	colors := []rules.Color{rules.None, rules.None, rules.None, rules.Yellow, rules.Red}
	start := o.clock.Load()
	o.must(o.db.Write(context.Background(), func(tx *store.Tx) error {
		for n := range calls {
			at := start + int64(n)*60_000
			id, err := tx.Insert(`INSERT INTO calls (source, call_id, direction, state, result, number_raw, number_kind, number_key, extension, line,
				started_at, answered_at, ended_at, duration, recording_url, note, final, version)
				VALUES (?, ?, 'out', 'ended', 'answered', '', 'external', ?, '', '', ?, ?, ?, 20, '', '', 1, 1)`,
				fmt.Sprint("pbx", n%sources), fmt.Sprint("past-", n), 74950002000+n%500, at, at+5000, at+25_000)
			if err != nil {
				return err
			}
			for _, agent := range []int{n % agents, (n + 1) % agents} {
				card := &cardRow{CallID: id, AgentKey: fmt.Sprint("user ", 1000+agent), AgentID: int64(1000 + agent), State: StateEnded,
					Color: string(colors[n%len(colors)]), ClientKind: "company", ClientID: int64(1 + n%300), EndedAt: at + 25_000, StartedAt: at, Card: "{}"}
				if err := addCard(tx, card); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

func TestTheJournalIsFilteredCompletely(t *testing.T) {
	inOffice(t, func(o *office) {
		o.fillJournal(200, 4, 3)
		read := o.db.Read(context.Background())
		all, err := listCalls(read, filter{Limit: 1000})
		o.must(err)
		cards, err := cardsOfAll(read, idsOf(all))
		o.must(err)
		for _, f := range []filter{{}, {Source: "pbx1"}, {Agent: 1002}, {Agent: 1002, Source: "pbx1"}, {Color: "red"}, {Color: "grey"}, {Agent: 1001, Color: "yellow"},
			{Client: clientRef{"company", 7}}, {Client: clientRef{"company", 7}, Merged: []int64{8, 9}}, {Number: 74950002007}, {Agent: 1003, Number: 74950002007},
			{Agent: 1000, From: all[150].StartedAt, Until: all[20].StartedAt},
			{People: []int64{1001, 1002}}, {People: []int64{1003, 77}, Source: "pbx2"}, {People: []int64{77}},
			{People: []int64{1000, 1001}, Color: "red"}} {
			want := slices.DeleteFunc(slices.Clone(all), func(c *callRow) bool { return !f.fits(c, cards) })
			ways := []filter{f}
			if len(f.People) > 0 { // many people are found in another way than few
				f.Of, f.People = store.In("{}", f.People), nil
				ways = append(ways, f)
			}
			for _, f := range ways {
				got := []*callRow{}
				f.Limit = 7
				for page, err := listCalls(read, f); len(page) > 0; page, err = listCalls(read, f) {
					o.must(err)
					got = append(got, page...)
					f.Before = callCursor{page[len(page)-1].StartedAt, page[len(page)-1].ID}
				}
				if !slices.Equal(idsOf(got), idsOf(want)) {
					t.Errorf("%+v: %d calls page by page, want %d", f, len(got), len(want))
				}
			}
		}
	})
}

func idsOf(calls []*callRow) []int64 {
	ids := make([]int64, len(calls))
	for i, c := range calls {
		ids[i] = c.ID
	}
	return ids
}

// fits is the filter read once more, plainly.
func (f filter) fits(c *callRow, cards []*cardRow) bool {
	if f.Source != "" && c.Source != f.Source || f.Number != 0 && c.NumberKey != f.Number ||
		f.From != 0 && c.StartedAt < f.From || f.Until != 0 && c.StartedAt >= f.Until {
		return false
	}
	return !f.ofCards() || slices.ContainsFunc(cards, func(k *cardRow) bool {
		return k.CallID == c.ID && (f.Agent == 0 || k.AgentID == f.Agent) && (f.Color == "" || k.Color == f.Color) &&
			(len(f.People) == 0 || slices.Contains(f.People, k.AgentID)) &&
			(f.Client.ID == 0 || k.ClientKind == f.Client.Kind && (k.ClientID == f.Client.ID || slices.Contains(f.Merged, k.ClientID)))
	})
}

// TestALongJournalIsReadFromItsEnd asks each database how it would go about the lists that people look at: never
// through the whole journal, never by sorting it.
func TestALongJournalIsReadFromItsEnd(t *testing.T) {
	inOffice(t, func(o *office) {
		o.fillJournal(1500, 20, 5)
		departmentThree := store.Condition("{} IN (SELECT users.id FROM users WHERE users.department_id = ?)", 3)
		for _, c := range []struct {
			why   string
			f     filter
			index string
		}{
			{"by agent", filter{Agent: 1003, Limit: 51}, "cards_by_agent_time"},
			{"by agent, a further page", filter{Agent: 1003, Limit: 51, Before: callCursor{o.clock.Load() + 60_000_000, 900}}, "cards_by_agent_time"},
			{"of a few people", filter{People: []int64{1003, 1004}, Limit: 51}, "cards_by_agent_time"},
			{"of many people", filter{Of: departmentThree, Limit: 51}, "calls_by_time"},
			{"by colour", filter{Color: "grey", Limit: 51}, "cards_by_color_time"},
			{"by client", filter{Client: clientRef{"company", 7}, Limit: 10}, "cards_by_client"},
			{"by source", filter{Source: "pbx2", Limit: 51}, "calls_by_source_time"},
			{"by number", filter{Number: 74950002007, Limit: 51}, "calls_by_number"},
		} {
			query, args := c.f.callsSQL()
			if c.f.ofCards() {
				query, args = c.f.cardsSQL()
			}
			plan := o.explain(query, args)
			// A client and a number have few calls: those may be sorted,
			sorts := strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "filesort")
			// and so may the pages of a few people.
			sorts = sorts && len(c.f.People) == 0
			if !strings.Contains(plan, c.index) || sorts && c.index != "cards_by_client" && c.index != "calls_by_number" {
				t.Errorf("%s: want the index %s, the database says:\n%s", c.why, c.index, plan)
			}
		}
	})
}

// explain returns a database's own words on a query.
func (o *office) explain(query string, args []any) string {
	o.t.Helper()
	read := o.db.Read(context.Background())
	var plan []string
	if o.db.Engine() == "sqlite" {
		o.must(read.Each("EXPLAIN QUERY PLAN "+query, args, func(scan func(...any) error) error {
			var id, parent, unused int
			var detail string
			err := scan(&id, &parent, &unused, &detail)
			plan = append(plan, detail)
			return err
		}))
		return strings.Join(plan, "\n")
	}
	o.must(read.Each("ANALYZE TABLE calls, cards", nil, func(func(...any) error) error { return nil }))
	o.must(read.Each("EXPLAIN "+query, args, func(scan func(...any) error) error {
		cells := make([]*string, 10)
		into := make([]any, len(cells))
		for i := range cells {
			into[i] = &cells[i]
		}
		err := scan(into...)
		for _, at := range []int{5, 9} { // the key that is used, and the remarks
			if c := cells[at]; c != nil {
				plan = append(plan, *c)
			}
		}
		return err
	}))
	return strings.Join(plan, " ")
}
