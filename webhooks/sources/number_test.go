package sources

import (
	"slices"
	"strings"
	"testing"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/phone"
)

var techPrefix = NumberRules{{Pattern: `7812#(.+)`, Replacement: "$1"}, phone.OutsideLine("1")}

// TestNumberRules: rules are kept with their source, in order, and apply to its numbers; what people type is read by
// the rules of all sources.
func TestNumberRules(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := newRegistry(t, db)
		plain := r.add(t, NewSource{Name: "plain", Dialect: "generic"})
		office := r.add(t, NewSource{Name: "office", Dialect: "generic", Rules: techPrefix})
		if plain.Rules == nil || len(plain.Rules) != 0 || !slices.Equal(office.Rules, techPrefix) {
			t.Errorf("rules: %v and %v", plain.Rules, office.Rules)
		}
		for _, tt := range []struct {
			source, text string
			want         int64
			why          string
		}{
			{"office", "7812#84950000011", 74950000011, "the source's rule"},
			{"office", "184950000011", 74950000011, "its second rule"},
			{"plain", "7812#84950000011", 0, "another source has no rule"},
			{"", "7812#84950000011", 74950000011, "typed without a source: the rules of all"},
			{"", "984950000011", 74950000011, "the digit for an outside line needs no rule"},
			{"", "84950000011", 74950000011, "a plain number"},
			{"nowhere", "184950000011", 74950000011, "an unknown source is none"},
		} {
			if n := r.ReadNumber(ctx, tt.source, tt.text); n.E164 != tt.want {
				t.Errorf("%s of %q: %+v: %s", tt.text, tt.source, n, tt.why)
			}
		}
		none := NumberRules{}
		changed, err := r.Change(ctx, admin, office.ID, SourceChange{Rules: &none, Version: office.Version})
		if err != nil || len(changed.Rules) != 0 {
			t.Errorf("%v, %v", changed.Rules, err)
		}
		if n := r.ReadNumber(ctx, "office", "7812#84950000011"); n.Kind != phone.Invalid {
			t.Errorf("the rules are gone, and it is %+v", n)
		}
	})
}

func TestFaultsOfNumberRules(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		r := newRegistry(t, db)
		bad := NumberRules{{Pattern: "9(.+)", Replacement: "$1"}, {Pattern: "("},
			{Replacement: strings.Repeat("9", 200)}}
		want := []fault.Field{{Field: "rules.1.pattern", Code: "malformed"},
			{Field: "rules.2.pattern", Code: "required"}, {Field: "rules.2.replacement", Code: "too_long"}}
		_, _, err := r.Add(ctx, admin, NewSource{Name: "office", Dialect: "generic", Rules: bad})
		if !slices.Equal(fault.Of(err).Fields, want) {
			t.Errorf("a new source: %v", err)
		}
		office := r.add(t, NewSource{Name: "office", Dialect: "generic"})
		_, err = r.Change(ctx, admin, office.ID, SourceChange{Rules: &bad, Version: office.Version})
		if !slices.Equal(fault.Of(err).Fields, want) {
			t.Errorf("a change: %v", err)
		}
		many := make(NumberRules, phone.MaxRules+1)
		_, err = r.Change(ctx, admin, office.ID, SourceChange{Rules: &many, Version: office.Version})
		if !slices.Equal(fault.Of(err).Fields, []fault.Field{{Field: "rules", Code: "too_many"}}) {
			t.Errorf("too many: %v", err)
		}
		if _, err = r.TryRules(ctx, office.ID, RuleTrial{Rules: bad}); !slices.Equal(fault.Of(err).Fields, want) {
			t.Errorf("a trial: %v", err)
		}
		trial := RuleTrial{Numbers: []string{"7812#84950000011", "12"}, Rules: techPrefix}
		tried, err := r.TryRules(ctx, office.ID, trial)
		if err != nil || tried[0].E164 != "+74950000011" || tried[1].Kind != "internal" || tried[1].E164 != "" {
			t.Errorf("a trial: %+v, %v", tried, err)
		}
		if len(r.mustLive(t, office.ID).Rules) != 0 {
			t.Error("a trial is stored")
		}
	})
}

func (r registry) mustLive(t *testing.T, id int64) *Live {
	t.Helper()
	live, err := r.Live(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return live
}
