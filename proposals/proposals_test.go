package proposals

import (
	"strings"
	"testing"
	"time"

	"callhue/internal/access"
	"callhue/policy"
	"callhue/rules"
	"callhue/staff"
	"callhue/statuses"
	"callhue/test/house"
)

func TestASupervisorDoesNotSwitchRedOffAlone(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		c := waits(t, w.weaken(w.sonya, rules.EffectNone))
		if c.Effect == nil || c.Effect.Companies != 17 || c.Effect.Calls["red->none"] != 12 ||
			c.ProposedBy.Name != "Sonya" || strings.Join(c.Lowers, " ") != "card_effect" ||
			!strings.Contains(string(c.Changed), `"card_effect":{"from":"red","to":"none"}`) {
			t.Errorf("%+v %s", c, c.Changed)
		}
		if s := w.status(statuses.InWork); s.CardEffect != rules.EffectRed || s.Version != 1 {
			t.Errorf("it changed at once: %+v", s)
		}
		again := waits(t, w.weaken(w.sonya, rules.EffectNone))
		if again.ID != c.ID {
			t.Errorf("the same change waits twice: %d and %d", c.ID, again.ID)
		}
		_, err := w.registry.Confirm(t.Context(), w.sonya, c.ID, Sign{})
		refused(t, err, "second_admin_needed")
		done, err := w.registry.Confirm(t.Context(), w.olga, c.ID, Sign{})
		if err != nil || done.State != Confirmed || done.DecidedBy.Name != "Olga" ||
			done.Confirmation != "second_admin" {
			t.Fatalf("%+v, %v", done, err)
		}
		if s := w.status(statuses.InWork); s.CardEffect != rules.EffectNone {
			t.Errorf("it did not change: %+v", s)
		}
		for _, verb := range []string{string(ChangeConfirmed), string(statuses.StatusChanged)} {
			entry := w.details(journalVerb(verb))
			if !strings.Contains(entry, `"Sonya"`) || !strings.Contains(entry, `"Olga"`) {
				t.Errorf("%s does not name both: %s", verb, entry)
			}
		}
		_, err = w.registry.Confirm(t.Context(), w.Admin, c.ID, Sign{})
		refused(t, err, "change_decided")
	})
}

