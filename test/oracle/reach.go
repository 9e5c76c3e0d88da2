package oracle

import (
	"slices"
	"time"
)

// reached is a company of K: one that the number reaches. since is the age of
// its oldest link with the number.
type reached struct {
	Company
	direct, byContact, byLead bool
	since                     time.Time
	relation                  string
	effect                    string
	statusKnown               string // "yes", "missing" or "unknown"
	idle                      bool   // C-40
}

// scene is the question with everything about it looked up: D, T, L and K of the
// algorithm.
type scene struct {
	World
	Question
	direct   []Company
	contacts []Contact
	leads    []Lead
	reached  []reached
	similar  bool // they have a number that ends alike, and none has this one
}

// look is steps 2 to 4 of the algorithm.
func look(w World, q Question) *scene {
	s := &scene{World: w, Question: q}
	s.find()
	// The spec is silent on a colleague's own phone: it is known whose that is, and nothing is guessed.
	if _, employee := s.row26(); w.Policy.Suffix && s.onNoRecord() && !employee {
		s.likeIt()
	}
	return s
}

// likeIt looks again for numbers with the same last ten digits, as if they were the one in question.
func (s *scene) likeIt() {
	asked := s.Number
	for _, number := range s.numbers() {
		if number != asked && ending(number) == ending(asked) {
			s.Number = number
			s.find()
			s.similar = true
		}
	}
	s.Number = asked
}

// onNoRecord reports that no company, contact or lead has the number. The spec is silent on leads that the policy
// does not count: the number is on a record then, and nothing needs to be guessed. A converted lead has no numbers
// any more.
func (s *scene) onNoRecord() bool {
	for _, c := range s.Companies {
		if has(c.Phones, s.Number) {
			return false
		}
	}
	for _, t := range s.Contacts {
		if has(t.Phones, s.Number) {
			return false
		}
	}
	for _, l := range s.Leads {
		if has(l.Phones, s.Number) && l.Stage != "converted" {
			return false
		}
	}
	return true
}

// numbers are all numbers that a record has.
func (s *scene) numbers() (list []string) {
	add := func(phones []Phone) {
		for _, p := range phones {
			if !slices.Contains(list, p.Number) {
				list = append(list, p.Number)
			}
		}
	}
	for _, c := range s.Companies {
		add(c.Phones)
	}
	for _, t := range s.Contacts {
		add(t.Phones)
	}
	for _, l := range s.Leads {
		add(l.Phones)
	}
	return list
}

// ending is the last ten digits of a number.
func ending(number string) string {
	digits := ""
	for _, sign := range number {
		if sign >= '0' && sign <= '9' {
			digits += string(sign)
		}
	}
	return digits[max(0, len(digits)-10):]
}

// find fills in what the number is on.
func (s *scene) find() {
	w, q := s.World, s.Question
	for _, c := range w.Companies {
		if has(c.Phones, q.Number) {
			s.direct = append(s.direct, c)
		}
	}
	for _, c := range w.Contacts {
		if has(c.Phones, q.Number) {
			s.contacts = append(s.contacts, c)
		}
	}
	for _, l := range w.Leads {
		if has(l.Phones, q.Number) && s.counts(l) {
			s.leads = append(s.leads, l)
		}
	}
	for _, c := range w.Companies {
		if k, ok := s.reach(c); ok {
			s.reached = append(s.reached, k)
		}
	}
}

func has(phones []Phone, number string) bool {
	return slices.ContainsFunc(phones, func(p Phone) bool { return p.Number == number })
}

// counts is C-22: open and lost leads count, converted ones only through what
// they were converted into.
func (s *scene) counts(l Lead) bool {
	return l.Stage == "open" || l.Stage == "lost" && s.Policy.Leads == "open_and_lost"
}

// reach is one company of K, if it is one: every link between the number and the
// company, and the oldest of them.
func (s *scene) reach(c Company) (reached, bool) {
	k := reached{Company: c}
	var links []time.Time
	for _, p := range c.Phones {
		if p.Number == s.Number {
			k.direct = true
			links = append(links, p.Since)
		}
	}
	for _, t := range s.contacts {
		for _, l := range t.Companies {
			for _, p := range t.Phones {
				if s.Policy.InheritContact && l.Company == c.ID && p.Number == s.Number {
					k.byContact = true
					links = append(links, later(l.Since, p.Since))
				}
			}
		}
	}
	for _, l := range s.leads {
		for _, p := range l.Phones {
			if s.Policy.InheritLead && l.Company == c.ID && p.Number == s.Number {
				k.byLead = true
				links = append(links, later(l.Linked, p.Since)) // The spec is silent on the age: as through a contact.
			}
		}
	}
	if len(links) == 0 {
		return k, false
	}
	k.since = slices.MinFunc(links, time.Time.Compare)
	k.relation = s.relation(c)
	k.effect, k.statusKnown = s.status(c)
	k.idle = s.idle(c)
	return k, true
}

// idle is C-40: the owner, a member of the team or the deputy has had no conversation of ten seconds or more with the
// company for so many days, and as long it has been protected and this owner's.
func (s *scene) idle(c Company) bool {
	if s.Policy.IdleDays == 0 {
		return false
	}
	touched := later(c.Owned, c.Protected)
	for _, t := range s.Talks {
		if t.Seconds >= 10 && !t.Ended.After(s.At) && s.with(t, c) && s.onOwnersSide(t, c) {
			touched = later(touched, t.Ended)
		}
	}
	return !s.At.Before(touched.AddDate(0, 0, s.Policy.IdleDays))
}

