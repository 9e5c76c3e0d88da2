package crm

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"callhue/internal/fault"
	"callhue/internal/jobs"
	"callhue/internal/store"
	"callhue/internal/web"
)

// plainCounts counts every report the slow way: from the records themselves.
func plainCounts(t *testing.T, db *store.DB) map[Report]int64 {
	t.Helper()
	counts := map[Report]int64{}
	for report, query := range map[Report]string{
		SharedNumbers: `SELECT COUNT(*) FROM (SELECT number_key FROM numbers WHERE number_key > 0 GROUP BY number_key
			HAVING MIN(entity_id * 4 + kind) <> MAX(entity_id * 4 + kind)) s`,
		ContactsWithoutCompany: `SELECT COUNT(*) FROM contacts r WHERE r.deleted_at = 0
			AND NOT EXISTS (SELECT 1 FROM contact_companies t WHERE t.contact_id = r.id)`,
		CompaniesWithoutStatus: `SELECT COUNT(*) FROM companies
			WHERE deleted_at = 0 AND status_id NOT IN (1, 2, 3, 4, 5)`,
		CompaniesWithoutPhone: `SELECT COUNT(*) FROM companies r WHERE r.deleted_at = 0
			AND NOT EXISTS (SELECT 1 FROM phones p WHERE p.kind = 1 AND p.entity_id = r.id)`,
		CompaniesWithoutOwner: "SELECT COUNT(*) FROM companies WHERE deleted_at = 0 AND owner_id = 0",
		OwnerInactive:         "SELECT COUNT(*) FROM companies WHERE deleted_at = 0 AND owner_id = 18",
		LeadsOfCompanies: `SELECT COUNT(DISTINCT n.entity_id) FROM numbers n
			JOIN numbers m ON m.number_key = n.number_key AND m.kind < 3 AND m.company_id NOT IN (0, n.company_id)
			WHERE n.kind = 3 AND n.number_key > 0`,
		UnreadableNumbers: `SELECT COUNT(*) FROM phones p WHERE p.number_key <= 0 AND (
			p.kind = 1 AND p.entity_id IN (SELECT id FROM companies WHERE deleted_at = 0)
			OR p.kind = 2 AND p.entity_id IN (SELECT id FROM contacts WHERE deleted_at = 0)
			OR p.kind = 3 AND p.entity_id IN (SELECT id FROM leads WHERE deleted_at = 0))`,
	} {
		var n int64
		must(t, db.Read(context.Background()).Get(&n, query))
		counts[report] = n
	}
	return counts
}

// plainGroups finds the groups of a kind by a common number the slow way: "+7495…: 1 2".
func plainGroups(t *testing.T, db *store.DB, kind Kind) (groups []string) {
	t.Helper()
	var rows []struct {
		Key int64 `db:"number_key"`
		ID  int64 `db:"entity_id"`
	}
	must(t, db.Read(context.Background()).Select(&rows, `SELECT DISTINCT number_key, entity_id FROM numbers
		WHERE kind = ? AND number_key > 0 ORDER BY number_key, entity_id`, int64(kind)))
	byKey := map[int64][]int64{}
	for _, r := range rows {
		byKey[r.Key] = append(byKey[r.Key], r.ID)
	}
	for key, ids := range byKey {
		if len(ids) > 1 {
			groups = append(groups, fmt.Sprintf("+%d:%v", key, ids))
		}
	}
	slices.Sort(groups)
	return groups
}

func (w *world) checkQuality(why string) {
	w.Helper()
	ctx := context.Background()
	q, err := w.Quality(ctx)
	must(w.T, err)
	plain := plainCounts(w.T, w.db)
	for _, c := range q.Items {
		if c.Count != plain[c.Report] {
			w.Errorf("%s: %s counts %d, there are %d", why, c.Report, c.Count, plain[c.Report])
		}
		lines := 0
		leads := map[int64]bool{}
		numbers := map[string]bool{}
		for f, err := range w.EachFlaw(ctx, c.Report) {
			must(w.T, err)
			lines++
			leads[f.ID], numbers[f.Value] = true, true
		}
		switch c.Report {
		case SharedNumbers:
			lines = len(numbers)
		case LeadsOfCompanies:
			lines = len(leads)
		}
		if int64(lines) != c.Count {
			w.Errorf("%s: %s counts %d and lists %d", why, c.Report, c.Count, lines)
		}
	}
	if q.Pending != 0 {
		w.Errorf("%s: %d records are pending", why, q.Pending)
	}
	for _, kind := range []Kind{KindCompany, KindContact} {
		var groups []string
		f := DuplicateFilter{Kind: kind.String(), Reason: string(SameNumber), Paging: web.Paging{Limit: 3}}
		for {
			page, err := w.Duplicates(ctx, f)
			must(w.T, err)
			for _, g := range page.Items {
				var ids []int64
				for _, r := range g.Records {
					ids = append(ids, r.ID)
				}
				groups = append(groups, fmt.Sprintf("%s:%v", g.Value, ids))
			}
			if f.PageToken = page.NextPageToken; f.PageToken == "" {
				break
			}
		}
		slices.Sort(groups)
		if want := plainGroups(w.T, w.db, kind); !slices.Equal(groups, want) {
			w.Errorf("%s: the groups of %v are %v, want %v", why, kind, groups, want)
		}
	}
}

