package policy

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"callhue/rules"
)

// knobs are the settings on which red depends, with all of their values.
var knobs = []struct {
	field string
	set   []func(p *rules.Policy)
}{
	{"inherit_contact_company", each(func(p *rules.Policy, v bool) { p.InheritContactCompany = v }, true, false)},
	{"inherit_lead_company", each(func(p *rules.Policy, v bool) { p.InheritLeadCompany = v }, true, false)},
	{"missing_status", each(func(p *rules.Policy, v rules.MissingPolicy) { p.MissingStatus = v },
		rules.MissingAsDefault, rules.MissingAsProtected)},
	{"shared_number", each(func(p *rules.Policy, v rules.SharedPolicy) { p.SharedNumber = v },
		rules.SharedOldestLink, rules.SharedStrictest, rules.SharedOwnFirst)},
	{"leads", each(func(p *rules.Policy, v rules.LeadPolicy) { p.Leads = v },
		rules.LeadsOpenAndLost, rules.LeadsOpen)},
	{"team", each(func(p *rules.Policy, v rules.CountsAs) { p.Team = v },
		rules.CountsAsOwn, rules.CountsAsForeign)},
	{"deputy", each(func(p *rules.Policy, v rules.CountsAs) { p.Deputy = v }, rules.CountsAsOwn,
		rules.CountsAsForeign)},
	{"supervisor", each(func(p *rules.Policy, v rules.Color) { p.Supervisor = v },
		rules.Red, rules.Yellow, rules.None)},
	{"admin", each(func(p *rules.Policy, v rules.Color) { p.Admin = v }, rules.Red, rules.Yellow, rules.None)},
	{"incoming", each(func(p *rules.Policy, v rules.Color) { p.Incoming = v }, rules.Red, rules.Yellow, rules.None)},
	{"", each(func(p *rules.Policy, v []rules.Kind) { p.Priority = v },
		[]rules.Kind{rules.KindLead}, []rules.Kind{rules.KindCompany}, []rules.Kind{rules.KindContact})},
	{"", each(func(p *rules.Policy, v rules.Color) { p.OwnContact = v }, rules.Yellow, rules.None)},
}

func each[T any](set func(p *rules.Policy, v T), values ...T) (list []func(p *rules.Policy)) {
	for _, v := range values {
		list = append(list, func(p *rules.Policy) { set(p, v) })
	}
	return list
}

// dice draws policies and clients.
type dice struct{ *rand.Rand }

func pick[T any](d dice, list ...T) T { return list[d.IntN(len(list))] }

func (d dice) policy() rules.Policy {
	p := rules.Default()
	for _, k := range knobs {
		pick(d, k.set...)(&p)
	}
	return p
}

func (d dice) scene() rules.Scene {
	relations := []rules.Relation{rules.Own, rules.Team, rules.Deputy, rules.Permit, rules.Supervisor, rules.Admin,
		rules.Foreign, rules.Foreign}
	s := rules.Scene{AgentKnown: true, Direction: pick(d, rules.Out, rules.In)}
	for i := range 1 + d.IntN(3) {
		id := int64(i + 1)
		c := rules.Company{ID: id, Relation: pick(d, relations...), Unassigned: d.IntN(8) == 0,
			OwnerInactive: d.IntN(8) == 0, Status: pick(d, rules.StatusSet, rules.StatusMissing, rules.StatusUnknown),
			Effect: pick(d, rules.EffectRed, rules.EffectRed, rules.EffectBanner, rules.EffectYellow, rules.EffectNone)}
		for range 1 + d.IntN(2) {
			link := rules.Link{Via: pick(d, rules.ViaDirect, rules.ViaContact, rules.ViaLead), Since: int64(d.IntN(5))}
			if link.Via != rules.ViaDirect {
				link.Record = id
			}
			c.Links = append(c.Links, link)
			switch link.Via {
			case rules.ViaContact:
				s.Contacts = append(s.Contacts, rules.Contact{ID: id, Relation: c.Relation,
					Companies: []rules.ContactCompany{{ID: id, Primary: true}}})
			case rules.ViaLead:
				s.Leads = append(s.Leads, rules.Lead{ID: id, Relation: c.Relation, CompanyID: id,
					Finished: d.IntN(2) == 0})
			}
		}
		s.Companies = append(s.Companies, c)
	}
	return s
}

// TestNothingLowersUnseen asks the rules themselves: no client of many is red under a policy and not so under another
// one that Lowers lets pass.
func TestNothingLowersUnseen(t *testing.T) {
	d := dice{rand.New(rand.NewPCG(11, 16))}
	scenes := make([]rules.Scene, 2000)
	for i := range scenes {
		scenes[i] = d.scene()
	}
	seen := map[string]bool{} // fields by which some client lost its red
	for range 250 {
		before := d.policy()
		next := before
		changed := pick(d, knobs...)
		pick(d, changed.set...)(&next)
		if d.IntN(4) == 0 {
			next = d.policy()
			changed.field = ""
		}
		lowers := Lowers(before, next)
		for _, scene := range scenes {
			was, would := rules.Judge(scene, before), rules.Judge(scene, next)
			if was.Color != rules.Red || would.Color == rules.Red {
				continue
			}
			if len(lowers) == 0 {
				t.Fatalf("red becomes %s unseen\nbefore %+v\nnext   %+v\n%+v", would.Color, before, next, scene)
			}
			if changed.field != "" && slices.Contains(lowers, changed.field) {
				seen[changed.field] = true
			}
			break
		}
	}
	for _, k := range knobs { // and no field stands there for nothing
		if k.field != "" && !seen[k.field] {
			t.Errorf("no client lost its red by %s", k.field)
		}
	}
}

// Where red is painted in another colour, or another policy is stricter.
func TestLowers(t *testing.T) {
	for _, c := range []struct {
		why    string
		change func(p *rules.Policy)
		want   string
	}{
		{"nothing", func(*rules.Policy) {}, ""},
		{"a darker red", func(p *rules.Policy) { p.Palette.Red.Back = "#A00018" }, ""},
		{"red is white", func(p *rules.Policy) { p.Palette.Red = p.Palette.None }, "palette.red"},
		{"red is yellow", func(p *rules.Policy) { p.Palette.Red = p.Palette.Yellow }, "palette.red"},
		{"a lookup has more time", func(p *rules.Policy) { p.LookupMillis = 900 }, ""},
		{"two at once", func(p *rules.Policy) { p.Incoming, p.Admin = rules.None, rules.Yellow }, "admin incoming"},
		{"stricter", func(p *rules.Policy) { p.Team, p.SharedNumber = rules.CountsAsForeign, rules.SharedStrictest },
			""},
	} {
		next := rules.Default()
		c.change(&next)
		if got := strings.Join(Lowers(rules.Default(), next), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}