// with reports that a talk was with a company: on one of the numbers that led to it then.
func (s *scene) with(t Talk, c Company) bool {
	had := func(phones []Phone) bool {
		return slices.ContainsFunc(phones, func(p Phone) bool {
			return p.Number == t.Number && !p.Since.After(t.Ended)
		})
	}
	if had(c.Phones) {
		return true
	}
	for _, p := range s.Contacts {
		linked := slices.ContainsFunc(p.Companies, func(l Link) bool {
			return l.Company == c.ID && !l.Since.After(t.Ended)
		})
		if linked && had(p.Phones) {
			return true
		}
	}
	return slices.ContainsFunc(s.Leads, func(l Lead) bool {
		return l.Company == c.ID && !l.Linked.After(t.Ended) && l.Stage != "converted" && had(l.Phones)
	})
}

// onOwnersSide reports that the agent of a talk was the company's owner, or one who counts as the owner: the spec has
// "owner, team or deputy", and by the policy the latter two may be no better than a peer.
func (s *scene) onOwnersSide(t Talk, c Company) bool {
	deputy := slices.ContainsFunc(s.Deputies, func(d Deputy) bool {
		return d.Owner == c.Owner && d.Deputy == t.Agent && during(t.Ended, d.From, d.Until)
	})
	return t.Agent == c.Owner || s.Policy.Team && slices.Contains(c.Team, t.Agent) || s.Policy.Deputy && deputy
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// status is what the company's status does to the card of a foreign agent. Rows
// 19 and 20: a company without a status, or with one that is gone or switched
// off, is treated as the default status or, by the policy, as protected.
func (s *scene) status(c Company) (effect, known string) {
	for _, e := range s.Statuses {
		if e.Code == c.Status && e.Active && c.Status != "" {
			return e.Effect, "yes"
		}
	}
	known = "unknown"
	if c.Status == "" {
		known = "missing"
	}
	if s.Policy.Missing == "protected" {
		return "red", known
	}
	for _, e := range s.Statuses {
		if e.Default {
			return e.Effect, known
		}
	}
	return "banner", known
}

// relation is what the agent is to a company: step 4 and rows 21 to 23, in
// their order. Row 23 says "any row", so a helper's company counts as their own
// also when it has no owner. Helpers that the policy does not let count are
// what they are besides. The same reading serves the owners of contacts and
// leads, which have neither a team nor permits.
func (s *scene) relation(c Company) string {
	switch {
	case c.Owner == s.Agent:
		return "own"
	case s.Policy.Team && slices.Contains(c.Team, s.Agent):
		return "team"
	case s.Policy.Deputy && s.deputises(c.Owner):
		return "deputy"
	case s.permitted(c.ID):
		return "permit"
	case c.Owner == 0:
		return "none"
	case s.heads(c.Owner):
		return "supervisor"
	case s.user(s.Agent).Admin:
		return "admin"
	}
	return "foreign"
}

// ours reports that a company counts as the agent's own.
func (k reached) ours() bool {
	return slices.Contains([]string{"own", "team", "deputy", "permit"}, k.relation)
}

// foreign reports whether another user owns it.
func (k reached) foreign() bool { return !k.ours() && k.relation != "none" }

func (s *scene) user(id int64) User {
	for _, u := range s.Users {
		if u.ID == id {
			return u
		}
	}
	return User{}
}

func (s *scene) deputises(owner int64) bool {
	return slices.ContainsFunc(s.Deputies, func(d Deputy) bool {
		return d.Owner == owner && d.Deputy == s.Agent && during(s.At, d.From, d.Until)
	})
}

func (s *scene) permitted(company int64) bool {
	return slices.ContainsFunc(s.Permits, func(p Permit) bool {
		return p.Company == company && p.Agent == s.Agent && during(s.At, p.From, p.Until)
	})
}

// during: The spec is silent on the edges of a period. The beginning belongs to
// it, the end does not, so that two periods that meet never overlap.
func during(at, from, till time.Time) bool { return !at.Before(from) && at.Before(till) }

// heads reports that the agent heads the department of a user or any above it.
// No user is their own head.
func (s *scene) heads(user int64) bool {
	if user == s.Agent {
		return false
	}
	for id, steps := s.user(user).Department, 0; id != 0 && steps <= len(s.Departments); steps++ {
		d := s.department(id)
		if d.Head == s.Agent {
			return true
		}
		id = d.Parent
	}
	return false
}

func (s *scene) department(id int64) Department {
	for _, d := range s.Departments {
		if d.ID == id {
			return d
		}
	}
	return Department{}
}

// row29 is the overlay: the mode, if the number is on the do-not-call list now.
// The spec is silent on a client who is on the list and calls: there
// is nothing to block. And on a check that failed: no one knows the list then.
func (s *scene) row29() string {
	for _, b := range s.DoNotCall {
		listed := b.Number == s.Number && !s.At.Before(b.From) && (b.Until.IsZero() || s.At.Before(b.Until))
		switch {
		case !listed || s.Kind != "external" || s.Failed:
		case s.Incoming:
			return "warn"
		default:
			return s.Policy.DoNotCall
		}
	}
	return ""
}