// TestTheFollowerCountsWhatIsThere writes at random, in all ways, follows now and then, and compares with a count of
// the records themselves; at the end once more after everything was looked at again.
func TestTheFollowerCountsWhatIsThere(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		random := rand.New(rand.NewPCG(1, 2))
		admin := as(adminID)
		var companies, contacts, leads []int64
		typed := func() []Phone {
			var list []Phone
			for range random.IntN(3) {
				list = append(list, phones([]string{"+7495000001", "+7495000002", "ask Ivan ", "10"}[random.IntN(4)]+
					fmt.Sprint(random.IntN(4)))...)
			}
			return list
		}
		one := func(ids []int64) int64 { return append(ids, 0)[random.IntN(len(ids)+1)] }
		fair := func(err error) {
			if err != nil && !fault.Is(err, fault.KindMissing) && !fault.Is(err, fault.KindInvalid) &&
				!fault.Is(err, fault.KindConflict) {
				t.Fatal(err)
			}
		}
		for step := range 160 {
			switch random.IntN(11) {
			case 0:
				owner := []int64{0, anna, gone}[random.IntN(3)]
				c, err := w.AddCompany(ctx, admin, NewCompany{Name: fmt.Sprint("C", random.IntN(5)), OwnerID: owner,
					Phones: typed()})
				fair(err)
				companies = append(companies, c.ID)
			case 1:
				c, err := w.AddContact(ctx, admin, NewContact{Name: "P", Phones: typed(),
					CompanyIDs: slices.DeleteFunc([]int64{one(companies)}, func(id int64) bool { return id == 0 })})
				if fair(err); err == nil {
					contacts = append(contacts, c.ID)
				}
			case 2:
				l, err := w.AddLead(ctx, admin, NewLead{Name: "L", Phones: typed(), CompanyID: one(companies),
					ContactID: one(contacts)})
				if fair(err); err == nil {
					leads = append(leads, l.ID)
				}
			case 3:
				if c, err := w.FindCompany(ctx, one(companies)); err == nil {
					_, err = w.ChangeCompany(ctx, admin, c.ID, CompanyChange{Phones: new(typed()),
						OwnerID: new([]int64{0, anna, gone}[random.IntN(3)]), Version: c.Version})
					fair(err)
				}
			case 4:
				if c, err := w.FindContact(ctx, one(contacts)); err == nil {
					_, err = w.ChangeContact(ctx, admin, c.ID, ContactChange{Phones: new(typed()),
						CompanyIDs: new([]int64{}), Version: c.Version})
					fair(err)
				}
			case 5:
				fair(w.RemoveCompany(ctx, admin, one(companies), 0))
			case 6:
				if c, err := w.FindCompany(ctx, one(companies)); err == nil {
					_, err = w.MergeCompanies(ctx, admin, c.ID, Merge{FromIDs: []int64{one(companies)},
						Version: c.Version})
					fair(err)
				}
			case 7:
				_, err := w.Convert(ctx, admin, one(leads), ConvertInput{Into: one(companies), Contact: &NewContact{}})
				fair(err)
			case 8:
				fair(w.RemoveLead(ctx, admin, one(leads), 0))
			case 9:
				ids, err := w.AddCompanies(ctx, admin, []NewCompany{{Name: "B1", Phones: typed()},
					{Name: "B2", Phones: typed()}})
				fair(err)
				companies = append(companies, ids...)
			default:
				if step%3 == 0 {
					w.follow()
					w.checkQuality(fmt.Sprint("at step ", step))
				}
			}
		}
		w.follow()
		w.checkQuality("at the end")
		must(t, w.RecountQuality(ctx))
		w.follow()
		w.checkQuality("counted once more")
	})
}

// TestOneOfSeveralProcessesFollows runs two followers beside writers, and stops one in the middle.
func TestOneOfSeveralProcessesFollows(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		db.Clock = time.Now // leases end by it
		quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
		follow := func(seed string) (stop func()) {
			ctx, cancel := context.WithCancel(context.Background())
			runner, err := jobs.New(jobs.Options{DB: db, Log: quiet, LeaseTime: 300 * time.Millisecond,
				PollEvery: 20 * time.Millisecond, Random: strings.NewReader(strings.Repeat(seed, 64))})
			must(t, err)
			done := make(chan struct{})
			go func() {
				defer close(done)
				_ = w.FollowQuality(ctx, runner, quiet)
			}()
			return func() { cancel(); <-done }
		}
		one, other := follow("a"), follow("b")
		defer other()
		for i := range 30 {
			w.company(NewCompany{Name: "Acme", Phones: phones(fmt.Sprint("+7495000001", i%3))})
			if i == 10 {
				one()
			}
		}
		must(t, jobs.Until(context.Background(), 20*time.Millisecond, func(ctx context.Context) (bool, error) {
			n, err := pendingRecords(db.Read(ctx))
			return n == 0, err
		}))
		w.checkQuality("after all")
	})
}