// Every way to lower protection that the directory, the policy and the staff have.
func TestWhatLowersProtectionWaits(t *testing.T) {
	off, on := false, true
	yellow := rules.EffectYellow
	inWorld(t, func(t *testing.T, w *world) {
		w.Company("Acme", w.Anna)
		change := func(in statuses.StatusChange) func() error {
			return func() error {
				in.Version = 1
				_, err := w.Directory.Change(t.Context(), w.Admin, statuses.InWork, in)
				return err
			}
		}
		tryPolicy := func(set func(p *rules.Policy)) func() error {
			return func() error {
				in := policy.PolicyInput{Policy: rules.Default()}
				set(&in.Policy)
				_, err := w.policy.Change(t.Context(), w.Admin, in)
				return err
			}
		}
		user := func(id, version int64, roles ...access.Role) func() error {
			return func() error {
				_, err := w.Roster.Change(t.Context(), w.Admin, id,
					staff.UserChange{Version: version, Roles: (*access.Roles)(&roles)})
				return err
			}
		}
		house.Must(t, w.Roster.Disable(t.Context(), access.System(), w.sonya.ID))
		name := "Renamed"
		for _, c := range []struct {
			why    string
			try    func() error
			lowers string
		}{
			{"a weaker effect", change(statuses.StatusChange{CardEffect: &yellow}), "card_effect"},
			{"no protection", change(statuses.StatusChange{IsProtected: &off, Confirm: true}), "is_protected"},
			{"off while a company has it", change(statuses.StatusChange{Active: &off}), "active"},
			{"another default", change(statuses.StatusChange{IsDefault: &on}), "is_default"},
			{"a name with it: the change waits as a whole",
				change(statuses.StatusChange{CardEffect: &yellow, Name: &name}), "card_effect"},
			{"a new default", func() error {
				_, err := w.Directory.Add(t.Context(), w.Admin, statuses.NewStatus{Code: "FREE", Name: "Free",
					IsDefault: true})
				return err
			}, "is_default"},
			{"red for incoming calls", tryPolicy(func(p *rules.Policy) { p.Incoming = rules.None }), "incoming"},
			{"red that is green", tryPolicy(func(p *rules.Policy) { p.Palette.Red.Back = "#00AA00" }), "palette.red"},
			{"a supervisor", user(w.Anna.ID, 1, access.Agent, access.Supervisor), "roles"},
			{"an administrator", user(w.Boris.ID, 1, access.Admin), "roles"},
			{"a supervisor who comes back", func() error {
				_, err := w.Roster.Change(t.Context(), w.Admin, w.sonya.ID, staff.UserChange{Version: 2, Active: &on})
				return err
			}, "roles"},
			{"a new administrator, with a password", func() error {
				_, err := w.Roster.AddUser(t.Context(), w.Admin, staff.NewUser{Login: "twin", Name: "Twin",
					Roles: access.Roles{access.Admin}, Password: "battery staple"})
				return err
			}, "roles"},
			{"an administrator that another system pushes", func() error {
				_, err := w.Roster.Push(t.Context(), w.Admin, "hr", "7", staff.UserChange{Login: new("pushed"),
					Roles: &access.Roles{access.Admin}})
				return err
			}, "roles"},
		} {
			if got := strings.Join(waits(t, c.try()).Lowers, " "); got != c.lowers {
				t.Errorf("%s: %s, want %s", c.why, got, c.lowers)
			}
		}
		if s := w.status(statuses.InWork); s.Version != 1 || w.roles(w.Anna.ID) != "agent" {
			t.Errorf("something changed: %+v", s)
		}
		var users int64
		house.Must(t, w.DB.Read(t.Context()).Get(&users,
			"SELECT COUNT(*) FROM users WHERE login IN ('twin', 'pushed')"))
		if users != 0 {
			t.Errorf("%d users were added", users)
		}
	})
}

func TestWhatRaisesProtectionTakesEffectAtOnce(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		red, on, off := rules.EffectRed, true, false
		for _, in := range []statuses.StatusChange{
			{Version: 1, CardEffect: &red, IsProtected: &on},
			{Version: 2, Name: new("Paused")},
			{Version: 3, Active: &on},
			{Version: 4, Active: &off}, // no company has it
		} {
			_, err := w.Directory.Change(t.Context(), w.sonya, "PAUSED", in)
			house.Must(t, err)
		}
		strict := policy.PolicyInput{Policy: rules.Default()}
		strict.SharedNumber, strict.Team, strict.MissingStatus = rules.SharedStrictest, rules.CountsAsForeign,
			rules.MissingAsProtected
		_, err := w.policy.Change(t.Context(), w.Admin, strict)
		house.Must(t, err)
		_, err = w.Roster.Change(t.Context(), w.Admin, w.sonya.ID,
			staff.UserChange{Version: 1, Roles: &access.Roles{access.Agent}})
		house.Must(t, err)
		_, err = w.Roster.Change(t.Context(), w.Admin, w.olga.ID,
			staff.UserChange{Version: 1, Roles: &access.Roles{access.Supervisor}})
		house.Must(t, err) // less than an administrator
	})
}

