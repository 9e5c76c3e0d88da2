package crmsync

import (
	"context"
	"encoding/json"

	"callhue/internal/fault"
	"callhue/internal/store"
)

// Grants gives the place where the grant of one source is kept, sealed, for all
// processes.
func (m *Syncer) TokenStore(source int64, name string) TokenStore {
	return &safe{m, source, name}
}

// safe keeps the grant in the row of its source.
type safe struct {
	*Syncer
	source int64
	name   string
}

func (s *safe) Token(ctx context.Context) (g Token, err error) {
	sealed, version, err := grantOf(s.DB.Read(ctx), s.source)
	if err != nil || version == 0 {
		return Token{}, err
	}
	text, err := s.Seal.Open(sealed, s.name)
	if err != nil {
		return Token{}, fault.Internal(err)
	}
	if err := json.Unmarshal(text, &g); err != nil {
		return Token{}, fault.Internal(err)
	}
	g.Version = version
	return g, nil
}

func (s *safe) SaveToken(ctx context.Context, g Token) (Token, error) {
	text, err := json.Marshal(g)
	if err != nil {
		return Token{}, err
	}
	sealed, err := s.Seal.Close(text, s.name)
	if err != nil {
		return Token{}, err
	}
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		if err := beginMirror(tx, s.source, s.name); err != nil {
			return err
		}
		return putGrant(tx, s.source, sealed, g.Version)
	})
	if err != nil {
		return Token{}, err
	}
	s.wake(s.source)
	g.Version++
	return g, nil
}
