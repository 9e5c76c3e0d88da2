package calls

import (
	"strconv"
	"time"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/lookup"
	"callhue/phone"
	"callhue/rules"
	"callhue/staff"
)

// shownPerKind is how many matches of a kind a card lists; the verdict looks at all of them.
const shownPerKind = 50

// card returns the verdict in the form that people and machines see.
func (b *cardBuilder) card() Card {
	v := &b.verdict
	c := Card{
		Number: numberPart(b.q.Number),
		Verdict: VerdictPart{Color: v.Color, Why: v.Why, Relation: v.Relation, Banner: v.Banner, Row: v.Row, Says: v.Says,
			Policy: v.Policy, DecidedAt: b.now, Icon: b.policy.IconOf(v.Why)},
		Actions: v.Actions,
	}
	if c.Actions == nil {
		c.Actions = []rules.Action{}
	}
	language := b.q.Language
	if a := b.q.Agent; a != nil {
		c.Agent = agentOf(a)
		if language == "" {
			language = a.Language
		}
	}
	c.Matches, c.MatchesTotal = b.matches(), len(v.Order)
	if v.Subject.ID != 0 && len(c.Matches) > 0 {
		c.Subject = &c.Matches[0]
	}
	c.Actions = b.possible(c.Actions, c.Subject)
	c.Colleagues, c.DoNotCall = b.colleagues(), b.doNotCall(language)
	if v.Relation == rules.Permit {
		c.Permit = b.permit()
	}
	c.Enforcement = b.enforcement(language)
	c.guarded = b.isGuarded()
	if !b.q.Wordless {
		names := b.names(c.Subject, c.Colleagues)
		c.Verdict.Title, c.Verdict.Text = b.policy.Words(*v, language, names)
		if b.q.Kept {
			kept := names // a copy: names itself stays off the heap
			c.Verdict.Names = &kept
		}
	}
	return c
}

// possible returns the actions without those that need a record of ours, or a page to open, where there is none.
func (b *cardBuilder) possible(actions []rules.Action, subject *Record) []rules.Action {
	company := b.company(b.verdict.Company)
	isOurs := company == nil || company.LocalID() != 0
	hasPage := subject == nil || subject.URL != ""
	if isOurs && hasPage {
		return actions
	}
	kept := []rules.Action{}
	for _, action := range actions {
		needsCompany := action == rules.ActionAskPermit || action == rules.ActionAskHead
		if needsCompany && !isOurs || action == rules.ActionOpen && !hasPage {
			continue
		}
		kept = append(kept, action)
	}
	return kept
}

// isGuarded reports whether an agent without a relation to any owner would see red. It is asked where the agent is not
// known, as on the display of a telephone that anyone may pick up.
func (b *cardBuilder) isGuarded() bool {
	if b.q.Agent != nil || b.match.Empty() {
		return false
	}
	scene := b.scene()
	scene.AgentKnown = true
	v := rules.Judge(scene, *b.policy)
	return v.Color == rules.Red || v.Why == rules.WhyForeignIdle
}

// permit returns the permit for the company that the verdict is about; nil when the verdict depends on another permit
// of the agent.
func (b *cardBuilder) permit() *PermitPart {
	c := b.company(b.verdict.Company)
	if c == nil {
		return nil
	}
	pass, held := b.held.Find(b.agent(), c.LocalID(), c.Owner, b.now)
	if !held {
		return nil
	}
	return &PermitPart{ID: pass.ID, Until: pass.Until, By: b.org.Person(pass.By)}
}

// matches returns the records found, in the order of the verdict.
func (b *cardBuilder) matches() []Record {
	list := make([]Record, 0, min(len(b.verdict.Order), shownPerKind))
	var shown [3]int
	for _, ref := range b.verdict.Order {
		slot := 0
		switch ref.Kind {
		case rules.KindContact:
			slot = 1
		case rules.KindLead:
			slot = 2
		}
		if shown[slot]++; shown[slot] > shownPerKind {
			continue
		}
		list = append(list, b.record(ref))
	}
	return list
}

