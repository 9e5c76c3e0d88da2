package crm

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
)

// listed returns the numbers of the do-not-call list, newest first.
func (w *world) listed(q string) (numbers []string) {
	w.Helper()
	page, err := w.ListDoNotCall(context.Background(), DoNotCallFilter{Q: q})
	must(w.T, err)
	for _, e := range page.Items {
		numbers = append(numbers, e.Number.String())
	}
	return numbers
}

func TestWhoMayChangeTheDoNotCallList(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		for i, who := range allUsers {
			heads := slices.Contains([]int64{igor, oleg, rita, adminID}, who)
			code := "do_not_call_forbidden"
			if heads {
				code = ""
			}
			number := "+7 495 000-00-0" + string(rune('0'+i))
			added, err := w.AddDoNotCall(ctx, as(who), NewDoNotCall{Number: number, Reason: "asked so"})
			wantFault(t, "add", err, code)
			if !heads {
				added, err = w.AddDoNotCall(ctx, as(igor), NewDoNotCall{Number: number, Reason: "asked so"})
				must(t, err)
			}
			wantFault(t, "remove", w.RemoveDoNotCall(ctx, as(who), added.ID), code)
			if left := slices.Contains(w.listed(""), added.Number.String()); left == heads {
				t.Errorf("user %d: the entry is there: %v", who, left)
			}
		}
		refused := w.entries(journal.ChangeRefused)
		if len(refused) != 2*4 {
			t.Fatalf("the journal remembers %d refusals", len(refused))
		}
		if first := refused[len(refused)-1]; first.Actor != anna || first.Subject.Kind != "do_not_call" ||
			first.Subject.ID != 0 || !strings.Contains(string(first.Details), `"+74950000000"`) {
			t.Errorf("the first refusal: %+v, %s", first, first.Details)
		}
		_, err := w.AddDoNotCall(ctx, &access.User{Roles: access.Roles{access.Admin}},
			NewDoNotCall{Number: "+447700900123", Reason: "by the command line"})
		must(t, err)
	})
}

func TestTheDoNotCallList(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		add := func(in NewDoNotCall) (*DoNotCall, error) { return w.AddDoNotCall(ctx, as(igor), in) }
		at := func(d time.Duration) store.Moment { return store.MomentOf(db.Clock().Add(d)) }
		for _, bad := range []struct {
			in   NewDoNotCall
			want []fault.Field
		}{
			{NewDoNotCall{Number: "nobody", Reason: "  "},
				[]fault.Field{{Field: "reason", Code: "required"}, {Field: "number", Code: "invalid_number"}}},
			{NewDoNotCall{Number: "101", Reason: "x"}, []fault.Field{{Field: "number", Code: "invalid_number"}}},
			{NewDoNotCall{Number: "+74950000011", Reason: strings.Repeat("x", 501)},
				[]fault.Field{{Field: "reason", Code: "too_long"}}},
			{NewDoNotCall{Number: "+74950000011", Reason: "x", Until: at(-time.Hour)},
				[]fault.Field{{Field: "until", Code: "out_of_range"}}},
		} {
			if _, err := add(bad.in); err == nil || !slices.Equal(fault.Of(err).Fields, bad.want) {
				t.Errorf("%+v: %v, want %v", bad.in, err, bad.want)
			}
		}
		if w.listed("") != nil || len(w.entries(DoNotCallAdded)) != 0 {
			t.Fatal("a refused entry was added")
		}
		first, err := add(NewDoNotCall{Number: "8 (495) 000-00-11", Reason: "Ещё раз позвоните - суд"})
		must(t, err)
		if first.Number != 74950000011 || first.Until != 0 || first.By == nil || first.By.ID != igor ||
			first.Since == 0 {
			t.Errorf("%+v", first)
		}
		_, err = add(NewDoNotCall{Number: "+74950000011", Reason: "again"})
		wantFault(t, "twice", err, "number_listed")
		short, err := add(NewDoNotCall{Number: "+44 7700 900123", Reason: "on leave", Until: at(time.Minute)})
		must(t, err)
		for q, want := range map[string][]string{"": {"+447700900123", "+74950000011"}, "еще": {"+74950000011"},
			"000-00-11": {"+74950000011"}, "7700": {"+447700900123"}, "nothing like it": nil} {
			if got := w.listed(q); !slices.Equal(got, want) {
				t.Errorf("%q finds %v, want %v", q, got, want)
			}
		}
		page, err := w.ListDoNotCall(ctx, DoNotCallFilter{Paging: web.Paging{Limit: 1}})
		must(t, err)
		next, err := w.ListDoNotCall(ctx, DoNotCallFilter{Paging: web.Paging{Limit: 1, PageToken: page.NextPageToken}})
		must(t, err)
		if len(page.Items) != 1 || len(next.Items) != 1 || next.NextPageToken != "" || next.Items[0].ID != first.ID {
			t.Errorf("pages: %+v, %+v", page, next)
		}

		clock := db.Clock
		db.Clock = func() time.Time { return clock().Add(time.Hour) }
		again, err := add(NewDoNotCall{Number: "+44 7700 900123", Reason: "for good now"})
		must(t, err) // the old entry is over
		if again.ID == short.ID || len(w.listed("")) != 2 {
			t.Errorf("%+v beside %v", again, w.listed(""))
		}
		must(t, w.RemoveDoNotCall(ctx, as(rita), first.ID))
		wantFault(t, "removed already", w.RemoveDoNotCall(ctx, as(rita), first.ID), "not_found")
		reported := w.entries(DoNotCallRemoved)
		if len(reported) != 1 || reported[0].Actor != rita ||
			!strings.Contains(string(reported[0].Details), `"numbers":[74950000011]`) {
			t.Errorf("the journal: %+v", reported)
		}
	})
}

