package calls

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/permits"
	"callhue/rules"
	"callhue/staff"
	"callhue/statuses"
	"callhue/test/oracle"
)

// worldsInDatabase is how many worlds each database has to hold in a usual test
// run; scripts/test.sh asks for more.
const worldsInDatabase = 20

// TestTheRuleIsReadTwiceFromTheDatabase is TestTheRuleIsReadTwice with every
// world put into a real database through the doors that everybody uses, day by
// day, and asked through Tracker.Check. Worlds follow each other in one database:
// each has its own people, statuses and numbers.
func TestTheRuleIsReadTwiceFromTheDatabase(t *testing.T) {
	inOffice(t, func(o *office) {
		enoughChecks(t, worldsInDatabase)
		number, policy := 0, 1
		rapid.Check(t, func(t *rapid.T) {
			number++
			s := &settlement{office: o, at: t, world: possible(anyWorld(t)), number: number}
			s.settle()
			defer s.leave()
			body := policyOf(s.world.Policy)
			body.Version = policy
			if _, err := o.policy.Change(context.Background(), access.System(), policyInput(body)); err != nil {
				t.Fatalf("policy: %v", err)
			}
			policy++
			for _, u := range s.world.Users {
				for _, q := range []oracle.Question{{Agent: u.ID, Number: thisNumber, Kind: "external", At: today}, {Agent: u.ID, Number: otherNumber, Kind: "external", At: today, Incoming: true}} {
					got, want := s.ask(q), oracle.Judge(s.world, q)
					got.Incident, got.Dial = want.Incident, want.Dial // not on the card
					if got.Company == 0 || want.Company == 0 {
						got.Company = want.Company // a card names a contact's company also where it does not count
					}
					if diff := difference(got, want); u.Active && diff != "" {
						t.Fatalf("%+v\nin %s\n- the database, + oracle:\n%s", q, describe(s.world), diff)
					}
				}
			}
		})
	})
}

// possible leaves out of a world what no database of ours can come to hold:
// dates to come, one number twice on a record, deputies of no one or for no
// time, permits given tomorrow or where there is no owner; and converted leads, which would bring records of their own.
func possible(w oracle.World) oracle.World {
	past := func(at *time.Time) {
		if at.After(today) {
			*at = today
		}
	}
	phones := func(list []oracle.Phone) []oracle.Phone {
		var once []oracle.Phone
		for _, p := range list {
			if _, has := sinceOf(once, p.Number); !has && p.Number != alikeNumber {
				past(&p.Since)
				once = append(once, p)
			}
		}
		return once
	}
	// Its records are all of one day; idle_test.go has the calls.
	w.Policy.Suffix, w.Talks = false, nil
	for i := range w.Companies {
		w.Companies[i].Owned, w.Companies[i].Protected = day(-4), day(-4)
		w.Companies[i].Phones = phones(w.Companies[i].Phones)
	}
	for i := range w.Contacts {
		c := &w.Contacts[i]
		c.Phones = phones(c.Phones)
		for n := range c.Companies {
			past(&c.Companies[n].Since)
		}
	}
	for i := range w.Leads {
		l := &w.Leads[i]
		l.Phones = phones(l.Phones)
		past(&l.Linked)
		if l.Stage == "converted" {
			l.Stage = "open"
		}
	}
	w.Deputies = slices.DeleteFunc(w.Deputies, func(d oracle.Deputy) bool { return d.Owner == d.Deputy || !d.From.Before(d.Until) })
	w.Permits = slices.DeleteFunc(w.Permits, func(p oracle.Permit) bool {
		return p.From.After(today) || !p.From.Before(p.Until) || w.Companies[p.Company-1].Owner == 0
	})
	return w
}

// settlement is a world in a database. Its ids there are those of the slices,
// the first record's first.
type settlement struct {
	*office
	at                         *rapid.T
	world                      oracle.World
	number                     int
	users                      []*staff.User
	companies, contacts, leads []int64
}

