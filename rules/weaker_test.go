package rules

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestNoRedIsLostUnseen: wherever a card is red under one policy and not under another, Weaker names a setting.
func TestNoRedIsLostUnseen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scene, old := anyScene(t), anyPolicy(t)
		next := anyPolicy(t)
		if rapid.Bool().Draw(t, "one setting only") {
			next = withOneOf(t, old, next)
		}
		before, after := Judge(scene, old), Judge(scene, next)
		if before.Color == Red && after.Color != Red && len(Weaker(old, next)) == 0 {
			t.Fatalf("red by row %s, then %s by row %s\nold  %+v\nnext %+v",
				before.Row, after.Color, after.Row, old, next)
		}
	})
}

// withOneOf returns old with one setting of next.
func withOneOf(t *rapid.T, old, next Policy) Policy {
	p := old
	settings := []func(){
		func() { p.InheritContactCompany = next.InheritContactCompany },
		func() { p.InheritLeadCompany = next.InheritLeadCompany },
		func() { p.MissingStatus = next.MissingStatus },
		func() { p.SharedNumber = next.SharedNumber },
		func() { p.Leads = next.Leads },
		func() { p.Team = next.Team },
		func() { p.Deputy = next.Deputy },
		func() { p.Supervisor = next.Supervisor },
		func() { p.Admin = next.Admin },
		func() { p.Incoming = next.Incoming },
		func() { p.IdleDays = next.IdleDays },
		func() { p.Priority = next.Priority },
		func() { p.OwnContact = next.OwnContact },
	}
	settings[rapid.IntRange(0, len(settings)-1).Draw(t, "setting")]()
	return p
}

func TestWeakerNamesTheSetting(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(old, next *Policy)
		want   []string
	}{
		{"nothing changed", func(_, _ *Policy) {}, nil},
		{"another order of kinds touches no red", func(_, next *Policy) { next.Priority = []Kind{KindLead} }, nil},
		{"contacts lead nowhere", func(_, next *Policy) {
			next.InheritContactCompany = false
		}, []string{"inherit_contact_company"}},
		{"companies without a status are free again", func(old, _ *Policy) {
			old.MissingStatus = MissingAsProtected
		}, []string{"missing_status"}},
		{"one's own number is always excused", func(_, next *Policy) {
			next.SharedNumber = SharedOwnFirst
		}, []string{"shared_number"}},
		{"the strictest reading is a raise", func(_, next *Policy) { next.SharedNumber = SharedStrictest }, nil},
		{"helpers count again", func(old, _ *Policy) {
			old.Team, old.Deputy = CountsAsForeign, CountsAsForeign
		}, []string{"team", "deputy"}},
		{"helpers count no more", func(_, next *Policy) {
			next.Team, next.Deputy = CountsAsForeign, CountsAsForeign
		}, nil},
		{"heads and admins see yellow", func(_, next *Policy) {
			next.Supervisor, next.Admin = Yellow, None
		}, []string{"supervisor", "admin"}},
		{"incoming calls are quiet", func(_, next *Policy) { next.Incoming = None }, []string{"incoming"}},
		{"lost leads count no more", func(old, next *Policy) {
			old.InheritLeadCompany, next.InheritLeadCompany, next.Leads = true, true, LeadsOpen
		}, []string{"leads"}},
		{"a lead of one's own excuses", func(_, next *Policy) {
			next.InheritLeadCompany = true
		}, []string{"inherit_lead_company"}},
		{"a lead can only accuse", func(old, next *Policy) {
			old.SharedNumber, next.SharedNumber, next.InheritLeadCompany = SharedStrictest, SharedStrictest, true
		}, nil},
		{"protection fades", func(_, next *Policy) { next.IdleDays = 60 }, []string{"idle_days"}},
		{"it fades sooner", func(old, next *Policy) { old.IdleDays, next.IdleDays = 60, 59 }, []string{"idle_days"}},
		{"it fades later", func(old, next *Policy) { old.IdleDays, next.IdleDays = 59, 60 }, nil},
		{"it fades no more", func(old, _ *Policy) { old.IdleDays = 60 }, nil},
		{"red looks like nothing", func(_, next *Policy) {
			next.Palette.Red = next.Palette.None
		}, []string{"palette.red"}},
		{"red looks like red again", func(old, _ *Policy) { old.Palette.Red = old.Palette.None }, nil},
	} {
		old, next := Default(), Default()
		c.change(&old, &next)
		if got := Weaker(old, next); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