func TestOneOfThoseWhoListANumber(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		var wg sync.WaitGroup
		failed := make([]error, 6)
		for i := range failed {
			wg.Go(func() {
				_, failed[i] = w.AddDoNotCall(context.Background(), as(igor),
					NewDoNotCall{Number: "+74950000011", Reason: "asked so"})
			})
		}
		wg.Wait()
		added := 0
		for _, err := range failed {
			if err == nil {
				added++
			} else {
				wantFault(t, "beside others", err, "number_listed")
			}
		}
		if added != 1 || len(w.listed("")) != 1 || len(w.entries(DoNotCallAdded)) != 1 {
			t.Errorf("%d added, the list is %v", added, w.listed(""))
		}
	})
}

func TestAListedNumberIsReached(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		till := db.Clock().Add(time.Hour).Truncate(time.Millisecond)
		acme := w.company(NewCompany{Name: "Acme", OwnerID: anna, Phones: phones("+74950000011")})
		entry, err := w.AddDoNotCall(context.Background(), as(igor),
			NewDoNotCall{Number: "+74950000011", Reason: "asked so", Until: store.MomentOf(till)})
		must(t, err)
		_, err = w.AddDoNotCall(context.Background(), as(igor), NewDoNotCall{Number: "+447700900123", Reason: "law"})
		must(t, err)
		found := w.reach("+74950000011")
		if len(found) != 2 || found[0].DoNotCall == nil ||
			*found[0].DoNotCall != (Listed{"asked so", int64(entry.Since), till.UnixMilli()}) ||
			found[1].ID != acme.ID {
			t.Errorf("a company and the list: %+v", found)
		}
		if alone := w.reach("+447700900123"); len(alone) != 1 || alone[0].DoNotCall == nil ||
			alone[0].DoNotCall.Reason != "law" {
			t.Errorf("a number on no record: %+v", alone)
		}
		if free := w.reach("+447700900124"); free != nil {
			t.Errorf("a number on no list: %+v", free)
		}
		l := found[0].DoNotCall
		if l.At(till.Add(-time.Millisecond)) != l || l.At(till) != nil || (*Listed)(nil).At(till) != nil ||
			(&Listed{}).At(till) == nil {
			t.Error("an entry holds until its time is over, one without an end for good")
		}
	})
}

func TestRoutesOfTheDoNotCallList(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		ask := door(t, w)
		entry, err := w.AddDoNotCall(context.Background(), as(igor),
			NewDoNotCall{Number: "+447700900123", Reason: "law"})
		must(t, err)
		path := fmt.Sprintf("/do-not-call/%d", entry.ID)
		for _, c := range []struct {
			why, method, path, as, body string
			status                      int
		}{
			{"an agent may not add", "POST", "/do-not-call", "anna", `{"number":"+74950000011","reason":"x"}`,
				http.StatusForbidden},
			{"a machine may not", "POST", "/do-not-call", "pbx", `{"number":"+74950000011","reason":"x"}`,
				http.StatusForbidden},
			{"a head may", "POST", "/do-not-call", "igor",
				`{"number":"+74950000011","reason":"x","until":"2027-01-01T00:00:00Z"}`, http.StatusCreated},
			{"not with what nobody knows", "POST", "/do-not-call", "igor",
				`{"number":"+74950000012","reason":"x","color":"red"}`, http.StatusUnprocessableEntity},
			{"everybody sees it", "GET", "/do-not-call?q=000-00", "anna", "", http.StatusOK},
			{"an agent may not remove", "DELETE", path, "anna", "", http.StatusForbidden},
			{"a head may", "DELETE", path, "igor", "", http.StatusNoContent},
			{"not twice", "DELETE", path, "igor", "", http.StatusNotFound},
			{"a screen on the wall sees nothing", "GET", "/do-not-call", "tv", "", http.StatusForbidden},
		} {
			if status, out := ask(c.method, c.path, c.as, c.body); status != c.status {
				t.Errorf("%s: %d %v, want %d", c.why, status, out, c.status)
			}
		}
		_, page := ask("GET", "/do-not-call", "anna", "")
		items, _ := page["items"].([]any)
		if len(items) != 1 {
			t.Fatalf("%v", page)
		}
	})
}
