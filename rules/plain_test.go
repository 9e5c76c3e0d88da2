package rules

import (
	"testing"

	"pgregory.net/rapid"
)

// TestPlainReading compares the colour with a slow and plain reading of the
// specification that shares nothing with Weigh and the table.
func TestPlainReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scene, policy := anyScene(t), anyPolicy(t)
		policy.Supervisor, policy.Admin, policy.Incoming = Red, Red, Red
		if got, want := Judge(scene, policy), plainColor(scene, policy); got.Color != want {
			t.Fatalf("%s (row %s), read plainly: %s", got.Color, got.Row, want)
		}
	})
}

func plainColor(s Scene, p Policy) Color {
	if plainRed(s, p) {
		return Red
	}
	for _, kind := range append(append([]Kind{}, p.Priority...), KindContact, KindCompany, KindLead) {
		switch {
		case kind == KindContact && len(s.Contacts) > 0:
			if p.OwnContact == None && plainAllOurs(s, p) {
				return None
			}
			return Yellow
		case kind == KindLead && plainLeads(s, p) > 0:
			return Blue
		case kind == KindCompany && plainDirect(s):
			if plainYellow(s, p) {
				return Yellow
			}
			return None
		}
	}
	return None
}

// plainRed: some company is protected and foreign, and no company of the
// agent's is older than every one of them.
func plainRed(s Scene, p Policy) bool {
	var foreign, ours []int64
	for _, c := range s.Companies {
		since, counts := plainSince(s, c, p)
		if !counts {
			continue
		}
		protected := c.Effect == EffectRed || c.Status != StatusSet && p.MissingStatus == MissingAsProtected
		if plainOurs(c.Relation, p) {
			ours = append(ours, since)
		} else if c.Relation != NoOwner && protected {
			foreign = append(foreign, since)
		}
	}
	return len(foreign) > 0 && !plainExcused(ours, foreign, p)
}

// plainYellow: a foreign company's status asks for yellow, and the agent has
// none that is older.
func plainYellow(s Scene, p Policy) bool {
	var ours, asking []int64
	for _, c := range s.Companies {
		since, counts := plainSince(s, c, p)
		if !counts {
			continue
		}
		if plainOurs(c.Relation, p) {
			ours = append(ours, since)
		} else if c.Relation != NoOwner && c.Effect == EffectYellow && (c.Status == StatusSet || p.MissingStatus == MissingAsDefault) {
			asking = append(asking, since)
		}
	}
	for _, since := range asking {
		if !plainExcused(ours, []int64{since}, p) {
			return true
		}
	}
	return false
}

func plainExcused(ours, others []int64, p Policy) bool {
	if p.SharedNumber == SharedOwnFirst {
		return len(ours) > 0
	}
	for _, mine := range ours {
		oldest := true
		for _, theirs := range others {
			oldest = oldest && mine < theirs
		}
		if oldest && p.SharedNumber == SharedOldestLink {
			return true
		}
	}
	return false
}

func plainOurs(r Relation, p Policy) bool {
	return r == Own || r == Team && p.Team == CountsAsOwn || r == Deputy && p.Deputy == CountsAsOwn
}

// plainSince gives the oldest link that counts.
func plainSince(s Scene, c Company, p Policy) (since int64, counts bool) {
	for _, l := range c.Links {
		if l.Via == ViaContact && !p.InheritContactCompany || l.Via == ViaLead && !p.InheritLeadCompany {
			continue
		}
		lost := false
		for _, lead := range s.Leads {
			lost = lost || l.Via == ViaLead && lead.ID == l.Record && lead.Finished
		}
		if lost && p.Leads == LeadsOpen {
			continue
		}
		if !counts || l.Since < since {
			since, counts = l.Since, true
		}
	}
	return since, counts
}

func plainLeads(s Scene, p Policy) int {
	n := 0
	for _, l := range s.Leads {
		if p.Leads == LeadsOpenAndLost || !l.Finished {
			n++
		}
	}
	return n
}

func plainDirect(s Scene) bool {
	for _, c := range s.Companies {
		for _, l := range c.Links {
			if l.Via == ViaDirect {
				return true
			}
		}
	}
	return false
}

// plainAllOurs: each company that counts is the agent's, each contact leads to
// one of them.
func plainAllOurs(s Scene, p Policy) bool {
	counting := map[int64]bool{}
	for _, c := range s.Companies {
		if _, counts := plainSince(s, c, p); counts {
			if !plainOurs(c.Relation, p) {
				return false
			}
			counting[c.ID] = true
		}
	}
	for _, c := range s.Contacts {
		linked := false
		for _, company := range c.Companies {
			linked = linked || p.InheritContactCompany && counting[company.ID]
		}
		if !linked {
			return false
		}
	}
	return true
}
