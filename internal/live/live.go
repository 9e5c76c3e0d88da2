// Package live sends the journal to browsers as server-sent events. Each package decides who gets its own verbs;
// this one only joins the journal, the organisation and the streams.
//
// Read next: hub.go (how an entry reaches its streams), index.go (which they are), resume.go (a client that comes
// back).
package live

import (
	"slices"
	"strings"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/journal"
	"callhue/staff"
)

// Live serves the streams of one process.
type Live struct {
	journal *journal.Journal
	roster  *staff.Roster
	hub     *hub
}

// New returns the streams over a journal.
func New(db *store.DB, j *journal.Journal, roster *staff.Roster) *Live {
	return &Live{j, roster, newHub(j, db)}
}

// Subscription decides which entries one stream sends.
type Subscription struct {
	journal  *journal.Journal
	listener journal.Listener
	listed   []journal.Verb
}

// Subscribe checks what a user asks for: scope is "department" for whole departments or "", verbs are further verbs
// with commas between. Faults: role_missing for what only heads may ask for, and scope unknown_value.
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
		for verb := range strings.SplitSeq(verbs, ",") {
			s.listed = append(s.listed, journal.Verb(verb))
		}
	}
	if (s.listener.WithTeam || s.listed != nil) && !user.Has(access.Heads...) {
		return nil, fault.Forbidden("role_missing")
	}
	return s, nil
}

// Wants reports whether an entry is for this stream: its audience includes the listener, or they asked for its verb
// and may see it.
func (s *Subscription) Wants(e journal.Entry) bool {
	info, _ := s.journal.Info(e.Verb)
	return remember(info, e).isFor(s)
}

func (s *Subscription) asksFor(verb journal.Verb) bool { return slices.Contains(s.listed, verb) }