func (b *cardBuilder) record(ref rules.Ref) Record {
	r := Record{Kind: ref.Kind, ID: ref.ID, URL: recordURL(string(ref.Kind), ref.ID)}
	switch ref.Kind {
	case rules.KindCompany:
		c := b.company(ref.ID)
		r.Name, r.Owner, r.Status = c.Name, b.ownerOf(c.Owner, c.Origin), statusPart(c.Status)
		link := oldest(c.Links)
		r.Via, r.Since = link.Via, store.Time(link.Since)
		r.placeAt(c.Origin)
	case rules.KindContact:
		c := b.contact(ref.ID)
		r.Name, r.Owner, r.Via, r.Since = c.Name, b.ownerOf(c.Owner, c.Origin), rules.ViaDirect, store.Time(c.Since)
		r.Company = b.companyPart(b.companyOf(c))
		r.placeAt(c.Origin)
	case rules.KindLead:
		l := b.lead(ref.ID)
		r.Name, r.Owner, r.Via, r.Since = l.Name, b.ownerOf(l.Owner, l.Origin), rules.ViaDirect, store.Time(l.Since)
		r.Company = b.companyPart(l.Company)
		r.placeAt(l.Origin)
	}
	return r
}

// companyOf returns the company to name beside a contact: the one that the verdict is about, else the primary one, else
// the first.
func (b *cardBuilder) companyOf(c *lookup.Contact) (id int64) {
	for _, link := range c.Companies {
		if link.ID == b.verdict.Company {
			return link.ID
		}
		if link.Primary || id == 0 {
			id = link.ID
		}
	}
	return id
}

func (b *cardBuilder) companyPart(id int64) *CompanyPart {
	c := b.company(id)
	if c == nil {
		return nil
	}
	part := &CompanyPart{ID: c.LocalID(), Name: c.Name, Owner: b.ownerOf(c.Owner, c.Origin),
		Status: statusPart(c.Status)}
	if c.Origin != nil {
		part.ExternalID, part.Source = c.Origin.ID, c.Origin.Source
	}
	return part
}

func (b *cardBuilder) company(id int64) *lookup.Company {
	for i := range b.match.Companies {
		if b.match.Companies[i].ID == id {
			return &b.match.Companies[i]
		}
	}
	return nil
}

func (b *cardBuilder) contact(id int64) *lookup.Contact {
	for i := range b.match.Contacts {
		if b.match.Contacts[i].ID == id {
			return &b.match.Contacts[i]
		}
	}
	return nil
}

func (b *cardBuilder) lead(id int64) *lookup.Lead {
	for i := range b.match.Leads {
		if b.match.Leads[i].ID == id {
			return &b.match.Leads[i]
		}
	}
	return nil
}

// owner returns an owner with their name. On most cards all records have the same one.
func (b *cardBuilder) owner(id int64) *staff.Person {
	if b.last == nil || b.last.ID != id {
		b.last = b.org.Person(id)
	}
	return b.last
}

// ownerOf returns the owner of a record. One who is no user here has an id of 0 and the name that the other system
// uses.
func (b *cardBuilder) ownerOf(id int64, origin *lookup.Origin) *staff.Person {
	if id == 0 && origin != nil && origin.Owner != "" {
		return &staff.Person{Name: origin.Owner, Active: true}
	}
	return b.owner(id)
}

// placeAt makes a record lead to where it stands: to the other system's page. It has the id of our own record of it, if
// there is one.
func (r *Record) placeAt(origin *lookup.Origin) {
	if origin == nil {
		return
	}
	r.ID, r.ExternalID, r.Source, r.URL = origin.Local, origin.ID, origin.Source, origin.URL
	if r.URL == "" && r.ID != 0 {
		r.URL = recordURL(string(r.Kind), r.ID)
	}
}

// agentOf returns the agent of a card, with their login.
func agentOf(u *staff.User) *staff.Person {
	p := u.Person()
	p.Login = u.Login
	return p
}

