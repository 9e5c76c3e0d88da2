package calls

import (
	"unicode/utf8"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
)

// NoteInput is the note of a call. A version is the note_version that its author has read; without one the last write
// wins, and the journal keeps the note before.
type NoteInput struct {
	ID      int64  `path:"id" json:"-"`
	Note    string `json:"note"`
	Version *int64 `json:"version,omitempty"`
}

// note writes the note of a call that the user may see. Faults: "not_found", invalid note, "stale_version".
func (d *Tracker) note(r *web.Request, in NoteInput) (Call, error) {
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
		if call.Note == in.Note {
			return nil
		}
		changed := journal.Changes{}
		journal.Set(changed, "note", &call.Note, in.Note)
		e.Details = journal.Details(map[string]any{"changed": changed})
		call.NoteVersion++
		if err := saveNote(tx, call); err != nil {
			return err
		}
		_, err = d.Journal.Record(tx, e)
		return err
	})
	if err != nil {
		return Call{}, err
	}
	return d.find(r, callPath{in.ID})
}
