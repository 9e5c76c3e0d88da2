package permits

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/paging"
	"callhue/internal/store"
	"callhue/staff"
)

// How big the organisation of these tests is.
const (
	manyUsers       = 2000
	manyDepartments = 40
	manyCompanies   = 1000
	manyRows        = 4000 // requests, and as many permits
)

// fill adds a big organisation with companies, requests and permits of every kind, drawn from a seed. Ids count from
// 1000.
func (w *world) fill(seed uint64) {
	w.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	pick := func(n int) int64 { return 1000 + int64(random.IntN(n)) }
	maybe := func(id int64, percent int) int64 {
		if random.IntN(100) < percent {
			return id
		}
		return 0
	}
	insert := func(table, columns string, n int, row func(id int64) []any) {
		w.Helper()
		rows := make([][]any, n)
		for i := range rows {
			id := 1000 + int64(i)
			rows[i] = append([]any{id}, row(id)...)
		}
		must(w.T, w.db.Write(context.Background(), func(tx *store.Tx) error {
			if err := tx.InsertAll(table, "id, "+columns, rows); err != nil {
				return err
			}
			return tx.TakeTurn("staff_turns", "version")
		}))
	}
	// The first department is the root; each other one stands below an earlier one, some by themselves.
	insert("departments", "name, parent_id, head_id, kind, version, created_at, updated_at", manyDepartments,
		func(id int64) []any {
			parent := int64(0)
			if id > 1000 {
				parent = maybe(1000+random.Int64N(id-1000), 95)
			}
			return []any{fmt.Sprint("Department ", id), parent, maybe(pick(60), 85), "", 1, 0, 0}
		})
	insert("users", `login, name, roles, department_id, language, active, dismissed_at, password, version, created_at,
		updated_at`, manyUsers, func(id int64) []any {
		login := fmt.Sprint("user", id)
		roles := []string{"agent", "supervisor", "admin,agent"}[max(0, random.IntN(40)-37)]
		active, department := random.IntN(20) > 0, maybe(pick(manyDepartments), 97)
		return []any{login, login, roles, department, "en", active, 0, "", 1, 0, 0}
	})
	// Some stand in for others now, some did before.
	at := store.MomentOf(w.Clock.Now())
	insert("deputies", "user_id, deputy_id, from_at, till_at, created_at", manyUsers, func(int64) []any {
		until := at + store.Moment(random.IntN(3)-1)*60_000
		return []any{pick(60), pick(manyUsers), at - 120_000, until, 0}
	})
	protected, plain := w.statusID("IN_WORK"), w.statusID("WAITING")
	insert("companies", `name, search, owner_id, team_ids, status_id, status_at, status_by, version, holds, created_at,
		created_by, updated_at, updated_by, deleted_at`, manyCompanies, func(id int64) []any {
		status := []int64{protected, plain}[random.IntN(2)]
		return []any{"Acme", "acme", maybe(pick(manyUsers), 75), "", status, 0, 0, 1, 0, 0, 0, 0, 0, maybe(1, 5)}
	})
	insert("asks", `kind, state, open_key, company_id, owner_id, agent_id, call_id, reason, answer, permit_id, asked_at,
		decided_at, decided_by`, manyRows, func(id int64) []any {
		kind := []AskKind{AskPermit, AskAssign, AskOwnerLeft}[random.IntN(3)]
		state := []AskState{AskOpen, AskOpen, AskGranted, AskRefused, AskDone}[random.IntN(5)]
		agent, key := pick(manyUsers), any(nil)
		if kind == AskOwnerLeft {
			agent = 0
		}
		if state == AskOpen {
			key = fmt.Sprint(id)
		}
		company, owner := pick(manyCompanies+20), maybe(pick(manyUsers), 75)
		return []any{kind, state, key, company, owner, agent, 0, "", "", 0, id, 0, 0}
	})
	now := store.MomentOf(w.Clock.Now())
	insert("permits", `agent_id, company_id, owner_id, from_at, till_at, by_id, reason, ask_id, ended_at, ended_by,
		ended_why`, manyRows, func(id int64) []any {
		until := now + store.Moment(random.IntN(5)-1)*60_000
		agent, company, owner, ended := pick(manyUsers), pick(manyCompanies+20), pick(manyUsers), maybe(1, 30)
		return []any{agent, company, owner, now - 120_000, until, pick(60), "", 0, ended, 0, ""}
	})
	// Many permits are for the owner that the company has, so that they are in force.
	must(w.T, w.db.Write(context.Background(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE permits
			SET owner_id = (SELECT owner_id FROM companies WHERE companies.id = permits.company_id)
			WHERE id % 2 = 0 AND company_id IN (SELECT id FROM companies WHERE owner_id <> 0)`)
		return err
	}))
	w.User("newcomer", 0) // the journal mentions a change: memory is read again
}

func (w *world) statusID(code string) int64 {
	w.Helper()
	var id int64
	must(w.T, w.db.Read(context.Background()).Get(&id, "SELECT id FROM statuses WHERE code = ?", code))
	return id
}

// readers returns users of every role: agents, heads of departments high and low, dismissed ones, admins.
func (w *world) readers() (list []*access.User) {
	for id := int64(1000); id < 1070; id += 2 {
		list = append(list, &access.User{ID: id})
	}
	return append(list, w.Rita, w.Igor, w.Anna, w.Admin, &access.User{ID: 999_999})
}

// walk returns the ids of all pages of a list.
func walk[T any](t *testing.T, load func(web paging.Query) (paging.List[T], error), id func(T) int64) (ids []int64) {
	t.Helper()
	for query := (paging.Query{Limit: 200}); ; {
		page, err := load(query)
		must(t, err)
		if len(page.Items) > query.Limit || page.NextPageToken != "" && len(page.Items) < query.Limit {
			t.Fatalf("a page of %d items, and a next one", len(page.Items))
		}
		for _, item := range page.Items {
			ids = append(ids, id(item))
		}
		if page.NextPageToken == "" {
			return ids
		}
		query.PageToken = page.NextPageToken
	}
}

// TestListsInSQLAreTheRulesInGo compares what each user gets from the database with the rules, row by row.
func TestListsInSQLAreTheRulesInGo(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, ctx := newWorld(t, db), context.Background()
		w.fill(7)
		tx := w.DB.Read(ctx)
		allAsks, err := asks.List(tx, store.Where{}, newestFirst())
		must(t, err)
		allPermits, err := permits.List(tx, store.Where{}, newestFirst())
		must(t, err)
		briefs, err := crm.FindBriefs(tx, companiesOf(allPermits, allAsks))
		must(t, err)
		org, err := w.roster.Org(ctx)
		must(t, err)

		heads, most := 0, 0
		for _, user := range w.readers() {
			admin := org.IsAdmin(user.ID)
			if !admin && len(org.TeamsOf(user.ID)) > 0 {
				heads++
			}
			var wantOpen, wantDecided, wantPermits, wantActive []int64
			count := 0
			for _, row := range allAsks {
				may := row.mayDecide(org, briefs[row.CompanyID], user.ID, w.Clock.Now())
				if !admin && row.AgentID != user.ID && !may {
					continue
				}
				if row.State != AskOpen {
					wantDecided = append(wantDecided, row.ID)
					continue
				}
				wantOpen = append(wantOpen, row.ID)
				if may {
					count++
				}
			}
			for _, row := range allPermits {
				sees := admin || row.AgentID == user.ID || row.ByID == user.ID ||
					org.DecidesFor(user.ID, row.AgentID, w.Clock.Now()) ||
					org.DecidesFor(user.ID, row.OwnerID, w.Clock.Now())
				if !sees {
					continue
				}
				wantPermits = append(wantPermits, row.ID)
				if _, ended := row.ending(briefs[row.CompanyID], w.Clock.Now()); !ended {
					wantActive = append(wantActive, row.ID)
				}
			}
			asksOf := func(f AskFilter) []int64 {
				return walk(t, func(q paging.Query) (paging.List[Ask], error) {
					f.Paging = q
					return w.Asks(ctx, user, f)
				}, func(a Ask) int64 { return a.ID })
			}
			permitsOf := func(f PermitFilter) []int64 {
				return walk(t, func(q paging.Query) (paging.List[Permit], error) {
					f.Paging = q
					return w.Permits(ctx, user, f)
				}, func(p Permit) int64 { return p.ID })
			}
			for _, c := range []struct {
				list      string
				got, want []int64
			}{
				{"open requests", asksOf(AskFilter{State: AskOpen}), wantOpen},
				{"decided requests", asksOf(AskFilter{Decided: true}), wantDecided},
				{"permits", permitsOf(PermitFilter{}), wantPermits},
				{"permits in force", permitsOf(PermitFilter{Active: true}), wantActive},
			} {
				most = max(most, len(c.want))
				if !slices.Equal(c.got, c.want) {
					t.Errorf("user %d gets %d %s, the rules say %d", user.ID, len(c.got), c.list, len(c.want))
				}
			}
			if got, err := w.CountAsks(ctx, user); err != nil || got.Open != count {
				t.Errorf("user %d may decide %d, the rules say %d; %v", user.ID, got.Open, count, err)
			}
		}
		if heads < 10 || most < 1000 {
			t.Errorf("only %d heads among the readers, at most %d rows: the test proves little", heads, most)
		}
	})
}

// TestAListIsOnePagesWork counts what a page of a head among 2000 people costs: the page, its companies and the
// statuses.
func TestAListIsOnePagesWork(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, ctx := newWorld(t, db), context.Background()
		w.fill(11)
		// A head of the root who sees what concerns a few people alone: most rows are passed over.
		head := w.Igor
		for id := int64(1990); id < 1993; id++ {
			_, err := w.roster.Change(ctx, access.System(), id,
				staff.UserChange{Version: 1, DepartmentID: &head.Department})
			must(t, err)
		}
		_, err := w.roster.Org(ctx)
		must(t, err)
		for name, load := range map[string]func() (int, error){
			"requests": func() (int, error) {
				page, err := w.Asks(ctx, head, AskFilter{})
				return len(page.Items), err
			},
			"permits": func() (int, error) {
				page, err := w.Permits(ctx, head, PermitFilter{})
				return len(page.Items), err
			},
		} {
			var queries []string
			w.DB.Trace = func(query string) { queries = append(queries, query) }
			begun := time.Now()
			n, err := load()
			took := time.Since(begun).Round(100 * time.Microsecond)
			w.DB.Trace = nil
			must(t, err)
			t.Logf("%d %s of %d rows: %d statements, %v", n, name, manyRows, len(queries), took)
			if n == 0 || len(queries) > 3 {
				t.Errorf("%d %s cost %d statements, want at most 3:\n%s", n, name, len(queries),
					strings.Join(queries, "\n"))
			}
		}
	})
}

// TestAWriteReadsNoPeople: rights are read inside each write, and the organisation is not read for them again.
func TestAWriteReadsNoPeople(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w, ctx := newWorld(t, db), context.Background()
		w.fill(13)
		acme := w.Company("Acme", w.Anna)
		in := NewPermit{AgentID: w.Boris.ID, CompanyID: acme.ID, Hours: 1}
		_, err := w.Grant(ctx, w.Igor, in) // reads the organisation once
		must(t, err)
		people := 0
		w.DB.Trace = func(query string) {
			if strings.Contains(query, "FROM users") || strings.Contains(query, "FROM departments") {
				people++
			}
		}
		const writes = 20
		begun := time.Now()
		for range writes {
			_, err := w.Grant(ctx, w.Igor, in)
			must(t, err)
		}
		each := (time.Since(begun) / writes).Round(10 * time.Microsecond)
		w.DB.Trace = nil
		t.Logf("%d permits granted among %d people: %v each", writes, manyUsers, each)
		if people != 0 {
			t.Errorf("%d writes read the people %d times", writes, people)
		}
	})
}
