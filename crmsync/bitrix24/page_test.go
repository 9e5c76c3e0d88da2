package bitrix24

import (
	"context"
	"fmt"
	"testing"
	"time"

	"callhue/crm"
	"callhue/crmsync"
	portal "callhue/test/fakecrm/bitrix24"
)

func TestPagesReturnEveryRecordOnce(t *testing.T) {
	for _, lists := range []Lists{Classic, Items} {
		for _, n := range []int{0, 1, 49, 50, 51, 100, 1050, 2500, 10000} {
			t.Run(fmt.Sprint(lists, n), func(t *testing.T) {
				w := newWorld(t, portal.Options{Companies: n, Contacts: min(n, 1100), Leads: min(n, 1100)})
				p := w.webhook(func(o *Options) { o.Lists = lists })
				for _, kind := range allKinds {
					n := n
					if kind != crm.KindCompany {
						n = min(n, 1100)
					}
					w.sim.Forget()
					all, pages := w.every(p, crmsync.Query{Kind: kind})
					w.ids(fmt.Sprint(kind), all, n)
					if total := pages[0].Total; total != int64(n) {
						t.Errorf("%s: %d in all, want %d", kind, total, n)
					}
					most := 1 + (max(0, n-50)+50+999)/1000 // the last list must not be full
					if got := len(w.sim.Requests()); got > most {
						t.Errorf("%s: %d requests for %d records, want at most %d", kind, got, n, most)
					}
					w.checkRequests()
				}
			})
		}
	}
}

// TestRemovalsAndAdditionsWhilePaging checks that no record is returned twice: a reference to a record that
// a list does not have becomes an empty filter, and the list after it starts over.
func TestRemovalsAndAdditionsWhilePaging(t *testing.T) {
	for _, lists := range []Lists{Classic, Items} {
		for _, kind := range allKinds {
			t.Run(fmt.Sprint(lists, kind), func(t *testing.T) {
				w := newWorld(t, portal.Options{Companies: 300, Contacts: 300, Leads: 300})
				p := w.webhook(func(o *Options) { o.Lists = lists })
				name := kinds[kind].code
				all, _ := w.every(p, crmsync.Query{Kind: kind}, func(page int) {
					if page == 0 { // fifty were returned, 250 are expected
						for id := 90; id < 240; id++ {
							w.sim.Remove(name, id)
						}
						w.sim.Remove(name, 3) // returned already: shifts nothing
					}
				})
				var gone []int
				for id := 90; id < 240; id++ {
					gone = append(gone, id)
				}
				w.ids("removed", all, 300, gone...)

				w = newWorld(t, portal.Options{Companies: 120, Contacts: 120, Leads: 120})
				p = w.webhook(func(o *Options) { o.Lists = lists })
				all, _ = w.every(p, crmsync.Query{Kind: kind}, func(page int) {
					if page == 0 {
						for range 200 {
							w.sim.Add(name, 1, portal.Record{Title: "New", Name: "New", Stage: "NEW"})
						}
					}
				})
				w.ids("added", all, 320)
				w.checkRequests()
			})
		}
	}
}

func TestPageSince(t *testing.T) {
	for _, lists := range []Lists{Classic, Items} {
		for _, kind := range allKinds {
			w := newWorld(t, portal.Options{Companies: 200, Contacts: 200, Leads: 200})
			p := w.webhook(func(o *Options) { o.Lists = lists })
			w.clock.Wait(context.Background(), time.Hour)
			since := w.clock.Now()
			for _, id := range []int{7, 60, 199} {
				w.sim.Change(kinds[kind].code, 3, id, func(r *portal.Record) { r.Owner = 2 })
			}
			all, pages := w.every(p, crmsync.Query{Kind: kind, Since: since})
			if len(all) != 3 || all[0].ID != "7" || all[1].ID != "60" || all[2].ID != "199" || pages[0].Total != 3 {
				t.Errorf("%s %s: %v", lists, kind, all)
			}
			for _, r := range all {
				if r.ChangedBy != "3" || !r.ChangedAt.Equal(since) || r.OwnerID != "2" {
					t.Errorf("%s %s: changed by %q at %s, owner %q", lists, kind, r.ChangedBy, r.ChangedAt, r.OwnerID)
				}
			}
		}
	}
}

func TestInvalidCursors(t *testing.T) {
	p := newWorld(t, portal.Options{}).webhook()
	for _, after := range []string{"7", "a-b-c", "1-2", "-1-2-3", "1-2-3-4", "1--3"} {
		if _, err := p.Page(context.Background(), crmsync.Query{Kind: crm.KindCompany, After: after}); key(
			err,
		) != "invalid_input" {
			t.Errorf("after %q: %v", after, err)
		}
	}
	if _, err := p.Page(context.Background(), crmsync.Query{Kind: 99}); key(err) != "invalid_input" {
		t.Error(err)
	}
	if _, err := p.Read(context.Background(), 99, []string{"1"}, ""); key(err) != "invalid_input" {
		t.Error(err)
	}
}
