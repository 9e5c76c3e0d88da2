package journal

import "maps"

// Announce delivers an entry that is not stored, and has no id, to the listeners of this process: what people must see
// at once while the database does not answer. It is not repeated to a stream that connects again.
func (j *Journal) Announce(e Entry) {
	j.delivering.Lock()
	defer j.delivering.Unlock()
	j.mu.Lock()
	listeners := maps.Clone(j.listeners)
	j.mu.Unlock()
	e.ID = 0
	for _, f := range listeners {
		f([]Entry{e})
	}
}
