package staff

import (
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
)

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
		for range orgTries {
			org, whole, err := r.orgOnce(tx)
			if whole || err != nil {
				return org, err
			}
		}
		return nil, fault.Unavailable("database_busy", time.Second)
	})
}

// orgTries is how often an organisation is read that changes while it is read.
const orgTries = 20

// orgOnce returns the organisation, and whether it is whole: each statement sees what is committed, and a change that
// was committed while the tables were read has left another version.
func (r *Roster) orgOnce(tx *store.Tx) (org *Org, whole bool, err error) {
	version, err := turnOf(tx, orgVersion)
	if err != nil {
		return nil, false, err
	}
	if known := r.latest.Load(); known != nil && known.version == version {
		return known.org, true, nil
	}
	if org, err = readOrg(tx); err != nil {
		return nil, false, err
	}
	after, err := turnOf(tx, orgVersion)
	if err != nil || after != version {
		return nil, false, err
	}
	r.latest.Store(&orgAt{version, org})
	return org, true, nil
}
