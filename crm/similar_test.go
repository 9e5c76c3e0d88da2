package crm

import (
	"context"
	"slices"
	"testing"

	"callhue/internal/store"
)

func TestNumbersThatEndAlike(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for name, number := range map[string]string{"Moscow": "+74950000011", "Minsk": "+3754950000011",
			"unread": "(0)4950000011 123", "another": "+74950000012", "short": "950000011"} {
			w.lead(NewLead{Title: name, Phones: phones(number)})
		}
		alike := func(key int64) (names []string) {
			t.Helper()
			rows, err := ReachSimilar(db.Read(context.Background()), key)
			must(t, err)
			for _, r := range rows {
				names = append(names, r.Name)
			}
			slices.Sort(names)
			return names
		}
		for _, c := range []struct {
			why  string
			key  int64
			want []string
		}{
			{"another country's", 444950000011, []string{"Minsk", "Moscow"}},
			{"its own records are not alike but the same", 74950000011, []string{"Minsk"}},
			{"digits that no plan could read", -84950000011, []string{"Minsk", "Moscow"}},
			{"the ten digits alone", -4950000011, []string{"Minsk", "Moscow"}},
			{"nine digits are no evidence", -950000011, nil},
			{"nobody's", 74950000099, nil},
			{"no number at all", 0, nil},
		} {
			if got := alike(c.key); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", c.why, got, c.want)
			}
		}
	})
}
