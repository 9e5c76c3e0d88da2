package calls

import (
	"slices"
	"strconv"
	"strings"

	"callhue/internal/store"
	"callhue/staff"
)

// goesOnElsewhere says that a leg's end is not the end of its agent's part: another
// device of his still rings or talks. A device that talked leaves those behind that
// only rang.
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

// keyOf is the agentKey of whom the source calls by a name.
func (h *eventHandler) keyOf(name string) string {
	if u := h.org.ByIdentity(h.event.Source, name); u != nil {
		return userKey(u)
	}
	return strangerKey(name)
}

// agentKey is how a call knows its agents: two devices, or two names, of one
// user are one agent.
func (h *eventHandler) agentKey() string {
	if h.agent != nil {
		return userKey(h.agent)
	}
	return strangerKey(h.event.Agent)
}

func userKey(u *staff.User) string { return "user " + strconv.FormatInt(u.ID, 10) }

func strangerKey(name string) string { return cut("name "+strings.ToLower(name), maxAgent) }
