package policy

import (
	"sync"
	"testing"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/rules"
	"callhue/test/house"
)

// inOrganisation runs a test on both databases, with an administrator.
func inOrganisation(t *testing.T, test func(t *testing.T, v *Versions, admin *access.User)) {
	t.Helper()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := house.Join(t, db)
		h.Journal.Register(Verbs()...)
		admin := h.User("root", h.Department("Office", 0), access.Admin)
		test(t, New(h.DB, h.Journal, h.Roster, h.Directory, rules.Default()), admin)
	})
}

func TestAPaletteWithLowContrastIsWarnedOf(t *testing.T) {
	inOrganisation(t, func(t *testing.T, v *Versions, admin *access.User) {
		in := PolicyInput{Policy: rules.Default()}
		in.Palette.Yellow.Ink = "#FFFFFF"
		made, err := v.Change(t.Context(), admin, in)
		if err != nil || made.Policy.Version != 2 || len(made.Warnings) != 1 {
			t.Fatalf("%+v, %v", made, err)
		}
		if w := made.Warnings[0]; w.Field != "palette.yellow" || w.Code != rules.ProblemLowContrast {
			t.Errorf("%+v", w)
		}
	})
}

func TestOneOfManyWhoReplaceAVersionSucceeds(t *testing.T) {
	inOrganisation(t, func(t *testing.T, v *Versions, admin *access.User) {
		errs := make([]error, 6)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() { _, errs[i] = v.Change(t.Context(), admin, PolicyInput{Policy: rules.Default()}) })
		}
		all.Wait()
		made := 0
		for _, err := range errs {
			switch {
			case err == nil:
				made++
			case !fault.Is(err, fault.KindConflict):
				t.Error(err)
			}
		}
		if made != 1 {
			t.Errorf("%d versions replace one", made)
		}
	})
}
