package calls

import (
	"slices"

	"callhue/crm"
	"callhue/incidents"
	"callhue/internal/store"
	"callhue/rules"
)

// redMark is what a conversation on a card would be an incident about; zero when it would be none.
type redMark struct {
	company crm.Named
	owner   int64
	after   int // seconds of conversation that are no incident yet
}

// redMark returns the mark of the verdict.
func (b *cardBuilder) redMark() redMark {
	c := b.company(b.verdict.Company)
	if !b.verdict.Incident || c == nil {
		return redMark{}
	}
	return redMark{crm.Named{ID: c.LocalID(), Name: c.Name}, c.Owner, b.policy.IncidentSeconds}
}

// warn stores on a card that its agent saw red, when and what about. Later verdicts do not undo the warning, but for
// one under which the agent may talk with this very company: a permit, or the company is theirs now. A card that is
// over has been seen only if late is set: its end arrived before the rest.
func (c *cardRow) warn(shown *Card, when stamp, late bool) {
	switch red := shown.red; {
	case red.company.ID != 0 && c.RedAt == 0 && c.AgentID != 0 && (c.State != StateEnded || late):
		c.RedAt, c.RedSeen = when.at, when.seen
		c.RedCompany, c.RedName, c.RedOwner = red.company.ID, red.company.Name, red.owner
		c.RedWhy, c.RedPolicy, c.RedAfter = string(shown.Verdict.Why), int64(shown.Verdict.Policy), int64(red.after)
	case red.company.ID == 0 && c.RedAt != 0 && shown.allows(c.RedCompany):
		c.RedAt, c.RedSeen = 0, 0
		c.RedCompany, c.RedName, c.RedOwner, c.RedWhy, c.RedPolicy, c.RedAfter = 0, "", 0, "", 0, 0
	}
}

// allows reports whether the card is about a company to whose owner the agent has a relation: the owner, a helper, the
// owner's head, an admin.
func (c *Card) allows(company int64) bool {
	switch c.Verdict.Relation {
	case rules.Foreign, rules.NoOwner, "":
		return false
	}
	s := c.Subject
	return s != nil && (s.Kind == rules.KindCompany && s.ID == company || s.Company != nil && s.Company.ID == company)
}

// judgeTalks records an incident for every agent who was warned, talked and has hung up. It runs for each
// new event, because the duration of a conversation may come late.
func (h *eventHandler) judgeTalks(tx *store.Tx) error {
	if !slices.ContainsFunc(h.cards, func(c *cardRow) bool { return c.RedAt != 0 }) {
		return nil
	}
	known, err := h.tracker.Incidents.Talks(tx, h.call.ID)
	if err != nil {
		return err
	}
	if len(known) > 0 && h.event.Recording != "" {
		if err := h.tracker.Incidents.SetRecording(tx, h.call.ID, h.event.Recording); err != nil {
			return err
		}
	}
	for _, card := range h.cards {
		if card.RedAt == 0 || card.State != StateEnded {
			continue
		}
		talk := h.talkOf(card)
		before, recorded := known[card.AgentID]
		switch {
		case recorded && talk > before:
			err = h.tracker.Incidents.ExtendTalk(tx, h.call.ID, card.AgentID, talk)
		case !recorded && talk > card.RedAfter:
			err = h.recordIncident(tx, card, talk)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// talkOf returns how long the agent of an ended card talked after seeing red, in seconds.
func (h *eventHandler) talkOf(card *cardRow) int64 {
	ms, answered := h.talkedFor(card)
	if waited, known := answered.until(card.red()); known && waited > 0 { // it became red during the conversation
		rest, _ := card.red().until(card.ended())
		ms = min(ms, rest)
	}
	return max(ms, 0) / 1000
}

// conversationOf returns how long the agent of an ended card talked, in seconds.
func (h *eventHandler) conversationOf(card *cardRow) int64 {
	ms, _ := h.talkedFor(card)
	return max(ms, 0) / 1000
}

// talkedFor returns how long the agent of an ended card talked, in milliseconds, and from when. What the PBX reports is
// the whole call's: it counts where only one agent talked.
func (h *eventHandler) talkedFor(card *cardRow) (ms int64, answered stamp) {
	talkers := 0
	for _, c := range h.cards {
		if c.AnsweredAt != 0 {
			talkers++
		}
	}
	answered = card.answered()
	said := int64(0)
	if card.AnsweredAt == 0 {
		// Some PBXs report no answer, or not whose. It was this agent when no other is possible.
		if talkers > 0 || len(h.cards) > 1 && card != h.cardOf() {
			return 0, answered
		}
		answered = h.call.answered()
	}
	if talkers <= 1 {
		if !talked(h.event.Result) || !talked(Result(h.call.Result)) {
			return 0, answered
		}
		said = h.call.Said
	}
	return talk(h.call.started(), answered, card.ended(), said), answered
}

// talked reports whether a result allows that there was a conversation.
func talked(r Result) bool { return r == "" || r == ResultAnswered }

// recordIncident records that the agent of a card talked although they had seen red.
func (h *eventHandler) recordIncident(tx *store.Tx, card *cardRow, talk int64) error {
	return h.tracker.Incidents.Record(tx, h.org, incidents.NewIncident{
		CallID:      h.call.ID,
		Source:      h.call.Source,
		At:          store.Moment(card.EndedAt),
		Direction:   h.call.direction(),
		Number:      h.call.number().String(),
		Agent:       card.AgentID,
		Owner:       card.RedOwner,
		Company:     crm.Named{ID: card.RedCompany, Name: card.RedName},
		Why:         rules.Why(card.RedWhy),
		Policy:      card.RedPolicy,
		TalkSeconds: talk,
		CardSeconds: h.cardSeconds(card, talk),
		Recording:   h.call.Recording,
		Reason:      card.Reason,
	})
}

// cardSeconds returns how long an agent had the red card before them, at least as long as they talked.
func (h *eventHandler) cardSeconds(card *cardRow, talk int64) int64 {
	ms, _ := card.red().until(card.ended())
	return max(ms/1000, talk)
}
