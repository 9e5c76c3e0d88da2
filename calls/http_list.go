package calls

import (
	"slices"
	"unicode/utf8"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
)

func (d *Tracker) list(r *web.Request, in ListInput) (web.List[Call], error) {
	none := web.List[Call]{}
	org, err := d.Roster.Org(r.Context())
	if err != nil {
		return none, err
	}
	f, err := d.filterOf(org, r.User, in)
	if err != nil {
		return none, err
	}
	rows, err := listCalls(d.DB.ReadSlow(r.Context()), f)
	if err != nil {
		return none, err
	}
	page := web.Page(rows, in.Size(), func(last *callRow) any { return callCursor{last.StartedAt, last.ID} })
	calls, err := callsOf(d.DB.ReadSlow(r.Context()), page.Items, visible(r.User))
	return web.List[Call]{Items: calls, NextPageToken: page.NextPageToken}, err
}

// seen returns a call and those of its cards that the user may see; the fault is "not_found" when that is none.
func (d *Tracker) seen(r *web.Request, id int64) (*callRow, []*cardRow, error) {
	tx := d.DB.Read(r.Context())
	call, err := findCall(tx, id)
	if err != nil {
		return nil, nil, err
	}
	cards, err := cardsOf(tx, id)
	if err != nil {
		return nil, nil, err
	}
	may := visible(r.User)
	cards = slices.DeleteFunc(cards, func(c *cardRow) bool { return !may(c) })
	if len(cards) == 0 && !r.User.Has(access.Heads...) && !r.User.Has(access.Service) {
		return nil, nil, fault.Missing("call")
	}
	return call, cards, nil
}

func (d *Tracker) find(r *web.Request, in callPath) (Call, error) {
	row, _, err := d.seen(r, in.ID)
	if err != nil {
		return Call{}, err
	}
	return shownCall(d.DB.Read(r.Context()), row, visible(r.User))
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
	_, cards, err := d.seen(r, in.ID)
	if err != nil {
		return Card{}, err
	}
	org, err := d.Roster.Org(r.Context())
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
	if in.Related {
		err = d.Relate(r.Context(), &card)
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

// note writes the note of a call that the user may see. Faults: "not_found", invalid note, "stale_version".
func (d *Tracker) note(r *web.Request, in NoteInput) (noted Call, err error) {
	if utf8.RuneCountInString(in.Note) > 2000 {
		return Call{}, fault.Invalid("note", "too_long")
	}
	_, cards, err := d.seen(r, in.ID)
	if err != nil {
		return Call{}, err
	}
	e := journal.Entry{Verb: CallNoted, Actor: r.User.ID, Team: r.User.Department, Subject: journal.Ref{Kind: "call", ID: in.ID}}
	for _, card := range cards {
		if e.Client.ID == 0 || card.AgentID == r.User.ID {
			e.Client = journal.Ref{Kind: card.ClientKind, ID: card.ClientID}
		}
	}
	err = d.DB.Write(r.Context(), func(tx *store.Tx) error {
		call, err := lockCallByID(tx, in.ID)
		if err != nil {
			return err
		}
		if in.Version != nil && *in.Version != call.NoteVersion {
			return fault.Stale()
		}
		if call.Note != in.Note {
			changed := journal.Changes{}
			journal.Set(changed, "note", &call.Note, in.Note)
			e.Details = journal.Details(map[string]any{"changed": changed})
			call.NoteVersion++
			if err := saveNote(tx, call); err != nil {
				return err
			}
			if _, err = d.Journal.Record(tx, e); err != nil {
				return err
			}
		}
		if noted, err = shownCall(tx, call, visible(r.User)); err == nil {
			tx.Answer(noted)
		}
		return err
	})
	return noted, err
}

func (d *Tracker) teamDay(r *web.Request, in TeamInput) (TeamDay, error) {
	return d.TeamDay(r.Context(), r.User, in)
}
