package crmsync

import (
	"context"
	"encoding/json"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
)

// Token is the access that a CRM granted to an installed application. A refresh token is good for one
// refresh.
type Token struct {
	Access      string    `json:"access"`
	Refresh     string    `json:"refresh"`
	Expires     time.Time `json:"expires"`
	Endpoint    string    `json:"endpoint"`    // base URL of the REST API, with a trailing slash
	Account     string    `json:"account"`     // the CRM's id of the portal or account
	Application string    `json:"application"` // proves that an event is the CRM's; "" if events carry no proof
	Redirect    string    `json:"redirect"`    // address that signing in returned to; "" if not needed
	Version     int64     `json:"-"`           // of what is stored; 0 for nothing
}

// TokenStore stores the token of one source, sealed, for all processes.
type TokenStore interface {
	// Token returns the stored token; its Version is 0 if there is none.
	Token(ctx context.Context) (Token, error)
	// SaveToken replaces the token of the same Version; the fault is stale_version if another process was
	// faster, whose token is then the valid one.
	SaveToken(ctx context.Context, token Token) (Token, error)
}

// TokenStore returns the store of a source's token.
func (s *Syncer) TokenStore(source int64, name string) TokenStore {
	return &sealedTokens{s, source, name}
}

// sealedTokens stores the token in the row of its source.
type sealedTokens struct {
	*Syncer
	source int64
	name   string
}

func (s *sealedTokens) Token(ctx context.Context) (token Token, err error) {
	sealed, version, err := findToken(s.DB.Read(ctx), s.source)
	if err != nil || version == 0 {
		return Token{}, err
	}
	text, err := s.Seal.Open(sealed, s.name)
	if err != nil {
		return Token{}, fault.Internal(err)
	}
	if err := json.Unmarshal(text, &token); err != nil {
		return Token{}, fault.Internal(err)
	}
	token.Version = version
	return token, nil
}

func (s *sealedTokens) SaveToken(ctx context.Context, token Token) (Token, error) {
	text, err := json.Marshal(token)
	if err != nil {
		return Token{}, err
	}
	sealed, err := s.Seal.Close(text, s.name)
	if err != nil {
		return Token{}, err
	}
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		if err := ensureSource(tx, s.source, s.name); err != nil {
			return err
		}
		return putToken(tx, s.source, sealed, token.Version)
	})
	if err != nil {
		return Token{}, err
	}
	s.wake(s.source)
	token.Version++
	return token, nil
}
