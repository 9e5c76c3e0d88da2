package webhooks

import (
	"context"
	"sync"

	"callhue/crmsync"
	"callhue/internal/fault"
	"callhue/internal/store"
)

// fakeSyncer records changes and keeps tokens in memory.
type fakeSyncer struct {
	mu       sync.Mutex
	enqueued map[int64][]crmsync.Change
	tokens   map[string]crmsync.Token // by the source's name
	removed  []int64
	fails    error

	about *crmsync.About
}

func newFakeSyncer() *fakeSyncer {
	return &fakeSyncer{enqueued: map[int64][]crmsync.Change{}, tokens: map[string]crmsync.Token{}}
}

func (m *fakeSyncer) Run(ctx context.Context, _ crmsync.Source) { <-ctx.Done() }

func (m *fakeSyncer) Enqueue(_ context.Context, source int64, changes []crmsync.Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fails == nil {
		m.enqueued[source] = append(m.enqueued[source], changes...)
	}
	return m.fails
}

func (m *fakeSyncer) TokenStore(_ int64, name string) crmsync.TokenStore { return fakeTokens{m, name} }

type fakeTokens struct {
	*fakeSyncer
	name string
}

func (g fakeTokens) Token(context.Context) (crmsync.Token, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.tokens[g.name], nil
}

func (g fakeTokens) SaveToken(_ context.Context, grant crmsync.Token) (crmsync.Token, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if grant.Version != g.tokens[g.name].Version {
		return crmsync.Token{}, fault.Stale()
	}
	grant.Version++
	g.tokens[g.name] = grant
	return grant, nil
}

func (m *fakeSyncer) Sync(context.Context, int64) (crmsync.Sync, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return crmsync.Sync{State: "following", Portal: m.about}, nil
}

func (m *fakeSyncer) RemoveSource(_ *store.Tx, source int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.removed = append(m.removed, source)
	return nil
}
