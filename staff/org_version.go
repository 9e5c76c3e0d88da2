package staff

import "callhue/internal/store"

// orgAt is the organisation at a version.
type orgAt struct {
	version int64
	org     *Org
}

// orgVersion is the row of staff_turns that every change of the organisation counts
// up, in its own transaction.
const orgVersion = "version"

type orgMemo struct{}

// OrgIn returns the organisation as it stands inside a transaction: for rights, which
// must hold at the very moment of a write. It reads the organisation's version, and
// the organisation itself only when the one in memory has another version. Repeated
// calls in one transaction return the same organisation. It must not be changed.
func (r *Roster) OrgIn(tx *store.Tx) (*Org, error) {
	return store.Memo(tx, orgMemo{}, func() (*Org, error) {
		version, err := turnOf(tx, orgVersion)
		if err != nil {
			return nil, err
		}
		if known := r.latest.Load(); known != nil && known.version == version {
			return known.org, nil
		}
		org, err := readOrg(tx)
		if err != nil {
			return nil, err
		}
		// A change that was committed while the tables were read has left another
		// version: half of it may be missing, and the next one reads again.
		after, err := turnOf(tx, orgVersion)
		if err == nil && after == version {
			r.latest.Store(&orgAt{version, org})
		}
		return org, err
	})
}
