package calls

import (
	"context"
	"time"

	"callhue/crm"
	"callhue/lookup"
	"callhue/permits"
	"callhue/phone"
	"callhue/rules"
	"callhue/staff"
)

// Question asks for the verdict on a number.
type Question struct {
	Number    phone.Number
	Agent     *staff.User // nil: unknown
	Called    string      // what the PBX calls the agent
	Direction rules.Direction
	Language  string // of the words; "": the agent's
	Wordless  bool   // title and text are left out
	Kept      bool   // the card is stored, with what its words are made of
}

// Check returns the card of a number without a call. It stores nothing.
func (d *Tracker) Check(ctx context.Context, q Question) (Card, error) {
	card := d.judge(ctx, q)
	card.Verdict.Says = "" // there are hundreds a second, and none is explained later
	d.verdicts[card.Verdict.Color].Inc()
	return card, nil
}

// judge returns the card. It cannot fail: what cannot be checked is grey, never free.
func (d *Tracker) judge(ctx context.Context, q Question) Card {
	held, err := d.Permits.Held(ctx)
	card := d.judgeHolding(ctx, q, held, err)
	if !q.Wordless {
		d.linkSubject(ctx, card.Subject)
	}
	return card
}

// judgeHolding is judge with the permits of the moment, or the fault in reading them.
func (d *Tracker) judgeHolding(ctx context.Context, q Question, held *permits.Held, heldErr error) Card {
	now := d.DB.Clock().UTC().Truncate(time.Millisecond)
	org, err := d.Roster.Org(ctx)
	if err != nil {
		d.Log.Warn("check not done: staff", "error", err)
		org = &staff.Org{}
	}
	policy, policyErr := d.Policy.Active(ctx)
	if policyErr != nil {
		d.Log.Warn("check not done: policy", "error", policyErr)
		policy = d.Policy.Shipped()
	}
	if heldErr != nil {
		d.Log.Warn("check not done: permits", "error", heldErr)
	}
	match, lookupErr := d.match(ctx, q.Number, policy)
	if lookupErr != nil {
		d.Log.Warn("check not done: lookup", "error", lookupErr)
	}
	b := cardBuilder{org: org, policy: policy, held: held, match: match, q: q, now: now}
	scene := b.scene()
	scene.Failed = err != nil || policyErr != nil || heldErr != nil || lookupErr != nil
	b.verdict = rules.Judge(scene, *policy)
	d.references.want(&b.verdict, b.company(b.verdict.Company))
	card := b.card()
	card.Verdict.Shade = d.shade(policy, card.Verdict.Color)
	card.red = b.redMark()
	return card
}

// linkTimeout is how long a card waits for the page of its subject.
const linkTimeout = 50 * time.Millisecond

// linkSubject adds the page of the subject in the customer's CRM. A card without it is as good: a database that does
// not answer costs it, and nothing else.
func (d *Tracker) linkSubject(ctx context.Context, subject *Record) {
	if subject == nil || subject.ID == 0 || subject.Source != "" || !d.Records.HasLinks() {
		return
	}
	kind, err := crm.KindOf(string(subject.Kind))
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, linkTimeout)
	defer cancel()
	links, err := d.Records.FindLinks(ctx, kind, subject.ID)
	if err != nil {
		d.Log.Debug("no links of the subject", "error", err)
		return
	}
	if len(links) > 0 {
		subject.OpenURL = links[0].URL
	}
}

// shade returns how the policy paints a colour, nil where it leaves it as shipped: the card's own look is made for
// light and dark screens.
func (d *Tracker) shade(policy *rules.Policy, color rules.Color) *rules.Shade {
	if policy.Palette.Of(color) == d.Policy.Shipped().Palette.Of(color) {
		return nil
	}
	own := policy.Palette.Of(color) // below the return: it costs an allocation
	return &own
}

// match returns what a number reaches: nothing for a number that cannot be looked up. When the lookup fails, the match
// is empty, not nil.
func (d *Tracker) match(ctx context.Context, n phone.Number, policy *rules.Policy) (*lookup.Match, error) {
	key, within := n.Key(), time.Duration(policy.LookupMillis)*time.Millisecond
	if key == 0 {
		return &lookup.Match{}, nil
	}
	found, err := d.Finder.Find(ctx, key, within)
	if err == nil && policy.SuffixMatch && found.Empty() {
		listed := found.DoNotCall
		if found, err = d.Finder.FindSimilar(ctx, key, within); err == nil {
			found.DoNotCall = listed
		}
	}
	if err != nil {
		return &lookup.Match{}, err
	}
	return found, nil
}

