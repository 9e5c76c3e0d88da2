package calls

// NoteInput is the note of a call. A version is the note_version that its author has read; without one the last write
// wins, and the journal keeps the note before.
type NoteInput struct {
	ID      int64  `path:"id" json:"-"`
	Note    string `json:"note"`
	Version *int64 `json:"version,omitempty"`
}
