package crm

import (
	"context"
	"maps"
	"slices"
	"strings"

	"callhue/internal/access"
	"callhue/internal/store"
)

// Reference is a company of another system that made a card red here. Permits, incidents and the journal need a record;
// the verdict does not, and never reads it.
type Reference struct {
	Source string // the lookup source that knows the company
	ID     string // there
	Name   string
	Owner  int64  // 0: none, or one who is no user here
	Status string // code; "" for the default one
	URL    string // of its page there, "" for none
}

// referencePrefix begins the systems of the external ids of references: "lookup.crm" for those of the source crm.
// Records that the system itself writes over the API have its bare name.
const referencePrefix = "lookup."

// isReference reports whether the external id is one that KeepReference gave.
func (e ExternalID) isReference() bool { return strings.HasPrefix(e.System, referencePrefix) }

// KeepReference stores a company that stands for one of another system, or brings it up to date. It has no numbers, so
// that no lookup finds it. One that people here have changed, or merged into another company, stays as they left it. It
// does nothing for a company whose id is too long to be stored.
func (b *Records) KeepReference(ctx context.Context, ref Reference) error {
	system := referencePrefix + ref.Source
	if CheckSystem(system) != "" || len(ref.ID) > maxExternalID {
		return nil
	}
	id, err := referenceOf(b.db.Read(ctx), ref.Source, ref.ID)
	switch {
	case err != nil:
		return err
	case id != 0:
		return b.updateReference(ctx, id, ref)
	}
	external := ExternalID{System: system, ID: ref.ID}
	if SafeURL(ref.URL) && len(ref.URL) <= maxURL {
		external.URL = ref.URL
	}
	_, err = b.AddCompany(ctx, access.System(), NewCompany{Name: ref.Name, OwnerID: ref.Owner, Status: ref.Status,
		ExternalIDs: []ExternalID{external}})
	return err
}

// updateReference stores the name, owner and status that the company has there.
func (b *Records) updateReference(ctx context.Context, id int64, ref Reference) error {
	known, err := b.FindCompany(ctx, id)
	if err != nil {
		return err
	}
	if known.CreatedBy != 0 || known.UpdatedBy != 0 || len(known.Phones) > 0 {
		return nil
	}
	change := CompanyChange{Version: known.Version}
	if known.Name != ref.Name {
		change.Name = &ref.Name
	}
	if known.OwnerID != ref.Owner {
		change.OwnerID = &ref.Owner
	}
	if change.Name != nil || change.OwnerID != nil {
		if known, err = b.ChangeCompany(ctx, access.System(), id, change); err != nil {
			return err
		}
	}
	if known.Status != nil && (ref.Status == "" || known.Status.Code == ref.Status) {
		return nil
	}
	_, err = b.SetStatus(ctx, access.System(), id, ref.Status, "", known.Version)
	return err
}

// FindReferences returns our own companies of a source, by their ids there: those that the system writes over the API,
// else our references to them. Companies without one are left out.
func FindReferences(tx *store.Tx, source string, ids []string) (map[string]int64, error) {
	found, err := FindByExternalIDs(tx, KindCompany, referencePrefix+source, ids)
	if err != nil {
		return nil, err
	}
	written, err := FindByExternalIDs(tx, KindCompany, source, ids)
	if err != nil {
		return nil, err
	}
	records := make([]int64, 0, len(found)+len(written))
	for _, list := range []map[string]int64{found, written} {
		for _, record := range list {
			records = append(records, record)
		}
	}
	existing, err := findExisting(tx, KindCompany, records)
	if err != nil {
		return nil, err
	}
	isGone := func(_ string, record int64) bool { return !slices.Contains(existing, record) }
	maps.DeleteFunc(found, isGone)
	maps.DeleteFunc(written, isGone)
	maps.Copy(found, written)
	return found, nil
}

func referenceOf(tx *store.Tx, source, id string) (int64, error) {
	found, err := FindReferences(tx, source, []string{id})
	return found[id], err
}