// cardBuilder makes one card.
type cardBuilder struct {
	org     *staff.Org
	policy  *rules.Policy
	held    *permits.Held
	match   *lookup.Match
	q       Question
	now     time.Time
	verdict rules.Verdict
	last    *staff.Person // the owner named last
}

// agent returns the agent's id, 0 for an unknown agent.
func (b *cardBuilder) agent() int64 {
	if b.q.Agent == nil {
		return 0
	}
	return b.q.Agent.ID
}

// scene returns what the rules look at.
func (b *cardBuilder) scene() rules.Scene {
	s := rules.Scene{Number: numberKind(b.q.Number), Direction: b.q.Direction, AgentKnown: b.q.Agent != nil,
		Employee: len(b.org.ByPhone(b.q.Number.Key())) > 0, DoNotCall: b.match.DoNotCall.At(b.now) != nil, Maybe: b.match.Maybe}
	if s.Number == rules.Invalid && !b.match.Empty() {
		s.Number = rules.External // no plan could read it, but a record has the same digits
	}
	s.Companies = make([]rules.Company, len(b.match.Companies))
	for i := range b.match.Companies {
		c := &b.match.Companies[i]
		s.Companies[i] = rules.Company{
			ID: c.ID, Relation: b.relationTo(c), Unassigned: c.Origin.IsUnassigned(c.Owner),
			OwnerInactive: c.Owner != 0 && !b.works(c.Owner), Status: c.Status.State, Effect: c.Status.Effect, Links: c.Links,
			IdleDays: b.idleDays(c),
		}
	}
	s.Contacts = make([]rules.Contact, len(b.match.Contacts))
	for i := range b.match.Contacts {
		c := &b.match.Contacts[i]
		s.Contacts[i] = rules.Contact{ID: c.ID, Relation: b.relation(c.Owner, nil, c.Origin),
			Unassigned: c.Origin.IsUnassigned(c.Owner), Companies: c.Companies}
	}
	s.Leads = make([]rules.Lead, len(b.match.Leads))
	for i := range b.match.Leads {
		l := &b.match.Leads[i]
		s.Leads[i] = rules.Lead{ID: l.ID, Relation: b.relation(l.Owner, nil, l.Origin),
			Unassigned: l.Origin.IsUnassigned(l.Owner),
			Finished:   l.Finished, CompanyID: l.Company, Changed: l.Changed, Created: l.Created}
	}
	return s
}

// relationTo returns the agent's relation to a company. A permit ranks below those who help anyway, and above those
// who red only warns.
func (b *cardBuilder) relationTo(c *lookup.Company) rules.Relation {
	r := b.relation(c.Owner, c.Team, c.Origin)
	switch r {
	case rules.Own, rules.Team, rules.Deputy:
		return r
	}
	if _, held := b.held.Find(b.agent(), c.LocalID(), c.Owner, b.now); held {
		return rules.Permit
	}
	return r
}

// relation returns the agent's relation to an owner. A helper that the policy does not count keeps the relation that
// they have besides: the owner's head stays head. An owner elsewhere who is no user here counts as a colleague.
func (b *cardBuilder) relation(owner int64, team []int64, origin *lookup.Origin) rules.Relation {
	if owner == 0 && !origin.IsUnassigned(owner) {
		owner = stranger
	}
	r := b.org.Relation(b.agent(), owner, team, b.now)
	if r == rules.Team && b.policy.Team == rules.CountsAsForeign {
		r = b.org.Relation(b.agent(), owner, nil, b.now)
	}
	if r == rules.Deputy && b.policy.Deputy == rules.CountsAsForeign {
		r = b.org.Standing(b.agent(), owner)
	}
	return r
}

// stranger is an owner who is known to another system alone: no user has this id.
const stranger = -1

func (b *cardBuilder) works(user int64) bool {
	u := b.org.User(user)
	return u != nil && u.Active
}

func numberKind(n phone.Number) rules.NumberKind {
	switch n.Kind {
	case phone.External:
		return rules.External
	case phone.Internal:
		return rules.Internal
	case phone.Hidden:
		return rules.Hidden
	}
	return rules.Invalid
}
