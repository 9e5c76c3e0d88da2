package rules

import "slices"

// Weaker returns the settings, by their JSON names, under which a next policy paints red weaker than an old one: for
// some agent and some client a card that was red under old is not red under next. Nothing means that no red card
// changes; settings that touch other colours only do not count.
func Weaker(old, next Policy) []string {
	var weaker []string
	add := func(is bool, field string) {
		if is {
			weaker = append(weaker, field)
		}
	}
	// More companies mean more red, but also more of the agent's own, whose older links excuse others.
	excuses := next.SharedNumber != SharedStrictest
	loses := func(had, has bool) bool { return had && !has || has && !had && excuses }
	add(loses(old.InheritContactCompany, next.InheritContactCompany), "inherit_contact_company")
	add(loses(old.InheritLeadCompany, next.InheritLeadCompany), "inherit_lead_company")
	add(old.MissingStatus == MissingAsProtected && next.MissingStatus != MissingAsProtected, "missing_status")
	add(strengthOfShared(next.SharedNumber) < strengthOfShared(old.SharedNumber), "shared_number")
	// A lost lead leads to its company only where leads count for companies at all.
	add((old.InheritLeadCompany || next.InheritLeadCompany) &&
		loses(old.Leads != LeadsOpen, next.Leads != LeadsOpen), "leads")
	add(old.Team == CountsAsForeign && next.Team != CountsAsForeign, "team")
	add(old.Deputy == CountsAsForeign && next.Deputy != CountsAsForeign, "deputy")
	add(strengthOf(next.Supervisor) < strengthOf(old.Supervisor), "supervisor")
	add(strengthOf(next.Admin) < strengthOf(old.Admin), "admin")
	add(strengthOf(next.Incoming) < strengthOf(old.Incoming), "incoming")
	add(next.IdleDays > 0 && (old.IdleDays == 0 || next.IdleDays < old.IdleDays), "idle_days")
	add(next.Palette.Red != old.Palette.Red && next.Palette.Red != Default().Palette.Red, "palette.red")
	return weaker
}

// strengthOf ranks the colours that a policy may show for red. One that is not set stands for red.
func strengthOf(c Color) int {
	if c == "" {
		return len(weakestFirst) - 1
	}
	return slices.Index(weakestFirst[:], c)
}

var weakestFirst = [...]Color{None, Yellow, Red}

// strengthOfShared ranks the ways to treat a shared number by how many agents they warn.
func strengthOfShared(p SharedPolicy) int {
	switch p {
	case SharedOwnFirst:
		return 0
	case SharedStrictest:
		return 2
	}
	return 1
}
