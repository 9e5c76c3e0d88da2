package calls

import (
	"context"
	"slices"

	"callhue/crm"
	"callhue/phone"
	"callhue/rules"
	"callhue/staff"
)

// Routing is the telephones that an incoming call should ring, one after the other.
type Routing struct {
	Number  string        `json:"number"` // E.164 where it could be read
	Client  *RoutedClient `json:"client"` // null for a number on no record
	Targets []RouteTarget `json:"targets"`
	Timeout int           `json:"timeout_seconds"` // how long it rings at one before the next
}

// RoutedClient is the record that the number belongs to.
type RoutedClient struct {
	Kind rules.Kind `json:"kind"`
	ID   int64      `json:"id"`
	Name string     `json:"name"`
}

// RouteTarget is one telephone to ring.
type RouteTarget struct {
	Kind      RouteKind `json:"kind"`
	User      crm.Named `json:"user"`
	Extension string    `json:"extension"` // as the source knows it
}

// RouteKind is what a target is to the client.
type RouteKind string

// The kinds, in the order in which they ring.
const (
	RouteOwner  RouteKind = "owner"
	RouteDeputy RouteKind = "deputy"
	RouteTeam   RouteKind = "team"
	RouteHead   RouteKind = "head"  // of an owner who has left
	RouteGroup  RouteKind = "group" // the owner's department
)

// Values lists the kinds, for the API reference.
func (RouteKind) Values() []string { return []string{"owner", "deputy", "team", "head", "group"} }

// mostTargets is how many telephones a caller may be sent to.
const mostTargets = 20

// Route returns who should take a call from a number: the owner first, then deputies, the team, the department. An
// owner who has left is replaced by their head. Owners are those of this moment. When the number cannot be looked up it
// returns the fault and no targets.
func (d *Tracker) Route(ctx context.Context, source string, n phone.Number) (Routing, error) {
	r := Routing{Number: n.String(), Targets: []RouteTarget{}}
	policy, err := d.Policy.Active(ctx)
	if err != nil {
		return r, err
	}
	if r.Timeout = policy.RouteSeconds; r.Timeout == 0 {
		r.Timeout = d.Policy.Shipped().RouteSeconds
	}
	org, err := d.Roster.Org(ctx)
	if err != nil {
		return r, err
	}
	sure := *policy
	sure.SuffixMatch = false // a number that only ends with the same digits is no reason to ring
	match, err := d.match(ctx, n, &sure)
	if err != nil {
		return r, err
	}
	b := cardBuilder{org: org, policy: policy, match: match, q: Question{Number: n, Direction: rules.In}, now: d.DB.Clock().UTC()}
	// The rules choose the record, for an agent without a relation to any owner.
	scene := b.scene()
	scene.AgentKnown = true
	b.verdict = rules.Judge(scene, *policy)
	if ref := b.verdict.Subject; ref.ID != 0 {
		client := b.record(ref)
		r.Client = &RoutedClient{ref.Kind, client.ID, client.Name}
		r.Targets = b.targets(source, client.Owner)
	}
	return r, nil
}

// targets returns the telephones for a client. The client's own owner counts where the company has none.
func (b *cardBuilder) targets(source string, own *staff.Person) []RouteTarget {
	owner, team := int64(0), []int64(nil)
	if own != nil {
		owner = own.ID
	}
	if c := b.company(b.verdict.Company); c != nil {
		team = c.Team
		if c.Owner != 0 {
			owner = c.Owner
		}
	}
	r := route{org: b.org, source: source, list: []RouteTarget{}}
	r.add(RouteOwner, b.org.User(owner))
	for _, u := range b.org.DeputiesAt(owner, b.now) {
		r.add(RouteDeputy, u)
	}
	for _, id := range team {
		r.add(RouteTeam, b.org.User(id))
	}
	if !b.works(owner) {
		r.add(RouteHead, b.org.HeadOf(owner))
	}
	for _, u := range b.org.Colleagues(owner) {
		r.add(RouteGroup, u)
	}
	return r.list[:min(len(r.list), mostTargets)]
}

// route collects telephones.
type route struct {
	org    *staff.Org
	source string
	list   []RouteTarget
}

// add adds a user, but for one who has left, has no telephone here, or is in the list already.
func (r *route) add(kind RouteKind, u *staff.User) {
	if u == nil || !u.Active || slices.ContainsFunc(r.list, func(t RouteTarget) bool { return t.User.ID == u.ID }) {
		return
	}
	if extension := r.org.DialTarget(r.source, u.ID); extension != "" {
		r.list = append(r.list, RouteTarget{kind, crm.Named{ID: u.ID, Name: u.Name}, extension})
	}
}