func (w *world) groupsOf(f DuplicateFilter) (lines []string) {
	w.Helper()
	w.follow()
	page, err := w.Duplicates(context.Background(), f)
	must(w.T, err)
	for _, g := range page.Items {
		var words []string
		for _, r := range g.Records {
			words = append(words, r.Name)
		}
		for _, s := range g.Reasons {
			words = append(words, string(s.Reason))
		}
		lines = append(lines, strings.Join(words, " "))
	}
	return lines
}

func TestLeadsAreComparedWithContactsAndCompanies(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		acme := w.company(NewCompany{Name: "Acme", Phones: phones("+74950000011")})
		petrov := w.contact(NewContact{Name: "Petrov", Phones: phones("+74950000012"),
			Emails: []string{"p@acme.example"}})
		w.lead(NewLead{Name: "Known", Phones: phones("+74950000011"), CompanyID: acme.ID})
		w.lead(NewLead{Name: "Its own", Phones: phones("+74950000012"), ContactID: petrov.ID})
		w.lead(NewLead{Name: "By mail", Emails: []string{"P@acme.example"}})
		w.lead(NewLead{Name: "Request", Phones: phones("+74950000013")})
		w.lead(NewLead{Name: "Request", Phones: phones("+74950000013")})
		w.lead(NewLead{Name: "Request", Phones: phones("+74950000014")})
		want := []string{"Request Request number name", "Petrov By mail email domain"}
		if got := w.groupsOf(DuplicateFilter{Kind: "lead"}); !slices.Equal(got, want) {
			t.Errorf("the groups are %q, want %q", got, want)
		}
	})
}

func TestContactsWithNumberAndNameComeFirst(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.contact(NewContact{Name: "Anna Orlova", Phones: phones("+74950000011")})
		w.contact(NewContact{Name: "Boris Belov", Phones: phones("+74950000011")}) // behind one reception
		w.contact(NewContact{Name: "Vera Volkova", Phones: phones("+74950000012")})
		w.contact(NewContact{Name: "Volkova Vera", Phones: phones("8 495 000 00 12")})
		want := []string{"Vera Volkova Volkova Vera number name", "Anna Orlova Boris Belov number"}
		if got := w.groupsOf(DuplicateFilter{Kind: "contact"}); !slices.Equal(got, want) {
			t.Errorf("the groups are %q, want %q", got, want)
		}
	})
}

func TestNotDuplicatesAreRemembered(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		a := w.company(NewCompany{Name: "A", Phones: phones("+74950000011")})
		b := w.company(NewCompany{Name: "B", Phones: phones("+74950000011")})
		refs := []RecordRef{{"company", b.ID}, {"company", a.ID}}
		for range 2 { // again is no fault
			_, err := w.AddNotDuplicates(ctx, as(igor), NewNotDuplicates{Records: refs, Reason: "one building"})
			must(t, err)
		}
		if page, err := w.Duplicates(ctx, DuplicateFilter{}); err != nil || len(page.Items) != 0 {
			t.Errorf("before the follower: %+v, %v", page.Items, err)
		}
		if got := w.groupsOf(DuplicateFilter{}); len(got) != 0 {
			t.Errorf("the groups are %q", got)
		}
		c := w.company(NewCompany{Name: "C", Phones: phones("+74950000011")})
		if got := w.groupsOf(DuplicateFilter{}); !slices.Equal(got, []string{"A B C number"}) {
			t.Errorf("with a third one the groups are %q", got)
		}
		must(t, w.RemoveCompany(ctx, as(adminID), c.ID, 0))
		if got := w.groupsOf(DuplicateFilter{Reason: "number"}); len(got) != 0 {
			t.Errorf("without it the groups are %q", got)
		}
		pairs, err := w.ListNotDuplicates(ctx, web.Paging{})
		must(t, err)
		if len(pairs.Items) != 1 || pairs.Items[0].Records[0].ID != a.ID || pairs.Items[0].By.ID != igor {
			t.Fatalf("the pairs are %+v", pairs.Items)
		}
		must(t, w.RemoveNotDuplicates(ctx, as(igor), pairs.Items[0].ID))
		wantFault(t, "again", w.RemoveNotDuplicates(ctx, as(igor), pairs.Items[0].ID), "not_found")
		if got := w.groupsOf(DuplicateFilter{}); !slices.Equal(got, []string{"A B number"}) {
			t.Errorf("once more the groups are %q", got)
		}
		for why, in := range map[string][]RecordRef{"one": refs[:1], "no kind": {{"x", 1}, {"company", a.ID}},
			"gone": {{"company", c.ID}, {"company", a.ID}}} {
			_, err := w.AddNotDuplicates(ctx, as(igor), NewNotDuplicates{Records: in})
			wantFault(t, why, err, "invalid_input")
		}
		if n := len(w.entries(DuplicatesDismissed)) + len(w.entries(DuplicatesRestored)); n != 3 {
			t.Errorf("%d entries in the journal, want 3", n)
		}
	})
}