func (s *settlement) done(err error) {
	if err != nil {
		s.at.Fatalf("settling %s\n%v", describe(s.world), err)
	}
}

// code is the name of a status in this world.
func (s *settlement) code(status string) string { return fmt.Sprintf("W%d%s", s.number, status) }

// dialled is a number of the world as this database knows it.
func (s *settlement) dialled(number string) string {
	n := 2 * s.number
	if number == otherNumber {
		n++
	}
	return fmt.Sprintf("+7 495 000-%02d-%02d", n/100%100, n%100)
}

func (s *settlement) user(id int64) int64 {
	if id == 0 {
		return 0
	}
	return s.users[id-1].ID
}

// settle brings the world about: people and empty records first, in the order of
// their ids, then day by day what they have, then what was lost since.
func (s *settlement) settle() {
	ctx := context.Background()
	s.clock.Store(day(-4).UnixMilli())
	s.hireAll(ctx)
	s.nameStatuses(ctx)
	s.openRecords(ctx)
	for d := -3; d <= 0; d++ {
		s.clock.Store(day(d).UnixMilli())
		s.liveThrough(ctx, day(d))
	}
	for i, l := range s.leads {
		lead, err := s.book.FindLead(ctx, l)
		s.done(err)
		s.world.Leads[i].Created, s.world.Leads[i].Changed = lead.CreatedAt, lead.UpdatedAt
	}
	s.lose(ctx)
}

func (s *settlement) hireAll(ctx context.Context) {
	var departments []*staff.Department
	for _, d := range s.world.Departments {
		parent := int64(0)
		if d.Parent != 0 {
			parent = departments[d.Parent-1].ID
		}
		made, err := s.roster.AddDepartment(ctx, access.System(),
			staff.NewDepartment{Name: fmt.Sprintf("W%d-%d", s.number, d.ID), ParentID: parent})
		s.done(err)
		departments = append(departments, made)
	}
	for _, u := range s.world.Users {
		in := staff.NewUser{Login: fmt.Sprintf("w%d-%d", s.number, u.ID), Name: "Somebody", Roles: access.Roles{access.Agent}, Language: "en"}
		if u.Admin {
			in.Roles = access.Roles{access.Admin}
		}
		if u.Department != 0 {
			in.DepartmentID = departments[u.Department-1].ID
		}
		for _, p := range u.Phones {
			in.Phones = append(in.Phones, s.dialled(p))
		}
		made, err := s.roster.AddUser(ctx, access.System(), in)
		s.done(err)
		s.users = append(s.users, made)
	}
	for i, d := range s.world.Departments {
		if head := s.user(d.Head); head != 0 {
			_, err := s.roster.ChangeDepartment(ctx, access.System(), departments[i].ID,
				staff.DepartmentChange{Version: departments[i].Version, HeadID: &head})
			s.done(err)
		}
	}
	for _, d := range s.world.Deputies {
		_, err := s.roster.AddDeputy(ctx, access.System(), s.user(d.Owner),
			staff.NewDeputy{DeputyID: s.user(d.Deputy), From: store.MomentOf(d.From), Until: store.MomentOf(d.Until)})
		s.done(err)
	}
}

func (s *settlement) nameStatuses(ctx context.Context) {
	for _, one := range s.world.Statuses {
		_, err := s.dir.Add(ctx, access.System(), statuses.NewStatus{Code: s.code(one.Code),
			Name: s.code(one.Code), Color: "#112233", Confirm: true, CardEffect: rules.Effect(one.Effect), IsDefault: one.Default})
		s.done(err)
	}
}

