package crmsync

import (
	"context"
	"fmt"
	"testing"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/store"
)

// outcomes lists the results of many decisions: "owner done", "999 not_found".
func outcomes(list []DecisionResult, known []Conflict) (said []string) {
	for _, s := range list {
		what, how := fmt.Sprint(s.ID), s.Code
		for _, d := range known {
			if d.ID == s.ID {
				what = string(d.What)
			}
		}
		if s.Done {
			how += "done"
		}
		said = append(said, what+" "+how)
	}
	return said
}

// TestDecidingManyConflictsOneByOne checks that a refused decision stops no other, and that each is made
// with the rights of its user.
func TestDecidingManyConflictsOneByOne(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		w.fill()
		w.run()
		w.crm.put(
			crm.KindCompany,
			"1",
			"18",
			func(r *Record) { r.OwnerID, r.Status, r.Phones = "18", "20", phonesOf("+74950000098") },
		)
		w.enqueue(crm.KindCompany, "1")
		w.run()
		known, err := w.Conflicts(ctx, 1, 0, 100)
		must(t, err)
		id := map[string]int64{}
		var all []int64
		for _, d := range known {
			id[string(d.What)+" "+d.Code], all = d.ID, append(all, d.ID)
		}
		owner, status, taken := id["owner owner_change_forbidden"], id["status status_change_forbidden"], id["number number_removal_forbidden"]

		petrov := &access.User{ID: w.user("18").ID, Roles: access.Roles{access.Agent}}
		list, err := w.AcceptAll(ctx, petrov, 1, []int64{owner, status})
		must(t, err)
		is(
			t,
			"the poacher accepts them himself",
			outcomes(list, known),
			[]string{"owner owner_change_forbidden", "status status_change_forbidden"},
		)
		is(t, "none is settled", len(w.conflicts()), len(all))
		is(t, "the owner", w.company("1").OwnerID, w.user("17").ID)

		list, err = w.AcceptAll(ctx, boss, 1, []int64{owner, 999, owner, status})
		must(t, err)
		is(
			t,
			"the boss accepts",
			outcomes(list, known),
			[]string{"owner done", "999 not_found", "owner not_found", "status done"},
		)
		is(t, "the owner then", w.company("1").OwnerID, w.user("18").ID)
		list, err = w.AcceptAll(ctx, boss, 77, all)
		must(t, err)
		for _, s := range list {
			is(t, "of another source", s.Code, "not_found")
		}
		list, err = w.DismissAll(ctx, boss, 1, []int64{taken, taken})
		must(t, err)
		is(t, "the boss dismisses", outcomes(list, known), []string{"number done", "number not_found"})
		is(t, "what is left", w.conflicts(), []string{"company 1 add number_change_forbidden"})

		over, cancel := context.WithCancel(ctx)
		cancel()
		list, err = w.DismissAll(over, boss, 1, all)
		must(t, err)
		is(t, "after the time of the request", list[0].Code, "not_reached")
		if _, err := w.AcceptAll(ctx, boss, 1, nil); !isFault(err, "invalid_input") {
			t.Errorf("none: %v", err)
		}
		if _, err := w.DismissAll(ctx, boss, 1, make([]int64, maxDecisions+1)); !isFault(err, "invalid_input") {
			t.Errorf("too many: %v", err)
		}
	})
}
