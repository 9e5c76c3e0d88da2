package permits

import (
	"context"
	"sync"
	"testing"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
)

func TestWhoMayGiveAPermit(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, ctx := newWorld(t, db), context.Background()
		acme := w.Company("Acme", w.Anna)
		for _, c := range []struct {
			why  string
			by   *access.User
			code string
		}{
			{"the owner's head", w.Igor, ""},
			{"the head above him", w.Rita, ""},
			{"an admin", w.Admin, ""},
			{"not the owner herself", w.Anna, "permit_forbidden"},
			{"not a colleague", w.Vera, "permit_forbidden"},
			{"not the head of another department", w.Oleg, "permit_forbidden"},
			{"not who would get it", w.Boris, "permit_forbidden"},
		} {
			t.Run(c.why, func(t *testing.T) {
				refused, given := len(w.Entries(journal.ChangeRefused)), len(w.Entries(PermitGranted))
				_, err := w.Grant(ctx, c.by, NewPermit{AgentID: w.Boris.ID, CompanyID: acme.ID, Hours: 2})
				wantFault(t, c.why, err, c.code)
				if c.code == "" {
					return
				}
				after := w.Entries(journal.ChangeRefused)
				if len(after) != refused+1 || after[0].Actor != c.by.ID || word(t, after[0], "code") != c.code ||
					after[0].Client.ID != acme.ID {
					t.Errorf("%s: the journal keeps no refusal", c.why)
				}
				if len(w.Entries(PermitGranted)) != given {
					t.Errorf("%s: refused, and yet a permit was given", c.why)
				}
			})
		}
		_, err := w.Grant(ctx, w.Igor, NewPermit{AgentID: w.Igor.ID, CompanyID: acme.ID, Hours: 2})
		wantFault(t, "nobody gives himself a permit", err, "permit_forbidden")
		_, err = w.Grant(ctx, w.Admin, NewPermit{AgentID: w.Admin.ID, CompanyID: acme.ID, Hours: 2})
		wantFault(t, "not even an admin", err, "permit_forbidden")
		igors := w.Company("Igor's", w.Igor)
		_, err = w.Grant(ctx, w.Igor, NewPermit{AgentID: w.Boris.ID, CompanyID: igors.ID, Hours: 2})
		wantFault(t, "an owner who is a head is not his own", err, "permit_forbidden")
		_, err = w.Grant(ctx, w.Rita, NewPermit{AgentID: w.Boris.ID, CompanyID: igors.ID, Hours: 2})
		wantFault(t, "his own head is asked", err, "")
	})
}

func TestWhatAPermitCanBe(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, ctx := newWorld(t, db), context.Background()
		acme, free := w.Company("Acme", w.Anna), w.Company("Nobody's", nil)
		_, err := w.Records.ChangeCompany(ctx, w.Igor, acme.ID,
			crm.CompanyChange{TeamIDs: &[]int64{w.Vera.ID}, Version: acme.Version})
		must(t, err)
		for _, c := range []struct {
			why  string
			in   NewPermit
			code string
		}{
			{"no hours", NewPermit{AgentID: w.Boris.ID, CompanyID: acme.ID}, "invalid_input"},
			{"more than a week", NewPermit{AgentID: w.Boris.ID, CompanyID: acme.ID, Hours: 169}, "invalid_input"},
			{"no agent", NewPermit{CompanyID: acme.ID, Hours: 1}, "invalid_input"},
			{"an agent whom nobody knows", NewPermit{AgentID: 9999, CompanyID: acme.ID, Hours: 1}, "invalid_input"},
			{"no such company", NewPermit{AgentID: w.Boris.ID, CompanyID: 9999, Hours: 1}, "not_found"},
			{"a helper needs none", NewPermit{AgentID: w.Vera.ID, CompanyID: acme.ID, Hours: 1}, "permit_not_needed"},
			{"the owner needs none", NewPermit{AgentID: w.Anna.ID, CompanyID: acme.ID, Hours: 1}, "permit_not_needed"},
			{"nobody's company is foreign to nobody", NewPermit{AgentID: w.Boris.ID, CompanyID: free.ID, Hours: 1},
				"company_without_owner"},
			{"a week", NewPermit{AgentID: w.Boris.ID, CompanyID: acme.ID, Hours: 168}, ""},
		} {
			_, err := w.Grant(ctx, w.Admin, c.in)
			wantFault(t, c.why, err, c.code)
		}
	})
}

