package journal

import (
	"bytes"
	"encoding/json"

	"callhue/internal/store"
)

// Erase is the one thing that changes entries: it takes somebody's personal
// values out of their details, because he asked for it. Whose entries are
// rewritten is said by the records that they are about, and by words that nobody
// else has (numbers, e-mails). Who did what when stays. Remembered answers that hold
// such a word go. It gives how many entries became different.
func Erase(tx *store.Tx, about []Ref, words []string, redact func(Entry) json.RawMessage) (int64, error) {
	if err := forgetAnswers(tx, words); err != nil {
		return 0, err
	}
	ids, err := idsAbout(tx, about, words)
	if err != nil {
		return 0, err
	}
	changed := int64(0)
	for len(ids) > 0 {
		part := ids[:min(len(ids), 200)]
		ids = ids[len(part):]
		list, err := byIDs(tx, part)
		if err != nil {
			return changed, err
		}
		for _, e := range list {
			now := redact(e)
			if bytes.Equal(now, e.Details) {
				continue
			}
			if err := rewrite(tx, e.ID, now); err != nil {
				return changed, err
			}
			changed++
		}
	}
	return changed, nil
}

// About gives the entries that Forget would look at, oldest first.
func About(tx *store.Tx, about []Ref, words []string) ([]Entry, error) {
	ids, err := idsAbout(tx, about, words)
	list := []Entry{}
	for err == nil && len(ids) > 0 {
		part := ids[:min(len(ids), 200)]
		ids = ids[len(part):]
		var some []Entry
		some, err = byIDs(tx, part)
		list = append(list, some...)
	}
	return list, err
}