func TestRedWithoutProtectionIsSaidTwice(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		red := rules.EffectRed
		_, err := w.Directory.Change(t.Context(), w.sonya, "PAUSED",
			statuses.StatusChange{Version: 1, CardEffect: &red})
		refused(t, err, "red_unprotected")
		_, err = w.Directory.Add(t.Context(), w.sonya, statuses.NewStatus{Code: "HOT", Name: "Hot", CardEffect: red})
		refused(t, err, "red_unprotected")
		_, err = w.Directory.Change(t.Context(), w.sonya, "PAUSED",
			statuses.StatusChange{Version: 1, CardEffect: &red, Confirm: true})
		house.Must(t, err)
		_, err = w.Directory.Change(t.Context(), w.sonya, "PAUSED", statuses.StatusChange{Version: 2, Name: new("Hot")})
		house.Must(t, err) // it was red and unprotected before
		off := false
		_, err = w.Directory.Change(t.Context(), w.sonya, statuses.InWork,
			statuses.StatusChange{Version: 1, IsProtected: &off})
		refused(t, err, "red_unprotected")
	})
}

func TestAChangeOfAnOlderVersionIsOutdated(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		c := waits(t, w.weaken(w.sonya, rules.EffectNone))
		_, err := w.Directory.Change(t.Context(), w.sonya, statuses.InWork,
			statuses.StatusChange{Version: 1, Name: new("Something harmless")})
		house.Must(t, err)
		_, err = w.registry.Confirm(t.Context(), w.olga, c.ID, Sign{})
		refused(t, err, "change_outdated")
		got, err := w.registry.Find(t.Context(), w.olga, c.ID)
		if err != nil || got.State != Outdated || w.status(statuses.InWork).CardEffect != rules.EffectRed {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestAChangeEndsWithoutTakingEffect(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		c := waits(t, w.weaken(w.sonya, rules.EffectNone))
		_, err := w.registry.Refuse(t.Context(), w.sonya, c.ID, "no")
		refused(t, err, "change_forbidden")
		_, err = w.registry.Withdraw(t.Context(), w.Admin, c.ID)
		refused(t, err, "change_forbidden")
		_, err = w.registry.Refuse(t.Context(), w.olga, c.ID, "We need it")
		house.Must(t, err)
		_, err = w.registry.Confirm(t.Context(), w.olga, c.ID, Sign{})
		refused(t, err, "change_decided")

		c = waits(t, w.weaken(w.sonya, rules.EffectNone))
		_, err = w.registry.Withdraw(t.Context(), w.sonya, c.ID)
		house.Must(t, err)

		c = waits(t, w.weaken(w.sonya, rules.EffectNone))
		w.Clock.Move(Lives)
		_, err = w.registry.Confirm(t.Context(), w.olga, c.ID, Sign{})
		refused(t, err, "change_decided")
		if got, err := w.registry.Find(t.Context(), w.sonya, c.ID); err != nil || got.State != Expired {
			t.Errorf("%+v, %v", got, err)
		}
		house.Must(t, w.registry.Sweep(t.Context()))
		house.Must(t, w.registry.Sweep(t.Context()))
		if n := len(w.Entries(ChangeExpired)); n != 1 {
			t.Errorf("%d entries about one change that expired", n)
		}
		if s := w.status(statuses.InWork); s.CardEffect != rules.EffectRed {
			t.Errorf("%+v", s)
		}
	})
}

func TestTheOnlyAdministratorConfirmsWithTheirPassword(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		const password = "battery staple"
		house.Must(t, w.Roster.SetPassword(t.Context(), access.System(), w.Admin.ID, password))
		house.Must(t, w.Roster.Disable(t.Context(), access.System(), w.olga.ID))
		own := waits(t, w.weaken(w.Admin, rules.EffectBanner))
		_, err := w.registry.Confirm(t.Context(), w.Admin, own.ID, Sign{Password: password})
		refused(t, err, "second_admin_needed") // a moment ago there were two
		w.Clock.Move(7*24*time.Hour + time.Minute)
		own = waits(t, w.weaken(w.Admin, rules.EffectBanner))
		_, err = w.registry.Confirm(t.Context(), w.Admin, own.ID, Sign{})
		refused(t, err, "password_needed")
		_, err = w.registry.Confirm(t.Context(), w.Admin, own.ID, Sign{Password: "a wrong one"})
		refused(t, err, "password_wrong")
		done, err := w.registry.Confirm(t.Context(), w.Admin, own.ID, Sign{Password: password})
		if err != nil || done.Confirmation != "password" {
			t.Fatalf("%+v, %v", done, err)
		}
		if entry := w.details(statuses.StatusChanged); !strings.Contains(entry, `"confirmation":"password"`) {
			t.Error(entry)
		}
	})
}