func TestAPermitEnds(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, ctx := newWorld(t, db), context.Background()
		acme := w.Company("Acme", w.Anna)
		give := func(hours int) Permit {
			t.Helper()
			p, err := w.Grant(ctx, w.Igor, NewPermit{AgentID: w.Boris.ID, CompanyID: acme.ID, Hours: hours,
				Reason: "a trip"})
			must(t, err)
			return p
		}
		ended := func(why string, id int64, want Ending) {
			t.Helper()
			last := w.Entries(PermitEnded)
			if len(last) == 0 || word(t, last[0], "id") != float64(id) ||
				word(t, last[0], "end_reason") != string(want) ||
				last[0].Subject != (journal.Ref{Kind: "user", ID: w.Boris.ID}) {
				t.Errorf("%s: the journal does not tell that permit %d ended: %s", why, id, want)
			}
		}
		w.holds("before", w.Boris, acme, false)

		p := give(2)
		w.holds("from the moment it is given", w.Boris, acme, true)
		w.Clock.Move(2*time.Hour - time.Millisecond)
		w.holds("to the last moment", w.Boris, acme, true)
		w.Clock.Move(time.Millisecond)
		w.holds("and not a moment longer, swept or not", w.Boris, acme, false)
		must(t, w.endOver(ctx))
		ended("by itself", p.ID, Over)

		p = give(2)
		wantFault(t, "a colleague does not end it", w.End(ctx, w.Vera, p.ID), "permit_forbidden")
		must(t, w.End(ctx, w.Rita, p.ID))
		w.holds("taken", w.Boris, acme, false)
		ended("taken", p.ID, Taken)
		wantFault(t, "twice", w.End(ctx, w.Rita, p.ID), "permit_ended")

		first, second := give(2), give(5)
		ended("the head's last word counts", first.ID, Replaced)
		if pass, _ := w.held(w.Boris, acme); pass.ID != second.ID ||
			!pass.Until.Equal(w.Clock.Now().Add(5*time.Hour)) || pass.By != w.Igor.ID {
			t.Errorf("the second permit took no effect: %+v", pass)
		}

		now, err := w.Records.FindCompany(ctx, acme.ID)
		must(t, err)
		_, err = w.Records.SetOwner(ctx, w.Igor, acme.ID, w.Vera.ID, "", now.Version)
		must(t, err)
		w.holds("the new owner's head was not asked", w.Boris, acme, false)
		must(t, w.Sweep(ctx))
		ended("with the owner", second.ID, OwnerChanged)
		_, err = w.Records.SetOwner(ctx, w.Oleg, acme.ID, w.Anna.ID, "", now.Version+1)
		must(t, err)
		w.holds("it does not come back with him", w.Boris, acme, false)

		third := give(1)
		must(t, w.Records.RemoveCompany(ctx, w.Igor, acme.ID, 0))
		must(t, w.Sweep(ctx))
		ended("with the company", third.ID, CompanyRemoved)
	})
}

// TestPermitsAtOnce has two heads give, take and replace at the same moment: there
// is never more than one, and each that was given is ended once.
func TestPermitsAtOnce(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, ctx := newWorld(t, db), context.Background()
		acme := w.Company("Acme", w.Anna)
		var wg sync.WaitGroup
		for range 6 {
			for _, by := range []*access.User{w.Igor, w.Rita} {
				wg.Go(func() {
					p, err := w.Grant(ctx, by, NewPermit{AgentID: w.Boris.ID, CompanyID: acme.ID, Hours: 1})
					if err != nil {
						t.Errorf("grant: %v", err)
						return
					}
					if err := w.End(ctx, by, p.ID); err != nil {
						wantFault(t, "replaced meanwhile", err, "permit_ended")
					}
				})
			}
		}
		wg.Wait()
		rows, err := permits.List(db.Read(ctx), running(), oldestFirst())
		must(t, err)
		if granted, ended := len(w.Entries(PermitGranted)), len(w.Entries(PermitEnded)); granted != 12 || ended != 12 ||
			len(rows) != 0 {
			t.Errorf("%d given, %d ended, %d run; want 12, 12, 0", granted, ended, len(rows))
		}
	})
}

// TestAPermitAgainstAMove returns a permit while the company goes to another owner:
// in whatever order, none is left that the old owner's head gave.
func TestAPermitAgainstAMove(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, ctx := newWorld(t, db), context.Background()
		for range 8 {
			acme := w.Company("Acme", w.Anna)
			var wg sync.WaitGroup
			wg.Go(func() {
				if _, err := w.Grant(ctx, w.Igor, NewPermit{AgentID: w.Boris.ID,
					CompanyID: acme.ID, Hours: 1}); err != nil {
					wantFault(t, "the owner was another one by then", err, "permit_forbidden")
				}
			})
			wg.Go(func() {
				_, err := w.Records.SetOwner(ctx, w.Admin, acme.ID, w.Vera.ID, "", acme.Version)
				if err != nil {
					t.Errorf("move: %v", err)
				}
			})
			wg.Wait()
			w.holds("after the move", w.Boris, acme, false)
		}
	})
}

func TestWhoSeesWhichPermits(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, ctx := newWorld(t, db), context.Background()
		acme, delta := w.Company("Acme", w.Anna), w.Company("Delta", w.Vera)
		_, err := w.Grant(ctx, w.Igor, NewPermit{AgentID: w.Boris.ID, CompanyID: acme.ID, Hours: 1})
		must(t, err)
		_, err = w.Grant(ctx, w.Oleg, NewPermit{AgentID: w.Anna.ID, CompanyID: delta.ID, Hours: 9})
		must(t, err)
		count := func(why string, by *access.User, f PermitFilter, want int) {
			t.Helper()
			page, err := w.Permits(ctx, by, f)
			must(t, err)
			if len(page.Items) != want {
				t.Errorf("%s: %d permits, want %d", why, len(page.Items), want)
			}
		}
		count("his own", w.Boris, PermitFilter{}, 1)
		count("none of hers", w.Vera, PermitFilter{}, 0)
		count("head of both agents", w.Igor, PermitFilter{}, 2)
		count("head of one owner", w.Oleg, PermitFilter{}, 1)
		count("all", w.Admin, PermitFilter{}, 2)
		count("of one company", w.Admin, PermitFilter{CompanyID: acme.ID}, 1)
		count("of one agent", w.Admin, PermitFilter{AgentID: w.Anna.ID}, 1)
		w.Clock.Move(time.Hour)
		count("only those that count now", w.Admin, PermitFilter{Active: true}, 1)
		page, err := w.Permits(ctx, w.Admin, PermitFilter{Paging: web.Paging{Limit: 1}})
		must(t, err)
		if page.Items[0].Company.Name != "Delta" || page.NextPageToken == "" {
			t.Errorf("the first page: %+v", page)
		}
		count("the next page", w.Admin, PermitFilter{Paging: web.Paging{Limit: 1, PageToken: page.NextPageToken}}, 1)
	})
}
