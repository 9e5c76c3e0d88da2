package crmsync

import (
	"slices"
	"time"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/internal/text"
)

// NoteCode is what a note is about.
type NoteCode string

// The notes.
const (
	noteDateFilter  NoteCode = "date_filter_ignored"  // a scan gets records that did not change: it reads all
	noteOrder       NoteCode = "order_ignored"        // lists are not ordered by id: they are read by position
	noteMoved       NoteCode = "portal_moved"         // the CRM has another address; it is in the text
	noteStatusField NoteCode = "status_field_missing" // the field that is mapped is not among those of the CRM
)

// Values lists the codes, for the API reference.
func (NoteCode) Values() []string {
	return []string{string(noteDateFilter), string(noteOrder), string(noteMoved), string(noteStatusField)}
}

// Note is a peculiarity of a CRM that an admin should know of; the sync goes on.
type Note struct {
	Code NoteCode  `json:"code"`
	Text string    `json:"text"` // such as the new address
	At   time.Time `json:"at"`   // when it was seen first
}

// neverReturned is why a record that the CRM reported was given up.
const neverReturned = "never_returned"

// UnreadableRecord is a record of the CRM that was set aside. What is known of it here stays.
type UnreadableRecord struct {
	Kind string    `json:"kind"`
	ID   string    `json:"id"`   // "" if not even that can be read
	Code string    `json:"code"` // crm_answer, crm_refused, never_returned
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// UnreadableRecords are the records that were set aside.
type UnreadableRecords struct {
	Count   int64              `json:"count"`
	Records []UnreadableRecord `json:"records"` // the first of them
}

// Bounds of what is kept of unreadable records.
const (
	maxUnreadable     = 50
	maxUnreadableText = 200
)

// note adds a note, or leaves it as it was seen first. It is stored with the row of the source.
func (w *work) note(code NoteCode, detail string) {
	for _, n := range w.portal.Notes {
		if n.Code == code && n.Text == detail {
			return
		}
	}
	w.removeNote(code)
	w.portal.Notes = append(w.portal.Notes, Note{code, text.Cut(detail, maxUnreadableText), w.DB.Clock()})
}

func (w *work) removeNote(code NoteCode) {
	w.portal.Notes = slices.DeleteFunc(w.portal.Notes, func(n Note) bool { return n.Code == code })
}

func (w *work) hasNote(code NoteCode) bool {
	return slices.ContainsFunc(w.portal.Notes, func(n Note) bool { return n.Code == code })
}

// noteUnreadable adds a record to those that were set aside. It is stored with the row of the source.
func (w *work) noteUnreadable(kind crm.Kind, id, code, why string) {
	list := &w.portal.Unreadable
	r := UnreadableRecord{Kind: kindName(kind), ID: text.Cut(id, longestID), Code: code,
		Text: text.Cut(why, maxUnreadableText), At: w.DB.Clock()}
	at := slices.IndexFunc(list.Records, func(o UnreadableRecord) bool { return o.Kind == r.Kind && o.ID == r.ID })
	switch {
	case at >= 0 && id != "":
		r.At = list.Records[at].At
		list.Records[at] = r
	case at >= 0:
		list.Count++
	default:
		list.Count++
		if len(list.Records) < maxUnreadable {
			list.Records = append(list.Records, r)
		}
	}
}

// notePage notes what is peculiar about a page.
func (w *work) notePage(kind crm.Kind, page Page) {
	w.noteAllUnreadable(kind, page.Unreadable)
	if page.Unordered {
		w.note(noteOrder, "")
	}
}

func (w *work) noteAllUnreadable(kind crm.Kind, list []Unreadable) {
	for _, u := range list {
		w.noteUnreadable(kind, u.ID, "crm_answer", u.Why)
	}
}

// noteReadable removes records that could be read after all.
func (w *work) noteReadable(kind crm.Kind, list []Record) {
	unreadable := &w.portal.Unreadable
	if len(unreadable.Records) == 0 {
		return
	}
	before := len(unreadable.Records)
	unreadable.Records = slices.DeleteFunc(unreadable.Records, func(u UnreadableRecord) bool {
		return u.Kind == kindName(kind) &&
			slices.ContainsFunc(list, func(r Record) bool { return r.ID == u.ID })
	})
	unreadable.Count -= int64(before - len(unreadable.Records))
}

// forgetUnreadable empties the list: a full sync reads every record.
func (w *work) forgetUnreadable() { w.portal.Unreadable = UnreadableRecords{} }

// clockTolerance is how much older than the begin of a scan its records may be: clocks and time zones differ.
const clockTolerance = 26 * time.Hour

// checkDateFilter notes whether a scan gets only records that changed since.
func (w *work) checkDateFilter(list []Record) {
	for _, r := range list {
		if !r.ChangedAt.IsZero() && r.ChangedAt.Before(w.scan.since.Add(-clockTolerance)) {
			w.scan.unfiltered = true
			w.note(noteDateFilter, "")
			return
		}
	}
}

// slowScan is how much rarer a CRM is scanned that returns all its records each time.
const slowScan = 12

// scanEvery returns how often to scan.
func (w *work) scanEvery() time.Duration {
	if w.hasNote(noteDateFilter) {
		return slowScan * w.source.Every
	}
	return w.source.Every
}

// scanIsDue reports whether it is time to scan.
func (w *work) scanIsDue(now time.Time) bool {
	return w.scan != nil || w.scanDue || now.Sub(store.Time(w.row.CaughtUpAt)) >= w.scanEvery()
}
