package journal

import (
	"bytes"
	"encoding/json"

	"callhue/internal/store"
)

// Erase removes the personal data of one person from the details of entries: those about the given
// records, and those that contain one of the words (numbers and e-mails that only this person has).
// Who did what when stays. Stored answers to an Idempotency-Key that contain such a word are
// removed. It returns the number of changed entries.
func Erase(tx *store.Tx, about []Ref, words []string, redact func(Entry) json.RawMessage) (int64, error) {
	if err := removeAnswers(tx, words); err != nil {
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

// About returns the entries that Erase would look at, oldest first.
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
