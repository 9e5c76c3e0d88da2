package amocrm

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callhue/crm"
	"callhue/crmsync"
	sim "callhue/test/fakecrm/amocrm"
)

func fill(account *sim.Account, kind sim.Kind, n int) {
	records := make([]sim.Record, n)
	for i := range records {
		records[i] = sim.Record{Name: fmt.Sprint("Acme ", i), Responsible: 300}
	}
	account.Fill(kind, records...)
}

// walk reads all pages and calls between after each.
func walk(t *testing.T, p *Portal, q crmsync.Query, between func()) (ids []string) {
	t.Helper()
	for range 1000 {
		page, err := p.Page(context.Background(), q)
		if err != nil {
			t.Fatalf("after %q: %v", q.After, err)
		}
		for _, r := range page.Records {
			ids = append(ids, r.ID)
		}
		if page.Next == "" {
			return ids
		}
		q.After = page.Next
		between()
	}
	t.Fatal("the pages have no end")
	return nil
}

func TestPages(t *testing.T) {
	for _, c := range []struct{ records, requests int }{
		{0, 1}, {1, 1}, {249, 1}, {250, 1}, {251, 2}, {498, 2}, {499, 3}, {3000, 13},
	} {
		for kind, name := range map[crm.Kind]sim.Kind{
			crm.KindCompany: sim.Companies, crm.KindContact: sim.Contacts, crm.KindLead: sim.Leads,
		} {
			t.Run(fmt.Sprint(c.records, " ", name), func(t *testing.T) {
				inWorld(t, func(w *world) {
					fill(w.account, name, c.records)
					ids := walk(w.T, w.portal(), crmsync.Query{Kind: kind}, func() {})
					var want []string
					for i := range c.records {
						want = append(want, strconv.Itoa(7001+i))
					}
					if !slices.Equal(ids, want) {
						w.Errorf("%d ids, not %d", len(ids), len(want))
					}
					if n := len(w.account.Log()); n != c.requests {
						w.Errorf("%d requests, not %d", n, c.requests)
					}
				})
			})
		}
	}
}

func TestPageSince(t *testing.T) {
	inWorld(t, func(w *world) {
		fill(w.account, sim.Contacts, 600)
		time.Sleep(time.Hour)
		since := time.Now()
		var want []string
		for id := int64(7001); id <= 7600; id += 2 {
			w.account.Change(sim.Contacts, id, 300, func(r *sim.Record) { r.Name = "Ivanov" })
			want = append(want, strconv.FormatInt(id, 10))
		}
		if got := walk(w.T, w.portal(), crmsync.Query{Kind: crm.KindContact, Since: since}, func() {}); !slices.Equal(
			got,
			want,
		) {
			w.Errorf("%d ids, not %d", len(got), len(want))
		}
	})
}

// TestPagesWhileRecordsAreRemoved checks that a record that exists throughout is returned exactly once,
// whatever is removed and added between two pages.
func TestPagesWhileRecordsAreRemoved(t *testing.T) {
	for _, c := range []struct {
		why      string
		from, to int64 // removed after the first page
	}{
		{"one of the first page", 7001, 7001},
		{"the last one of the first page", 7250, 7250},
		{"one that comes next", 7251, 7251},
		{"more than a page reaches back", 7001, 7010},
		{"the whole first page", 7001, 7250},
		{"the first and the second page", 7001, 7500},
		{"all but the last", 7001, 7999},
		{"all", 7001, 8000},
	} {
		t.Run(c.why, func(t *testing.T) {
			inWorld(t, func(w *world) {
				fill(w.account, sim.Companies, 1000)
				once := true
				got := walk(w.T, w.portal(), crmsync.Query{Kind: crm.KindCompany}, func() {
					for id := c.from; once && id <= c.to; id++ {
						w.account.Remove(sim.Companies, id)
					}
					once = false
				})
				var want []string
				for id := int64(7001); id <= 8000; id++ {
					if id <= 7250 || id < c.from || id > c.to {
						want = append(want, strconv.FormatInt(id, 10))
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					w.Error(diff)
				}
			})
		})
	}
}

func TestPagesWhileEverythingChanges(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			inWorld(t, func(w *world) {
				random := rand.New(rand.NewPCG(seed, 1))
				fill(w.account, sim.Contacts, 1500)
				stayed := map[string]bool{}
				for i := range 1500 {
					stayed[strconv.Itoa(7001+i)] = true
				}
				got := walk(w.T, w.portal(), crmsync.Query{Kind: crm.KindContact}, func() {
					for range random.IntN(300) {
						id := 7001 + random.Int64N(1500)
						switch random.IntN(4) {
						case 0:
							w.account.Add(sim.Contacts, sim.Record{Name: "Petrov"})
						case 1:
							w.account.Change(sim.Contacts, id, 300, func(r *sim.Record) { r.Name = "Ivanov" })
						default:
							w.account.Remove(sim.Contacts, id)
							delete(stayed, strconv.FormatInt(id, 10))
						}
					}
				})
				times := map[string]int{}
				for _, id := range got {
					times[id]++
				}
				for id, n := range times {
					if n > 1 {
						w.Errorf("%s came %d times", id, n)
					}
				}
				for id := range stayed {
					if times[id] == 0 {
						w.Errorf("%s was there all the time and did not come", id)
					}
				}
			})
		})
	}
}

func TestCursorRoundTrip(t *testing.T) {
	if got, err := parseCursor(cursor{count: 498, last: 7498}.String()); err != nil ||
		got != (cursor{count: 498, last: 7498}) {
		t.Errorf("%v, %v", got, err)
	}
	for _, after := range []string{"x", "1", "-", "1-x", "-1-5", "5--1"} {
		if _, err := parseCursor(after); keyOf(err) != "invalid_input" {
			t.Errorf("%q: %v", after, err)
		}
	}
}

// TestWindows checks that a page begins before the cursor, is not larger than the account allows, and
// returns nearly a full page.
func TestWindows(t *testing.T) {
	for count := 1; count < 300_000; count += 7 {
		w := windowAt(count)
		if w.offset() >= count || w.size > pageSize || w.number < 1 {
			t.Fatalf("%d: %+v", count, w)
		}
		if fresh := w.offset() + w.size - count; fresh < smallestPage {
			t.Fatalf("%d: %+v brings only %d", count, w, fresh)
		}
	}
}
