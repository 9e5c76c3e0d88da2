package crmsync

import (
	"context"
	"slices"
	"sync"
	"time"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/journal"
)

// linker knows the pages of records in connected CRMs and in systems that push their records here.
type linker struct {
	syncer *Syncer

	mu      sync.Mutex
	systems []*System
	until   time.Time
}

// systemsFor is how long the systems are remembered: another process may have met a new one.
const systemsFor = 10 * time.Second

// systemsTimeout is how long the database may take to list them: a card waits for it.
const systemsTimeout = 50 * time.Millisecond

func newLinker(s *Syncer) *linker {
	l := &linker{syncer: s}
	s.Journal.Listen(func(list []journal.Entry) {
		if slices.ContainsFunc(list, func(e journal.Entry) bool { return e.Verb == SystemChanged }) {
			l.forget()
		}
	})
	return l
}

func (l *linker) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = time.Time{}
}

// known returns the systems, from memory where that is fresh, and the last ones while the database does not answer.
func (l *linker) known() []*System {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Now().Before(l.until) {
		return l.systems
	}
	ctx, cancel := context.WithTimeout(context.Background(), systemsTimeout)
	defer cancel()
	list, err := systems.List(l.syncer.DB.Read(ctx), store.Where{}, store.By("name"))
	if err == nil {
		l.systems = list
	}
	l.until = time.Now().Add(systemsFor) // also after a failure: no call waits for it a second time
	return l.systems
}

// HasLinks implements crm.Linker.
func (l *linker) HasLinks() bool {
	return len(l.known()) > 0 || len(l.pages()) > 0
}

// pages returns the connected CRMs that know the pages of their records, by source.
func (l *linker) pages() map[int64]Pages {
	l.syncer.mu.Lock()
	defer l.syncer.mu.Unlock()
	var found map[int64]Pages
	for source, portal := range l.syncer.portals {
		if pages, ok := portal.(Pages); ok {
			if found == nil {
				found = map[int64]Pages{}
			}
			found[source] = pages
		}
	}
	return found
}

// Links implements crm.Linker: by the address of a record, the pattern of its system, or the CRM that it is synced
// with.
func (l *linker) Links(tx *store.Tx, kind crm.Kind, known map[int64][]crm.ExternalID,
	records []int64) (map[int64][]crm.Link, error) {
	found, list := map[int64][]crm.Link{}, l.known()
	for id, external := range known {
		for _, e := range external {
			at := slices.IndexFunc(list, func(s *System) bool { return s.Name == e.System })
			var system *System
			if at >= 0 {
				system = list[at]
			}
			if url := system.link(kind, e); url != "" {
				found[id] = append(found[id], crm.Link{System: e.System, URL: url})
			}
		}
	}
	pages := l.pages()
	if len(pages) == 0 {
		return found, nil
	}
	links, err := linksOfRecords(tx, kind, records)
	if err != nil {
		return nil, err
	}
	for _, link := range links {
		if of := pages[link.Source]; of != nil && link.Removed == 0 {
			name, err := sourceName(tx, link.Source)
			if err != nil {
				return nil, err
			}
			url := of.PageOf(Ref{kind, link.TheirID})
			found[link.OurID] = append(found[link.OurID], crm.Link{System: name, URL: url})
		}
	}
	return found, nil
}
