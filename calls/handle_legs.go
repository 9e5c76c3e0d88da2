package calls

import (
	"slices"
	"strconv"
	"strings"

	"callhue/internal/store"
	"callhue/staff"
)

// goesOnElsewhere reports whether the end of a leg does not end its agent's part, because another device of the agent
// still rings or talks. When a device that talked ends, those that only rang do not count.
func (h *eventHandler) goesOnElsewhere(tx *store.Tx) (bool, error) {
	e := h.event
	if e.Kind != Ended || e.Leg == "" || e.Agent == "" {
		return false, nil
	}
	said, err := legsOf(tx, e)
	if err != nil {
		return false, err
	}
	var answered, ended, mine []string
	for _, s := range said {
		switch {
		case h.keyOf(s.Agent) != h.agentKey():
			continue
		case s.Kind == string(Answered):
			answered = append(answered, s.Leg)
		case s.Kind == string(Ended):
			ended = append(ended, s.Leg)
		}
		mine = append(mine, s.Leg)
	}
	talked := slices.Contains(answered, e.Leg)
	return slices.ContainsFunc(mine, func(leg string) bool {
		return leg != e.Leg && !slices.Contains(ended, leg) && (!talked || slices.Contains(answered, leg))
	}), nil
}

// keyOf returns the key of the agent that the source calls by a name.
func (h *eventHandler) keyOf(name string) string {
	if u := h.org.ByIdentity(h.event.Source, name); u != nil {
		return userKey(u)
	}
	return strangerKey(name)
}

// agentKey returns the key of the event's agent. Devices and names of one user are one agent.
func (h *eventHandler) agentKey() string {
	if h.agent != nil {
		return userKey(h.agent)
	}
	return strangerKey(h.event.Agent)
}

func userKey(u *staff.User) string { return "user " + strconv.FormatInt(u.ID, 10) }

func strangerKey(name string) string { return cut("name "+strings.ToLower(name), maxAgent) }
