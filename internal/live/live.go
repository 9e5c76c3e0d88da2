// Package live sends the journal to browsers as server-sent events. Each package decides who gets its own verbs;
// this one only joins the journal, the organisation and the stream.
package live

import (
	"slices"
	"strings"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/journal"
	"callhue/staff"
)

// Live serves the streams of one process.
type Live struct {
	journal *journal.Journal
	roster  *staff.Roster
}

// New returns the streams over a journal.
func New(j *journal.Journal, roster *staff.Roster) *Live { return &Live{j, roster} }

// Subscription decides which entries one stream sends.
type Subscription struct {
	journal  *journal.Journal
	listener journal.Listener
	listed   []string
}

// Subscribe checks what a user asks for: scope is "department" for whole departments or "", verbs are further verbs with commas
// between. Faults: role_missing for what only heads may ask for, and scope unknown_value.
func Subscribe(j *journal.Journal, org *staff.Org, user *access.User, scope, verbs string) (*Subscription, error) {
	s := &Subscription{journal: j, listener: journal.Listener{User: *user, Leads: org.TeamsOf(user.ID)}}
	switch scope {
	case "":
	case "department":
		s.listener.WithTeam = true
	default:
		return nil, fault.Invalid("scope", "unknown_value")
	}
	if verbs != "" {
		s.listed = strings.Split(verbs, ",")
	}
	if (s.listener.WithTeam || s.listed != nil) && !user.Has(access.Heads...) {
		return nil, fault.Forbidden("role_missing")
	}
	return s, nil
}

// Wants reports whether an entry is for this stream: its audience includes the listener, or they asked for its verb.
func (s *Subscription) Wants(e journal.Entry) bool {
	info, _ := s.journal.Info(e.Verb)
	if info.Audience != nil && info.Audience(e).Includes(s.listener) {
		return true
	}
	if info.Event != "" || !slices.Contains(s.listed, string(e.Verb)) {
		return false
	}
	return info.MaySee == nil || info.MaySee(e).Includes(s.listener)
}

// EndsBy reports whether one of the entries may have taken rights with which the stream was opened.
func (s *Subscription) EndsBy(list []journal.Entry) bool {
	return slices.ContainsFunc(list, func(e journal.Entry) bool {
		info, _ := s.journal.Info(e.Verb)
		return info.Ends != nil && info.Ends(e).Includes(s.listener)
	})
}
