package calls

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/web"
	"callhue/journal"
	"callhue/staff"
)

// stream sends the journal's tail to a browser: his own cards to an agent; with
// ?scope=department those of the departments that a supervisor heads; with
// ?verbs=a,b also entries of the journal, for screens that show them. Owners and
// heads hear of incidents without asking, agents and heads of asks and permits.
func (d *Tracker) stream(r *web.Request) error {
	if ticket := r.C.Query("ticket"); r.User == nil && ticket != "" {
		user, err := d.Roster.TakeTicket(r.Context(), ticket)
		if err != nil {
			return err
		}
		r.User = user
	}
	if r.User == nil {
		return fault.Unauthorised("sign_in_first")
	}
	org, err := d.Roster.Org(r.Context())
	if err != nil {
		return err
	}
	want, err := wanted(org, r.User, r.C.Query("scope"), r.C.Query("verbs"))
	if err != nil {
		return err
	}
	from, err := lastEventID(r)
	if err != nil {
		return err
	}
	user, scope, leads := r.User.ID, r.C.Query("scope"), len(org.TeamsOf(r.User.ID)) > 0
	return web.SSE(r, func(s *web.Stream) error {
		ctx, end := context.WithCancel(s.Context())
		defer end()
		defer d.Journal.Listen(func(list []journal.Entry) {
			if slices.ContainsFunc(list, func(e journal.Entry) bool { return outdates(e, user, scope, leads) }) {
				end()
			}
		})()
		return d.Journal.Follow(ctx, from, want, func(e journal.Entry) error {
			if isCard(e.Verb) {
				return s.Send(e.ID, "card", e.Words)
			}
			raw, err := json.Marshal(e)
			if err != nil {
				return err
			}
			return s.Send(e.ID, "journal", raw)
		})
	})
}

// outdates says that an entry may have taken from a user what his stream was
// opened with. The stream ends; its client comes again, if he still may, and gets
// what he may see now.
func outdates(e journal.Entry, user int64, scope string, leads bool) bool {
	switch e.Verb {
	case journal.UserChanged, journal.PasswordSet, journal.SignedOut, journal.TokenRevoked:
		return e.Subject == journal.Ref{Kind: "user", ID: user}
	case journal.DepartmentAdded, journal.DepartmentChanged, journal.DepartmentRemoved:
		return scope == "department" || leads || headIn(e) == user // another head, or another place in the tree
	}
	return false
}

// headIn is the new head that a department's entry names; 0 for none.
func headIn(e journal.Entry) int64 {
	var words struct {
		HeadID  int64 `json:"head_id"` // of a department that was added
		Changed struct {
			HeadID struct {
				To int64 `json:"to"`
			} `json:"head_id"`
		} `json:"changed"`
	}
	if json.Unmarshal(e.Words, &words) != nil {
		return 0
	}
	return max(words.HeadID, words.Changed.HeadID.To)
}

func lastEventID(r *web.Request) (int64, error) {
	text := r.C.Get("Last-Event-ID")
	if text == "" {
		text = r.C.Query("last_event_id") // a page that opens a new EventSource cannot set the header
	}
	if text == "" {
		return 0, nil
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 0 {
		return 0, fault.Invalid("Last-Event-ID", "malformed")
	}
	return id, nil
}

// cardVerbs are what happens to cards: entries whose words are a whole card.
var cardVerbs = [...]journal.Verb{journal.CardShown, journal.CardChanged, journal.CardClosed}

func isCard(v journal.Verb) bool { return slices.Contains(cardVerbs[:], v) }

// wanted makes the filter of one stream from what its user may see and asked
// for.
func wanted(org *staff.Org, user *access.User, scope, verbs string) (func(journal.Entry) bool, error) {
	teams, all, leads := []int64(nil), false, org.TeamsOf(user.ID)
	switch scope {
	case "":
	case "department":
		if !user.Has(access.Heads...) {
			return nil, fault.Forbidden("role_missing")
		}
		teams, all = leads, user.Has(access.Admin)
	default:
		return nil, fault.Invalid("scope", "unknown_value")
	}
	var listed []string
	if verbs != "" {
		if !user.Has(access.Heads...) {
			return nil, fault.Forbidden("role_missing")
		}
		listed = strings.Split(verbs, ",")
	}
	return func(e journal.Entry) bool {
		if isCard(e.Verb) {
			return e.Actor == user.ID || all || slices.Contains(teams, e.Team)
		}
		return slices.Contains(listed, string(e.Verb)) || toldOfIncident(e, user.ID) || toldOfAsk(e, user, leads)
	}, nil
}

// toldOfIncident says whether an entry is news of an incident that this user is
// to hear of, whatever he asked for: his client, his people.
func toldOfIncident(e journal.Entry, user int64) bool {
	if e.Verb != journal.IncidentRecorded && e.Verb != journal.IncidentAcknowledged {
		return false
	}
	var words struct {
		Tell []int64 `json:"tell"`
	}
	return json.Unmarshal(e.Words, &words) == nil && slices.Contains(words.Tell, user)
}

// toldOfAsk says whether an entry is news of an ask or a permit that this user is
// to hear of, whatever he asked for: of his own, of one that he may decide as head
// of the owner's department or one above it, or as an admin.
func toldOfAsk(e journal.Entry, user *access.User, leads []int64) bool {
	switch e.Verb {
	case journal.AskMade, journal.AskDecided, journal.PermitGranted, journal.PermitEnded:
	default:
		return false
	}
	return e.Actor == user.ID || e.Subject == journal.Ref{Kind: "user", ID: user.ID} || user.Has(access.Admin) || slices.Contains(leads, e.Team)
}
