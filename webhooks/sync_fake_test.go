package webhooks

import (
	"context"
	"sync"

	"callhue/crmsync"
	"callhue/internal/fault"
	"callhue/internal/store"
)

// fakeMirror writes down what it is told, and keeps grants in memory.
type fakeMirror struct {
	mu     sync.Mutex
	told   map[int64][]crmsync.Change
	grants map[string]crmsync.Token // by the source's name
	gone   []int64
	fails  error

	about *crmsync.About
}

func newFakeMirror() *fakeMirror {
	return &fakeMirror{told: map[int64][]crmsync.Change{}, grants: map[string]crmsync.Token{}}
}

func (m *fakeMirror) Run(ctx context.Context, _ crmsync.Source) { <-ctx.Done() }

func (m *fakeMirror) Enqueue(_ context.Context, source int64, changes []crmsync.Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fails == nil {
		m.told[source] = append(m.told[source], changes...)
	}
	return m.fails
}

func (m *fakeMirror) TokenStore(_ int64, name string) crmsync.TokenStore { return fakeGrants{m, name} }

type fakeGrants struct {
	*fakeMirror
	name string
}

func (g fakeGrants) Token(context.Context) (crmsync.Token, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.grants[g.name], nil
}

func (g fakeGrants) SaveToken(_ context.Context, grant crmsync.Token) (crmsync.Token, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if grant.Version != g.grants[g.name].Version {
		return crmsync.Token{}, fault.Stale()
	}
	grant.Version++
	g.grants[g.name] = grant
	return grant, nil
}

func (m *fakeMirror) Sync(context.Context, int64) (crmsync.Sync, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return crmsync.Sync{State: "following", Portal: m.about}, nil
}

func (m *fakeMirror) RemoveSource(_ *store.Tx, source int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.gone = append(m.gone, source)
	return nil
}
