package crm

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/statuses"
)

func TestAStatusChangesOnceForEachVersion(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		acme := w.company(NewCompany{Name: "Acme", OwnerID: anna})
		codes := []string{"IN_WORK", "CLIENT", "REFUSED"}
		const rounds, workers = 5, 8
		for round := range rounds {
			var won atomic.Int64
			var all sync.WaitGroup
			for worker := range workers {
				all.Go(func() {
					_, err := w.SetStatus(ctx, as(igor), acme.ID, codes[(worker+round)%2], "", acme.Version)
					switch {
					case err == nil:
						won.Add(1)
					case fault.Of(err).Key != "stale_version":
						t.Errorf("a slower change was refused with %v, want stale_version", err)
					}
				})
			}
			all.Wait()
			if won.Load() != 1 {
				t.Fatalf("round %d: %d of %d changes of one version were accepted, want 1", round, won.Load(), workers)
			}
			acme, _ = w.FindCompany(ctx, acme.ID)
			back, err := w.SetStatus(ctx, as(rita), acme.ID, codes[2], "", acme.Version)
			must(t, err)
			acme = back
		}
		if got := len(w.entries(CompanyStatus)); got != 2*rounds {
			t.Errorf("the journal has %d changes of status, want %d", got, 2*rounds)
		}
	})
}

func TestAChangeOfStatusIsWrittenDown(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		acme := w.company(NewCompany{Name: "Acme", OwnerID: anna})
		if acme.Status == nil || acme.Status.Code != "WAITING" || acme.StatusAt.IsZero() {
			t.Fatalf("a new company has the status %+v at %v, want the default one", acme.Status, acme.StatusAt)
		}
		after, err := w.SetStatus(ctx, as(igor), acme.ID, "IN_WORK", "signed", acme.Version)
		must(t, err)
		if after.Status.Code != "IN_WORK" || after.StatusBy != igor || !after.StatusAt.After(acme.StatusAt) ||
			after.Version != acme.Version+1 {
			t.Errorf("after the change: %+v", after)
		}
		list := w.entries(CompanyStatus)
		if len(list) != 1 {
			t.Fatalf("the journal has %d changes of status, want 1", len(list))
		}
		if e := list[0]; e.Actor != igor || e.Team != 2 || e.Subject != (journal.Ref{Kind: "company", ID: acme.ID}) ||
			e.Client != e.Subject {
			t.Errorf("the entry is %+v", e)
		}
		if got := string(list[0].Details); got != `{"changed":{"status":{"from":"WAITING","to":"IN_WORK"}},"name":"Acme","reason":"signed"}` {
			t.Errorf("its details are %s", got)
		}
		same, err := w.SetStatus(ctx, as(igor), acme.ID, "IN_WORK", "", after.Version)
		must(t, err)
		if same.Version != after.Version || len(w.entries(CompanyStatus)) != 1 {
			t.Error("the status that it has already is no change")
		}
		for _, c := range []struct {
			why, code string
			id        int64
			version   int64
			key       string
		}{
			{"an outdated version", "WAITING", acme.ID, acme.Version, "stale_version"},
			{"no version at all", "WAITING", acme.ID, 0, "invalid_input"},
			{"a status that nobody knows", "NO_SUCH", acme.ID, after.Version, "unknown_status"},
			{"a status that is switched off", "OLD", acme.ID, after.Version, "unknown_status"},
			{"a company that nobody knows", "WAITING", 999, 1, "not_found"},
		} {
			_, err := w.SetStatus(ctx, as(igor), c.id, c.code, "", c.version)
			wantFault(t, c.why, err, c.key)
		}
		used, err := companiesWithStatus(db.Read(ctx), 2)
		if must(t, err); used != 1 {
			t.Errorf("the directory hears of %d companies in work, want 1", used)
		}
	})
}

func TestAStatusIsNotRemovedBesideACompanyThatGetsIt(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		acme := w.company(NewCompany{Name: "Acme", OwnerID: anna})
		for _, c := range []struct {
			why string
			get func() (Company, error)
		}{
			{"given to a company", func() (Company, error) {
				return w.SetStatus(ctx, as(igor), acme.ID, "REFUSED", "", acme.Version)
			}},
			{"of a new company", func() (Company, error) {
				return w.AddCompany(ctx, as(igor), NewCompany{Name: "Beta", OwnerID: anna, Status: "REFUSED"})
			}},
			{"of one of many", func() (Company, error) {
				ids, err := w.AddCompanies(ctx, as(igor),
					[]NewCompany{{Name: "Gamma", OwnerID: anna, Status: "REFUSED"}})
				if err != nil {
					return Company{}, err
				}
				return w.FindCompany(ctx, ids[0])
			}},
		} {
			if _, err := w.directory.Add(ctx, access.System(),
				statuses.NewStatus{Code: "REFUSED", Name: "Отказ"}); err != nil && fault.Of(err).Key != "code_taken" {
				t.Fatal(err)
			}
			got := make(chan Company, 1)
			once := sync.Once{}
			w.directory.UsedBy(func(tx *store.Tx, id int64) (int64, error) {
				n, err := companiesWithStatus(tx, id)
				once.Do(func() { // counted, and not removed yet
					go func() { company, _ := c.get(); got <- company }()
					time.Sleep(200 * time.Millisecond)
				})
				return n, err
			})
			must(t, w.directory.Remove(ctx, access.System(), "REFUSED"))
			if company := <-got; company.ID != 0 {
				t.Errorf("%s: the status is gone, and %s has it", c.why, company.Name)
			}
		}
	})
}
