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
	return redMark{crm.Named{ID: c.ID, Name: c.Name}, c.Owner, b.policy.IncidentSeconds}
}

// warn stores on a card that its agent saw red at a time (ms), and what about. Later verdicts do not undo the warning,
// but for one under which the agent may talk with this very company: a permit, or the company is theirs now.
func (c *cardRow) warn(shown *Card, at int64) {
	switch red := shown.red; {
	case red.company.ID != 0 && c.RedAt == 0 && c.AgentID != 0 && c.State != StateEnded:
		c.RedAt, c.RedCompany, c.RedName, c.RedOwner = at, red.company.ID, red.company.Name, red.owner
		c.RedWhy, c.RedPolicy, c.RedAfter = string(shown.Verdict.Why), int64(shown.Verdict.Policy), int64(red.after)
	case red.company.ID == 0 && c.RedAt != 0 && shown.allows(c.RedCompany):
		c.RedAt, c.RedCompany, c.RedName, c.RedOwner, c.RedWhy, c.RedPolicy, c.RedAfter = 0, 0, "", 0, "", 0, 0
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

// talkOf returns how long the agent of an ended card talked after seeing red, in seconds. The duration that the PBX
// reports is better than the times of its events, but it is the whole call's: it counts where only one agent talked.
func (h *eventHandler) talkOf(card *cardRow) int64 {
	talkers := 0
	for _, c := range h.cards {
		if c.AnsweredAt != 0 {
			talkers++
		}
	}
	answered := card.AnsweredAt
	if answered == 0 {
		// Some PBXs report no answer, or not whose. It was this agent when no other is possible.
		if talkers > 0 || len(h.cards) > 1 && card != h.cardOf() {
			return 0
		}
		answered = h.call.AnsweredAt
	}
	talk := int64(0)
	if answered != 0 {
		talk = card.EndedAt - answered
	}
	if talkers <= 1 {
		switch {
		case !talked(h.event.Result) || !talked(Result(h.call.Result)):
			return 0
		case h.event.Duration > 0:
			talk = h.event.Duration.Milliseconds()
		}
	}
	if answered != 0 && card.RedAt > answered {
		talk = min(talk, card.EndedAt-card.RedAt) // it became red during the conversation
	}
	return max(talk, 0) / 1000
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
		CardSeconds: max(card.EndedAt-card.RedAt, talk*1000) / 1000,
		Recording:   h.call.Recording,
		Reason:      card.Reason,
	})
}