// The second person must be one: a change of these is refused, and nothing changes.
func TestTheSecondPersonIsOne(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		c := waits(t, w.weaken(w.Admin, rules.EffectNone))
		machine := w.User("machine", 0, access.Service, access.Admin)
		for _, who := range []*access.User{w.Admin, machine, w.sonya, w.Rita, w.Anna} {
			_, err := w.registry.Confirm(t.Context(), who, c.ID, Sign{})
			refused(t, err, "second_admin_needed")
		}
		// A deputy of an administrator is none.
		now := w.Clock.Now()
		_, err := w.Roster.AddDeputy(t.Context(), access.System(), w.olga.ID, staff.NewDeputy{DeputyID: w.sonya.ID,
			From: moment(now.Add(-time.Hour)), Until: moment(now.Add(time.Hour))})
		house.Must(t, err)
		_, err = w.registry.Confirm(t.Context(), w.sonya, c.ID, Sign{})
		refused(t, err, "second_admin_needed")
		// An account into which the proposer signs in is theirs.
		_, err = w.Roster.Link(t.Context(), w.Admin, w.olga.ID, time.Hour)
		house.Must(t, err)
		_, err = w.registry.Confirm(t.Context(), w.olga, c.ID, Sign{})
		refused(t, err, "not_independent")
		house.Must(t, w.Roster.SetPassword(t.Context(), w.Admin, w.olga.ID, "battery staple"))
		w.Clock.Move(8 * 24 * time.Hour) // the link does not count any more, the password does
		c = waits(t, w.weaken(w.Admin, rules.EffectNone))
		_, err = w.registry.Confirm(t.Context(), w.olga, c.ID, Sign{Password: "battery staple"})
		refused(t, err, "not_independent")
		if s := w.status(statuses.InWork); s.CardEffect != rules.EffectRed {
			t.Errorf("it changed: %+v", s)
		}
		house.Must(t, w.Roster.SetPassword(t.Context(), access.System(), w.olga.ID, "correct horse"))
		_, err = w.registry.Confirm(t.Context(), w.olga, c.ID, Sign{})
		house.Must(t, err)
	})
}

// A proposer does not make the second administrator: that waits, too. Nor do they become the only one.
func TestNoOneMakesTheirSecondPerson(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		role := access.Roles{access.Agent, access.Admin}
		_, err := w.Roster.Change(t.Context(), w.Admin, w.Anna.ID, staff.UserChange{Version: 1, Roles: &role})
		c := waits(t, err)
		_, err = w.registry.Confirm(t.Context(), w.Anna, c.ID, Sign{})
		refused(t, err, "second_admin_needed")
		_, err = w.registry.Confirm(t.Context(), w.Admin, c.ID, Sign{})
		refused(t, err, "second_admin_needed")
		house.Must(t, w.Roster.Disable(t.Context(), w.Admin, w.olga.ID))
		house.Must(t, w.Roster.SetPassword(t.Context(), access.System(), w.Admin.ID, "battery staple"))
		_, err = w.registry.Confirm(t.Context(), w.Admin, c.ID, Sign{Password: "battery staple"})
		refused(t, err, "second_admin_needed")
		if got := w.roles(w.Anna.ID); got != "agent" {
			t.Error(got)
		}
	})
}

