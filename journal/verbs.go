package journal

import (
	"encoding/json"
	"maps"
	"slices"

	"callhue/internal/access"
)

// Verb is the kind of an entry, `noun.done`. Each package registers its own verbs; the journal knows only
// ChangeRefused.
type Verb string

// ChangeRefused is the one verb that every package shares: Journal.Write records it for a Refusal.
const ChangeRefused Verb = "change.refused"

// VerbInfo describes a verb: its meaning, and who gets it on the live stream.
type VerbInfo struct {
	Verb     Verb
	Sentence string // what happened, in one English sentence, for the API reference

	// Audience returns who gets an entry live without having asked for its verb. Nil means that no one does. It runs once
	// for each entry, whatever the number of streams; it reads nothing.
	Audience func(Entry) Audience
	// MaySee returns who may get an entry for which they asked by its verb, of those who may ask. Nil means those that the
	// entry concerns, and all of them for a common verb.
	MaySee func(Entry) Audience
	// Event is the name under which the live stream sends the entry's details alone. Empty sends the whole entry as
	// "journal".
	Event string
	// Localize returns the details in a user's language, for entries with sentences. It runs once for each language.
	// Nil sends the details as they are.
	Localize func(e Entry, language string) json.RawMessage
	// Ends returns whose streams were opened with rights that the entry may have ended. The streams then end, and their
	// clients connect again with the rights of today. Nil means that none do.
	Ends func(Entry) Audience
	// Common marks what is no one's and everyone's, such as the rules: all who read the journal see it.
	Common bool
	// Recolors marks changes after which a card that is on a screen may show the wrong colour.
	Recolors bool
}

// Listener is the user behind one live stream, as far as an Audience needs to know them.
type Listener struct {
	User  access.User
	Leads []int64 // departments that the user heads, those below included

	// WithTeam is set on a stream that was opened for whole departments: those of Leads, or all of them for an admin.
	WithTeam bool
}

// Covers reports whether a stream for whole departments covers a department.
func (l Listener) Covers(department int64) bool {
	return l.WithTeam && (l.User.Has(access.Admin) || slices.Contains(l.Leads, department))
}

// Verbs returns what every package may record.
func Verbs() []VerbInfo {
	return []VerbInfo{{Verb: ChangeRefused, Sentence: "A change was refused because the user had no right to it."}}
}

// Register adds verbs. A package calls it in its constructor, before anything is recorded with them. Registering a verb
// again replaces it.
func (j *Journal) Register(verbs ...VerbInfo) {
	j.verbsMu.Lock()
	defer j.verbsMu.Unlock()
	all := maps.Clone(*j.verbs.Load())
	for _, v := range verbs {
		if v.MaySee == nil && !v.Common {
			v.MaySee = j.concerned
		}
		all[v.Verb] = v
	}
	j.verbs.Store(&all)
}

// Info returns the description of a verb, and false for a verb that no package has registered.
func (j *Journal) Info(v Verb) (VerbInfo, bool) {
	info, known := (*j.verbs.Load())[v]
	return info, known
}

// Verbs returns every registered verb in alphabetical order.
func (j *Journal) Verbs() []Verb { return slices.Sorted(maps.Keys(*j.verbs.Load())) }

// Recolors reports whether one of the entries may have made the colour of a card wrong.
func (j *Journal) Recolors(list []Entry) bool {
	return slices.ContainsFunc(list, func(e Entry) bool {
		info, _ := j.Info(e.Verb)
		return info.Recolors
	})
}

// JSONType reports that an API reference without the registered verbs shows a verb as any text.
func (Verb) JSONType() string { return "string" }
