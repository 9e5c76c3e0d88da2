package staff

import (
	"slices"
	"sync"
	"testing"

	"callhue/internal/access"
	"callhue/internal/store"
)

func TestPush(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := roster(db)
		push := func(id string, in UserChange) (Pushed, error) { return r.Push(t.Context(), system, "ERP", id, in) }
		first := must[Pushed](t)(push("E-17",
			UserChange{Login: ptr("ivanov"), Name: ptr("Ivanov"), Extension: ptr("101")}))
		if !first.Created || !slices.Equal(first.Roles, access.Roles{access.Agent}) || first.Extension != "101" {
			t.Errorf("a new user: %+v", first)
		}
		again := must[Pushed](t)(push("e-17", UserChange{Name: ptr("Ivanov")}))
		if again.Created || again.ID != first.ID || again.Version != first.Version {
			t.Errorf("the same again: %+v", again)
		}
		renamed := must[Pushed](t)(push("E-17", UserChange{Name: ptr("Ivanova")}))
		if renamed.Name != "Ivanova" || renamed.Extension != "101" {
			t.Errorf("what is left out stays: %+v", renamed)
		}
		_, err := push("E-17", UserChange{Name: ptr("x"), Version: first.Version})
		refused(t, err, "stale_version")
		_, err = push("E-18", UserChange{})
		refused(t, err, "login required;name required;")
		_, err = push(" ", UserChange{Login: ptr("x")})
		refused(t, err, "external_id required;")

		petrov := add(t, r, "petrov", func(*NewUser) {})
		known := must[Pushed](t)(push("E-19", UserChange{Login: ptr("petrov"), Extension: ptr("109")}))
		if known.Created || known.ID != petrov.ID || known.Extension != "109" {
			t.Errorf("a user of the same login: %+v", known)
		}
		if u := must[*User](t)(r.FindPushed(t.Context(), "erp", "E-19")); u.ID != petrov.ID {
			t.Errorf("found %+v", u)
		}
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				if _, err := push("E-20", UserChange{Login: ptr("sidorov")}); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		all := must[[]*User](t)(r.List(t.Context(), UserFilter{Query: "sidorov"}, UserPlace{}, 10))
		if len(all) != 1 {
			t.Errorf("%d of one", len(all))
		}
	})
}