func TestAConfirmedUserIsThere(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, err := w.Roster.AddUser(t.Context(), w.Admin, staff.NewUser{Login: "nina", Name: "Nina",
			Roles: access.Roles{access.Supervisor}, Password: "battery staple", Extension: "107"})
		c := waits(t, err)
		if raw := string(c.Changed); strings.Contains(raw, "staple") || strings.Contains(raw, "argon") {
			t.Errorf("the change shows the password: %s", raw)
		}
		_, err = w.registry.Confirm(t.Context(), w.olga, c.ID, Sign{})
		house.Must(t, err)
		s, err := w.Roster.SignIn(t.Context(), "nina", "battery staple", staff.Browser{Address: "192.0.2.7"})
		if err != nil || s.User.Extension != "107" {
			t.Fatalf("%+v, %v", s, err)
		}
		var secrets int
		house.Must(t, w.DB.Read(t.Context()).Get(&secrets, "SELECT COUNT(*) FROM proposals WHERE secret <> ''"))
		if secrets != 0 {
			t.Errorf("%d hashes of passwords are left", secrets)
		}
		_, err = w.Roster.Push(t.Context(), w.olga, "hr", "9", staff.UserChange{Login: new("oksana"),
			Roles: &access.Roles{access.Supervisor}})
		_, err = w.registry.Confirm(t.Context(), w.Admin, waits(t, err).ID, Sign{})
		house.Must(t, err)
		if u, err := w.Roster.FindPushed(t.Context(), "hr", "9"); err != nil || u.Login != "oksana" {
			t.Errorf("%+v, %v", u, err)
		}
	})
}

func TestAProposerWhoLeftProposesNothing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		c := waits(t, w.weaken(w.sonya, rules.EffectNone))
		house.Must(t, w.Roster.Disable(t.Context(), access.System(), w.sonya.ID))
		_, err := w.registry.Confirm(t.Context(), w.olga, c.ID, Sign{})
		refused(t, err, "proposer_left")
	})
}

func TestTheCommandLineNeedsNoSecondPerson(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		house.Must(t, w.weaken(access.System(), rules.EffectNone))
		if entry := w.details(statuses.StatusChanged); !strings.Contains(entry, `"confirmation":"command_line"`) {
			t.Error(entry)
		}
		if entry := w.details(staff.UserAdded); !strings.Contains(entry, `"confirmation":"command_line"`) {
			t.Error(entry) // Sonya, the last one added, is a supervisor
		}
	})
}

// Two confirm at the same moment: it takes effect once.
func TestAChangeTakesEffectOnce(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		third := w.User("third", 0, access.Admin)
		c := waits(t, w.weaken(w.Admin, rules.EffectNone))
		errs := make(chan error, 4)
		for i := range 4 {
			who := []*access.User{w.olga, third}[i%2]
			go func() {
				_, err := w.registry.Confirm(t.Context(), who, c.ID, Sign{})
				errs <- err
			}()
		}
		confirmed := 0
		for range 4 {
			if err := <-errs; err == nil {
				confirmed++
			} else {
				refused(t, err, "change_decided")
			}
		}
		if confirmed != 1 || len(w.Entries(ChangeConfirmed)) != 1 {
			t.Errorf("confirmed %d times", confirmed)
		}
	})
}

func TestWhoSeesWhatWaits(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		c := waits(t, w.weaken(w.Admin, rules.EffectNone))
		for _, one := range []struct {
			who  *access.User
			sees int
			open int
			may  string
		}{
			{w.Admin, 1, 0, "withdraw"},
			{w.olga, 1, 1, "confirm refuse"},
			{w.sonya, 0, 0, ""},
		} {
			page, err := w.registry.List(t.Context(), one.who, Filter{State: Proposed})
			house.Must(t, err)
			count, err := w.registry.CountOpen(t.Context(), one.who)
			house.Must(t, err)
			may := ""
			if len(page.Items) > 0 {
				may = strings.Join(page.Items[0].May, " ")
			}
			if len(page.Items) != one.sees || count.Open != one.open || may != one.may {
				t.Errorf("%s: %d changes, %d open, may %q", one.who.Name, len(page.Items), count.Open, may)
			}
		}
		_, err := w.registry.Find(t.Context(), w.sonya, c.ID)
		refused(t, err, "not_found")
	})
}
