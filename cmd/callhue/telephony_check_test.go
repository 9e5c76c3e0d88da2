package main

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
)

// calls returns the calls of the journal by the ids that their sources gave them.
func (h *telephony) calls() map[string]*shownCall {
	h.t.Helper()
	calls := map[string]*shownCall{}
	for token := ""; ; {
		page, next := h.page(200, token)
		for _, c := range page {
			calls[c.CallID] = c
		}
		if token = next; token == "" {
			return calls
		}
	}
}

// page returns at most so many calls, the newest first, and the token of the next page.
func (h *telephony) page(most int, token string) (calls []*shownCall, next string) {
	h.t.Helper()
	page := get[struct {
		Items []*shownCall `json:"items"`
		Next  string       `json:"next_page_token"`
	}](h.process, fmt.Sprintf("/api/v1/calls?limit=%d&page_token=%s", most, url.QueryEscape(token)))
	return page.Items, page.Next
}

// check returns what is not as expected.
func (h *telephony) check(e *expectation) (wrong []string) {
	h.t.Helper()
	calls := h.calls()
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	for _, want := range e.Calls {
		c := calls[want.Call]
		if c == nil {
			complain("no call %s", want.Call)
			continue
		}
		differs := func(what, got, want string) {
			if want != "" && got != want {
				complain("%s: %s is %q, wanted %q", c.CallID, what, got, want)
			}
		}
		differs("number", cmp.Or(c.Number.E164, c.Number.Raw), want.Number)
		differs("direction", c.Direction, want.Direction)
		differs("state", c.State, want.State)
		if want.Result != nil && c.Result != *want.Result {
			complain("%s: result is %q, wanted %q", c.CallID, c.Result, *want.Result)
		}
		if want.ResultNot != "" && c.Result == want.ResultNot {
			complain("%s: result is %q", c.CallID, c.Result)
		}
		if want.DurationMost != nil && c.Duration > *want.DurationMost {
			complain("%s: duration %d, at most %d", c.CallID, c.Duration, *want.DurationMost)
		}
		agents := map[string]string{}
		for _, a := range c.Agents {
			name := a.Name
			if a.Agent != nil {
				name = a.Agent.Login
			}
			agents[name] = a.State + "/" + a.Verdict.Color
		}
		for login, state := range want.Agents {
			if got := agents[login]; !strings.HasPrefix(got, state) {
				complain("%s: agent %s is %q, wanted %q", c.CallID, login, got, state)
			}
		}
		if want.AgentsExact && len(agents) != len(want.Agents) {
			complain("%s: agents %v", c.CallID, agents)
		}
	}
	for _, id := range e.Absent {
		if calls[id] != nil {
			complain("a call %s came of it", id)
		}
	}
	if e.NoOutCard != "" {
		h.checkNoOutCard(e, calls, complain)
	}
	if e.Incidents != nil {
		h.checkIncidents(e, calls, complain)
	}
	return wrong
}

// checkNoOutCard complains about an outgoing card of the agent on a call that has the numbering of the first one.
func (h *telephony) checkNoOutCard(e *expectation, calls map[string]*shownCall, complain func(string, ...any)) {
	stem, _, _ := strings.Cut(e.Calls[0].Call, ".")
	for id, c := range calls {
		if !strings.HasPrefix(id, stem+".") || c.Direction != "out" || c.State == "ended" {
			continue
		}
		for _, a := range c.Agents {
			if a.Agent != nil && a.Agent.Login == e.NoOutCard {
				complain("an outgoing card of %s on %s", e.NoOutCard, id)
			}
		}
	}
}

// checkIncidents complains about another number of incidents on the first call.
func (h *telephony) checkIncidents(e *expectation, calls map[string]*shownCall, complain func(string, ...any)) {
	first := calls[e.Calls[0].Call]
	if first == nil {
		return
	}
	incidents := get[struct {
		Items []struct {
			CallID int64 `json:"call_id"`
		} `json:"items"`
	}](h.process, "/api/v1/incidents").Items
	found := 0
	for _, i := range incidents {
		if i.CallID == first.ID {
			found++
		}
	}
	if found != *e.Incidents {
		complain("%s: %d incidents, wanted %d", first.CallID, found, *e.Incidents)
	}
}
