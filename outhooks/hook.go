package outhooks

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/internal/web"
	"callhue/journal"
)

// HookOut is a subscription: an address that what happens is posted to. Its secrets are never a part of it.
type HookOut struct {
	ID   int64  `json:"id" db:"id"`
	Name string `json:"name" db:"name"`
	URL  string `json:"url" db:"url"`
	// Verbs are verbs of the journal, incident.* for all of a kind, * for everything; none: all that concerns a client.
	Verbs  store.Strings `json:"verbs" db:"verbs"`
	Active bool          `json:"active" db:"active"`
	// DisabledReason is why it was switched off by itself: "gone" (the receiver answered 410); "" otherwise.
	DisabledReason string       `json:"disabled_reason" db:"off_why"`
	Version        int64        `json:"version" db:"version"`
	CreatedAt      store.Moment `json:"created_at" db:"created_at"`
	UpdatedAt      store.Moment `json:"updated_at" db:"updated_at"`
}

// NewHookOut is the input for a new subscription.
type NewHookOut struct {
	Name   string   `json:"name"`
	URL    string   `json:"url"`
	Verbs  []string `json:"verbs,omitempty"`
	Active *bool    `json:"active,omitempty"` // true when left out
}

// HookOutChange changes a subscription; nil fields stay as they are.
type HookOutChange struct {
	Name    *string   `json:"name,omitempty"`
	URL     *string   `json:"url,omitempty"`
	Verbs   *[]string `json:"verbs,omitempty"`
	Active  *bool     `json:"active,omitempty"`
	Version int64     `json:"version"`
}

// Bounds of a subscription.
const (
	maxHookName = 100
	maxHookURL  = 2000
	maxVerbs    = 50
	maxHooks    = 50 // each one reads the journal for itself
)

// wants reports whether an entry concerns a subscription.
func (h *HookOut) wants(e journal.Entry) bool {
	if len(h.Verbs) == 0 {
		return e.Client.Kind != ""
	}
	return slices.ContainsFunc(h.Verbs, func(wanted string) bool {
		prefix, every := strings.CutSuffix(wanted, "*")
		return wanted == string(e.Verb) || every && strings.HasPrefix(string(e.Verb), prefix)
	})
}

// sealContext is what the secrets of a subscription are sealed for: they cannot be opened elsewhere.
func sealContext(hook int64) string { return "hook_out:" + strconv.FormatInt(hook, 10) }

// check gathers what is wrong with a subscription.
func (c *Dispatcher) check(a *journal.Act, h *HookOut) {
	a.Invalid("name", text.CheckRequired(h.Name, maxHookName))
	a.Invalid("url", hookURLFault(h.URL, c.opt.AllowPrivate))
	if len(h.Verbs) > maxVerbs {
		a.Invalid("verbs", "too_many")
	}
	known := c.opt.Journal.Verbs()
	for i, verb := range h.Verbs {
		if !knownVerbs(known, verb) {
			a.Invalid("verbs."+strconv.Itoa(i), "unknown_value")
		}
	}
}

// knownVerbs reports whether something can happen that a wanted verb means: an exact
// one, all of a kind (incident.*), or everything (*).
func knownVerbs(known []journal.Verb, wanted string) bool {
	kind, every := strings.CutSuffix(wanted, ".*")
	return wanted == "*" || slices.ContainsFunc(known, func(v journal.Verb) bool {
		return string(v) == wanted || every && strings.HasPrefix(string(v), kind+".")
	})
}

// hookURLFault returns the code of what is wrong with an address. A name is judged
// when it is dialled: only then is known where it leads.
func hookURLFault(address string, private bool) string {
	if code := text.CheckRequired(address, maxHookURL); code != "" {
		return code
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return "malformed"
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return "malformed"
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !private && !web.MayDial(ip) {
		return "private_address"
	}
	return ""
}

// recordedHook returns what the journal keeps of a subscription: never a secret, and of the address the host alone, for
// a path may be a secret of the receiver's.
func recordedHook(h HookOut) map[string]any {
	return map[string]any{"name": h.Name, "host": hostOf(h.URL), "verbs": h.Verbs, "active": h.Active}
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