func (s *settlement) openRecords(ctx context.Context) {
	for _, c := range s.world.Companies {
		in := crm.NewCompany{Name: "A company", OwnerID: s.user(c.Owner)}
		for _, member := range c.Team {
			in.TeamIDs = append(in.TeamIDs, s.user(member))
		}
		if c.Status != "" && c.Status != "GONE" {
			in.Status = s.code(c.Status)
		}
		made, err := s.book.AddCompany(ctx, s.admin, in)
		s.done(err)
		s.companies = append(s.companies, made.ID)
	}
	for _, c := range s.world.Contacts {
		made, err := s.book.AddContact(ctx, s.admin, crm.NewContact{Name: "A contact", OwnerID: s.user(c.Owner)})
		s.done(err)
		s.contacts = append(s.contacts, made.ID)
	}
	for _, l := range s.world.Leads {
		in := crm.NewLead{Title: "A lead", OwnerID: s.user(l.Owner)}
		if l.Stage == "lost" {
			in.Stage = crm.StageFailed
		}
		made, err := s.book.AddLead(ctx, s.admin, in)
		s.done(err)
		s.leads = append(s.leads, made.ID)
	}
}

// phonesBy are a record's phones at the end of a day.
func (s *settlement) phonesBy(list []oracle.Phone, now time.Time) *[]crm.Phone {
	had := []crm.Phone{}
	for _, p := range list {
		if !p.Since.After(now) {
			had = append(had, crm.Phone{Value: s.dialled(p.Number)})
		}
	}
	return &had
}

func (s *settlement) liveThrough(ctx context.Context, now time.Time) {
	for _, b := range s.world.DoNotCall {
		if b.From.Equal(now) {
			in := crm.NewDoNotCall{Number: s.dialled(b.Number), Reason: "asked so", Until: store.MomentOf(b.Until)}
			_, err := s.book.AddDoNotCall(ctx, s.admin, in)
			s.done(err)
		}
	}
	s.permit(ctx, now)
	phoned := func(list []oracle.Phone) bool {
		return slices.ContainsFunc(list, func(p oracle.Phone) bool { return p.Since.Equal(now) })
	}
	for i, c := range s.world.Companies {
		if !phoned(c.Phones) {
			continue
		}
		before, err := s.book.FindCompany(ctx, s.companies[i])
		s.done(err)
		_, err = s.book.ChangeCompany(ctx, s.admin, before.ID, crm.CompanyChange{Phones: s.phonesBy(c.Phones, now), Version: before.Version})
		s.done(err)
	}
	for i, c := range s.world.Contacts {
		if !phoned(c.Phones) && !slices.ContainsFunc(c.Companies, func(l oracle.Link) bool { return l.Since.Equal(now) }) {
			continue
		}
		before, err := s.book.FindContact(ctx, s.contacts[i])
		s.done(err)
		linked := []int64{}
		for _, l := range c.Companies {
			if !l.Since.After(now) {
				linked = append(linked, s.companies[l.Company-1])
			}
		}
		_, err = s.book.ChangeContact(ctx, s.admin, before.ID, crm.ContactChange{Phones: s.phonesBy(c.Phones, now), CompanyIDs: &linked, Version: before.Version})
		s.done(err)
	}
	for i, l := range s.world.Leads {
		if !phoned(l.Phones) && !l.Linked.Equal(now) {
			continue
		}
		before, err := s.book.FindLead(ctx, s.leads[i])
		s.done(err)
		in := crm.LeadChange{Phones: s.phonesBy(l.Phones, now), Version: before.Version}
		if l.Company != 0 && !l.Linked.After(now) {
			in.CompanyID = &s.companies[l.Company-1]
		}
		_, err = s.book.ChangeLead(ctx, s.admin, before.ID, in)
		s.done(err)
	}
}

// permit returns the permit of a day, which who helps anyway does not get.
func (s *settlement) permit(ctx context.Context, now time.Time) {
	s.world.Permits = slices.DeleteFunc(s.world.Permits, func(p oracle.Permit) bool {
		if !p.From.Equal(now) {
			return false
		}
		_, err := s.board.Grant(ctx, s.admin, permits.NewPermit{AgentID: s.user(p.Agent), CompanyID: s.companies[p.Company-1], Hours: int(p.Until.Sub(p.From) / time.Hour)})
		if fault.Is(err, fault.KindConflict) && fault.Of(err).Key == "permit_not_needed" {
			return true
		}
		s.done(err)
		return false
	})
}

