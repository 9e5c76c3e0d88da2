package calls

import (
	"slices"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/phone"
)

// callsOfSubject returns the calls of a person, by id.
func callsOfSubject(tx *store.Tx, who crm.DataSubject) (ids []int64, err error) {
	if err := tx.Select(&ids, "SELECT id FROM calls WHERE number_key IN (?)", who.Numbers); err != nil {
		return nil, err
	}
	for _, r := range who.Records {
		var some []int64
		if err := tx.Select(&some, "SELECT call_id FROM cards WHERE client_kind = ? AND client_id = ?", r.Kind, r.ID); err != nil {
			return nil, err
		}
		ids = append(ids, some...)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

func callsByID(tx *store.Tx, ids []int64) (rows []*callRow, err error) {
	err = tx.Select(&rows, "SELECT "+callColumns+" FROM calls WHERE id IN (?) ORDER BY id", ids)
	return rows, err
}

// eraseCalls removes the notes and recordings of calls.
func eraseCalls(tx *store.Tx, ids []int64) error {
	_, err := tx.Exec("UPDATE calls SET recording_url = '', note = '', version = version + 1 WHERE id IN (?)", ids)
	return err
}

// eraseNumbers makes calls look as if the number had been hidden.
func eraseNumbers(tx *store.Tx, ids []int64) error {
	_, err := tx.Exec(`UPDATE calls SET number_raw = ?, number_kind = ?, number_key = 0, extension = ''
		WHERE id IN (?)`, crm.Masked, phone.Hidden.String(), ids)
	return err
}

func rewriteCard(tx *store.Tx, c *cardRow) error {
	_, err := tx.Exec("UPDATE cards SET card = ?, reason = ?, version = version + 1 WHERE id = ?",
		c.Card, c.Reason, c.ID)
	return err
}
