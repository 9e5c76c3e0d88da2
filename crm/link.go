package crm

import (
	"context"

	"callhue/internal/store"
)

// Link leads to the page of a record in another system.
type Link struct {
	System string `json:"system"`
	URL    string `json:"url"` // http or https
}

// Linker knows the pages that records have in other systems.
type Linker interface {
	// HasLinks reports whether any record may have a page; it is asked on every call and must not wait.
	HasLinks() bool
	// Links returns the pages of records, given what other systems call them.
	Links(tx *store.Tx, kind Kind, known map[int64][]ExternalID, records []int64) (map[int64][]Link, error)
}

// LinkBy sets who knows the pages of records in other systems. Without it only their external ids lead there.
func (b *Records) LinkBy(linker Linker) { b.linker = linker }

// HasLinks reports whether any record may have a page in another system.
func (b *Records) HasLinks() bool { return b.linker != nil && b.linker.HasLinks() }

// FindLinks returns the pages of a record in other systems.
func (b *Records) FindLinks(ctx context.Context, kind Kind, id int64) ([]Link, error) {
	tx := b.db.Read(ctx)
	known, err := FindExternalIDs(tx, kind, []int64{id})
	if err != nil {
		return nil, err
	}
	links, err := linksOf(tx, b.linker, kind, known, []int64{id})
	return links[id], err
}

// linksOf returns the pages of records that a browser may be sent to.
func linksOf(tx *store.Tx, linker Linker, kind Kind, known map[int64][]ExternalID,
	records []int64) (map[int64][]Link, error) {
	if linker == nil {
		linker = ownURLs{}
	}
	found, err := linker.Links(tx, kind, known, records)
	for id, links := range found {
		safe := links[:0]
		for _, l := range links {
			if SafeURL(l.URL) {
				safe = append(safe, l)
			}
		}
		found[id] = safe
	}
	return found, err
}

// ownURLs links records by the addresses that came with their external ids.
type ownURLs struct{}

func (ownURLs) HasLinks() bool { return true }

func (ownURLs) Links(_ *store.Tx, _ Kind, known map[int64][]ExternalID, _ []int64) (map[int64][]Link, error) {
	found := map[int64][]Link{}
	for id, list := range known {
		for _, e := range list {
			if e.URL != "" {
				found[id] = append(found[id], Link{e.System, e.URL})
			}
		}
	}
	return found, nil
}