// lose dismisses people and switches statuses off; a company without a status,
// or with one that is gone, only old data has.
func (s *settlement) lose(ctx context.Context) {
	for i, u := range s.world.Users {
		if !u.Active {
			s.done(s.roster.Disable(ctx, access.System(), s.users[i].ID))
		}
	}
	off := false
	for _, one := range s.world.Statuses {
		if !one.Active {
			entry, err := s.dir.Find(ctx, s.code(one.Code))
			s.done(err)
			_, err = s.dir.Change(ctx, access.System(), entry.Code, statuses.StatusChange{Version: entry.Version, Active: &off})
			s.done(err)
		}
	}
	for i, c := range s.world.Companies {
		if c.Status == "" || c.Status == "GONE" {
			s.done(s.db.Write(ctx, func(tx *store.Tx) error {
				_, err := tx.Exec("UPDATE companies SET status_id = ? WHERE id = ?", len(c.Status)*1_000_000, s.companies[i])
				return err
			}))
		}
	}
}

// leave takes the people and the statuses out of the database: rights and
// directory are read whole at every write.
func (s *settlement) leave() {
	ctx := context.Background()
	s.done(s.db.Write(ctx, func(tx *store.Tx) error {
		for _, table := range []string{"deputies", "user_phones"} {
			if _, err := tx.Exec("DELETE FROM " + table); err != nil {
				return err
			}
		}
		for _, u := range s.users {
			if _, err := tx.Exec("DELETE FROM users WHERE id = ?", u.ID); err != nil {
				return err
			}
		}
		if _, err := tx.Exec("DELETE FROM departments WHERE name LIKE ?", fmt.Sprintf("W%d-%%", s.number)); err != nil {
			return err
		}
		if _, err := tx.Exec("UPDATE statuses SET default_key = NULL WHERE code LIKE ?", s.code("%")); err != nil {
			return err
		}
		if _, err := tx.Exec("UPDATE statuses SET default_key = 1 WHERE code = ?", statuses.Waiting); err != nil {
			return err
		}
		if _, err := tx.Exec("DELETE FROM statuses WHERE code LIKE ?", s.code("%")); err != nil {
			return err
		}
		return tx.TakeTurn("staff_turns", "version") // as every change of staff does
	}))
}

// ask is Tracker.Check in the words of the oracle.
func (s *settlement) ask(q oracle.Question) oracle.Answer {
	ctx := context.Background()
	org, err := s.roster.Org(ctx)
	s.done(err)
	direction := rules.Out
	if q.Incoming {
		direction = rules.In
	}
	card, err := s.desk.Check(ctx, Question{Number: s.desk.Plan.Parse(s.dialled(q.Number)), Agent: org.User(s.user(q.Agent)), Direction: direction})
	s.done(err)
	v := card.Verdict
	a := oracle.Answer{Row: v.Row, Color: string(v.Color), Why: string(v.Why), Relation: string(v.Relation), Banner: v.Banner}
	if card.DoNotCall != nil {
		a.DoNotCall = string(card.DoNotCall.Mode)
	}
	a.Wanted, a.Met = string(card.Enforcement.Mode), card.Enforcement.Met
	for _, m := range card.Matches {
		a.Matches = append(a.Matches, s.known(m.Kind, m.ID))
	}
	if card.Subject != nil {
		a.Subject = s.known(card.Subject.Kind, card.Subject.ID)
		if card.Subject.Kind == rules.KindCompany {
			a.Company = a.Subject.ID
		} else if card.Subject.Company != nil {
			a.Company = s.known(rules.KindCompany, card.Subject.Company.ID).ID
		}
	}
	return a
}

// known is a record of the database by its id in the world.
func (s *settlement) known(kind rules.Kind, id int64) oracle.Record {
	ids := map[rules.Kind][]int64{rules.KindCompany: s.companies, rules.KindContact: s.contacts, rules.KindLead: s.leads}[kind]
	return oracle.Record{Kind: string(kind), ID: int64(slices.Index(ids, id) + 1)}
}
