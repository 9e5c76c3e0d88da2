package calls

import (
	"slices"
	"unicode/utf8"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
	"callhue/staff"
)

func (d *Tracker) list(r *web.Request, in ListInput) (web.List[Call], error) {
	none := web.List[Call]{}
	org, scope, err := d.scopeOf(r.Context(), r.User)
	if err != nil {
		return none, err
	}
	f, err := d.filterOf(org, scope, r.User, in)
	if err != nil {
		return none, err
	}
	rows, err := listCalls(d.DB.ReadSlow(r.Context()), f)
	if err != nil {
		return none, err
	}
	page := web.Page(rows, in.Size(), func(last *callRow) any { return callCursor{last.StartedAt, last.ID} })
	calls, err := callsOf(d.DB.ReadSlow(r.Context()), page.Items, visible(scope))
	if err == nil {
		err = d.sayTo(r, calls...)
	}
	return web.List[Call]{Items: calls, NextPageToken: page.NextPageToken}, err
}

// seen returns a call and those of its cards that are in a scope; the fault is "not_found" when that is none. A call
// without a card is no one's: those who see all have it.
func seen(tx *store.Tx, scope staff.Scope, id int64) (*callRow, []*cardRow, error) {
	call, err := findCall(tx, id)
	if err != nil {
		return nil, nil, err
	}
	cards, err := cardsOf(tx, id)
	if err != nil {
		return nil, nil, err
	}
	may := visible(scope)
	cards = slices.DeleteFunc(cards, func(c *cardRow) bool { return !may(c) })
	if len(cards) == 0 && !scope.All() {
		return nil, nil, fault.Missing("call")
	}
	return call, cards, nil
}

func (d *Tracker) find(r *web.Request, in callPath) (Call, error) {
	_, scope, err := d.scopeOf(r.Context(), r.User)
	if err != nil {
		return Call{}, err
	}
	tx := d.DB.Read(r.Context())
	row, _, err := seen(tx, scope, in.ID)
	if err != nil {
		return Call{}, err
	}
	call, err := shownCall(tx, row, visible(scope))
	if err == nil {
		err = d.sayTo(r, call)
	}
	return call, err
}

// shownCall returns a call with the cards that someone may see, and what each of these has shown.
func shownCall(tx *store.Tx, row *callRow, visible func(*cardRow) bool) (Call, error) {
	calls, err := callsOf(tx, []*callRow{row}, visible)
	if err != nil {
		return Call{}, err
	}
	return calls[0], explain(tx, &calls[0])
}

func (d *Tracker) cardOfCall(r *web.Request, in CardInput) (Card, error) {
	org, scope, err := d.scopeOf(r.Context(), r.User)
	if err != nil {
		return Card{}, err
	}
	call, cards, err := seen(d.DB.Read(r.Context()), scope, in.ID)
	if err != nil {
		return Card{}, err
	}
	agent := r.User.ID
	if in.Agent != "" {
		if agent = agentIn(org, r.User, in.Agent); agent == 0 {
			return Card{}, fault.Invalid("agent", "unknown_agent")
		}
	}
	at := slices.IndexFunc(cards, func(c *cardRow) bool { return c.AgentID == agent })
	if at < 0 {
		return Card{}, fault.Missing("card")
	}
	card := cards[at].shown()
	policy, err := d.Policy.Active(r.Context())
	if err != nil {
		return Card{}, err
	}
	card.Verdict.sayTo(language(r), call.direction(), policy)
	if in.Related {
		err = d.Relate(r.Context(), r.User, &card)
	}
	return card, err
}

// renewPass returns what a page in a frame works with next.
func (d *Tracker) renewPass(r *web.Request, in PassRequest) (EmbedSession, error) {
	return d.RenewPass(r.Context(), in)
}

// live returns the live cards of the user, which a page shows before its stream begins.
func (d *Tracker) live(r *web.Request, _ web.Nothing) (web.List[Card], error) {
	cards, err := d.LiveCards(r.Context(), r.User.ID)
	return web.List[Card]{Items: cards}, err
}

// note writes the note of a call that the user sees at that moment. Faults: "not_found", invalid note,
// "stale_version".
func (d *Tracker) note(r *web.Request, in NoteInput) (noted Call, err error) {
	if utf8.RuneCountInString(in.Note) > 2000 {
		return Call{}, fault.Invalid("note", "too_long")
	}
	err = d.DB.Write(r.Context(), func(tx *store.Tx) error {
		org, err := d.Roster.OrgIn(tx)
		if err != nil {
			return err
		}
		scope := org.ScopeOf(r.User, tx.Now())
		call, err := lockCallByID(tx, in.ID)
		if err != nil {
			return err
		}
		_, cards, err := seen(tx, scope, in.ID)
		if err != nil {
			return err
		}
		if in.Version != nil && *in.Version != call.NoteVersion {
			return fault.Stale()
		}
		if call.Note != in.Note {
			if err := d.saveNote(tx, org, r.User, call, cards, in.Note); err != nil {
				return err
			}
		}
		if noted, err = shownCall(tx, call, visible(scope)); err == nil {
			tx.Answer(noted)
		}
		return err
	})
	return noted, err
}

func (d *Tracker) teamDay(r *web.Request, in TeamInput) (TeamDay, error) {
	return d.TeamDay(r.Context(), r.User, in)
}

// saveNote stores another note of a call and records it: for the department of the agent whose card it was, on the
// account of the client on that card; the writer's own card comes first.
func (d *Tracker) saveNote(tx *store.Tx, org *staff.Org, by *access.User, call *callRow, cards []*cardRow, note string) error {
	e := journal.Entry{Verb: CallNoted, Actor: by.ID, Subject: journal.Ref{Kind: "call", ID: call.ID}}
	for i, card := range cards {
		if i == 0 || card.AgentID == by.ID {
			e.Client = journal.Ref{Kind: card.ClientKind, ID: card.ClientID}
			e.Team = org.DepartmentOf(card.AgentID)
		}
	}
	changed := journal.Changes{}
	journal.Set(changed, "note", &call.Note, note)
	e.Details = journal.Details(map[string]any{"changed": changed})
	call.NoteVersion++
	if err := saveNote(tx, call); err != nil {
		return err
	}
	_, err := d.Journal.Record(tx, e)
	return err
}

// sayTo puts what the agents of some calls have seen into the language of the user.
func (d *Tracker) sayTo(r *web.Request, calls ...Call) error {
	policy, err := d.Policy.Active(r.Context())
	if err != nil {
		return err
	}
	for i := range calls {
		calls[i].sayTo(language(r), policy)
	}
	return nil
}
