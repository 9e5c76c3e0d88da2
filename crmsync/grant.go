package crmsync

import (
	"context"
	"time"
)

// Token is what a CRM gave an installed application: how we may ask it. The
// refresh token is good for one refresh.
type Token struct {
	Access      string    `json:"access"`
	Refresh     string    `json:"refresh"`
	Expires     time.Time `json:"expires"`
	Endpoint    string    `json:"endpoint"`    // where the REST API is, with a slash at its end
	Account     string    `json:"account"`     // the CRM's id of the portal or account
	Application string    `json:"application"` // what its events prove themselves with; "" where they do not
	Redirect    string    `json:"redirect"`    // the address that signing in came back to; "" where the CRM does not ask
	Version     int64     `json:"-"`           // of what is stored; 0 for nothing
}

// TokenStore keeps the grant of one source, sealed, for all processes.
type TokenStore interface {
	// Token gives the grant as it is stored now; its Version is 0 when there is none.
	Token(ctx context.Context) (Token, error)
	// SaveToken stores a grant in the place of the one of its Version; the fault is
	// stale_version when another process was faster, and then that one's counts.
	SaveToken(ctx context.Context, g Token) (Token, error)
}