func statusPart(s lookup.Status) *crm.StatusMark {
	if s.Code == "" {
		return nil
	}
	return &crm.StatusMark{Code: s.Code, Name: s.Name, Color: s.Color}
}

func recordURL(kind string, id int64) string {
	folder := "/companies/"
	switch kind {
	case string(rules.KindContact):
		folder = "/contacts/"
	case string(rules.KindLead):
		folder = "/leads/"
	}
	var room [32]byte
	return string(strconv.AppendInt(append(room[:0], folder...), id, 10))
}

func oldest(links []rules.Link) rules.Link {
	best := links[0]
	for _, l := range links[1:] {
		if l.Since < best.Since {
			best = l
		}
	}
	return best
}

// names returns the names that the words of the verdict contain.
func (b *cardBuilder) names(subject *Record, colleagues []crm.Named) rules.Names {
	n := rules.Names{Agent: b.q.Called}
	if b.q.Agent != nil {
		n.Agent = b.q.Agent.Name
	}
	for i, c := range colleagues {
		if i > 0 {
			n.Colleague += ", "
		}
		n.Colleague += c.Name
	}
	var owner *staff.Person
	if subject != nil {
		switch subject.Kind {
		case rules.KindContact:
			n.Contact = subject.Name
		case rules.KindLead:
			n.Lead = subject.Name
		}
		owner = subject.Owner
	}
	if c := b.company(b.verdict.Company); c != nil {
		n.Company, n.Status, owner = c.Name, c.Status.Name, b.ownerOf(c.Owner, c.Origin)
		if n.Contact == "" {
			n.Contact = b.between(c)
		}
	}
	if c := b.company(b.verdict.Company); c != nil && b.verdict.Why == rules.WhyForeignIdle {
		n.Days = strconv.Itoa(b.idleDays(c))
	}
	if owner != nil {
		n.Owner = owner.Name
		if head := b.org.HeadOf(owner.ID); head != nil {
			n.OwnerHead = head.Name
		}
	}
	return n
}

// doNotCall returns the entry of the do-not-call list that the card shows beside its colour.
func (b *cardBuilder) doNotCall(language string) *DoNotCallPart {
	if b.verdict.DoNotCall == "" {
		return nil
	}
	entry := b.match.DoNotCall
	since := store.Time(entry.Since)
	part := &DoNotCallPart{Mode: b.verdict.DoNotCall, Reason: entry.Reason, Since: since, Until: timeOrNil(entry.Until)}
	if !b.q.Wordless {
		part.Text = rules.DoNotCallWords(b.verdict, language, since.Format(time.DateOnly), entry.Reason)
	}
	return part
}

// colleagues returns the users that the verdict is about: whose extension was dialled, or whose own phone it is and no
// client's.
func (b *cardBuilder) colleagues() (list []crm.Named) {
	switch b.verdict.Why {
	case rules.WhyInternal:
		if u := b.org.ByIdentity("", b.q.Number.Local); u != nil {
			list = append(list, crm.Named{ID: u.ID, Name: u.Name})
		}
	case rules.WhyEmployee:
		for _, u := range b.org.ByPhone(b.q.Number.Key()) {
			list = append(list, crm.Named{ID: u.ID, Name: u.Name})
		}
	}
	return list
}

// between returns the name of the contact that links the number to a company, "" when the number is the
// company's own.
func (b *cardBuilder) between(c *lookup.Company) string {
	name := ""
	for _, l := range c.Links {
		if l.Via == rules.ViaDirect {
			return ""
		}
		if contact := b.contact(l.Record); l.Via == rules.ViaContact && contact != nil && name == "" {
			name = contact.Name
		}
	}
	return name
}

func numberPart(n phone.Number) NumberPart {
	return NumberPart{Raw: n.Raw, E164: n.String(), Kind: rules.NumberKind(n.Kind.String()), Extension: n.Extension}
}
