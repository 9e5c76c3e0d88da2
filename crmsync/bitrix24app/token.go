package bitrix24app

import (
	"context"
	"encoding/json"
	"time"

	"callhue/internal/fault"
	"callhue/staff"
	"callhue/webhooks"
)

// A page in a frame of another site has no cookie: browsers withhold it there. It has a token instead: the viewer, as
// confirmed by the portal, sealed by us. With it the page gets tickets of the live stream, verdicts and its next token.
const (
	tokenLifetime = 15 * time.Minute
	tokenLongest  = 12 * time.Hour // since the portal was asked
	tokenContext  = "bitrix24/pass"
)

// EmbedToken is the content of a sealed token.
type EmbedToken struct {
	User     int64  `json:"user"`
	Source   int64  `json:"source"`
	Theirs   string `json:"theirs"` // the CRM's id of the user
	ProvedAt int64  `json:"proved"` // ms
	Until    int64  `json:"until"`  // ms
}

// newToken seals a token for the next quarter of an hour.
func (a *App) newToken(p EmbedToken) (string, error) {
	now := a.Now()
	p.Until = min(now.Add(tokenLifetime).UnixMilli(), p.ProvedAt+tokenLongest.Milliseconds())
	raw, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	return a.Seal.Close(raw, tokenContext)
}

// verify returns the content of a token, its portal and its user. It checks again that the source is active, that the
// CRM's id belongs to this user, and that the user is active. Fault: unauthorised "pass_over".
func (a *App) verify(ctx context.Context, sealed string) (EmbedToken, *webhooks.Portal, *staff.User, error) {
	var p EmbedToken
	over := fault.Unauthorised("pass_over")
	raw, err := a.Seal.Open(sealed, tokenContext)
	if err != nil || json.Unmarshal(raw, &p) != nil || a.Now().UnixMilli() >= p.Until {
		return p, nil, nil, over
	}
	portal, err := a.Receiver.PortalOfSource(ctx, p.Source)
	switch {
	case err != nil:
		return p, nil, nil, err
	case portal == nil:
		return p, nil, nil, over
	}
	user, err := a.Tracker.HolderOf(ctx, portal.Name, p.Theirs)
	switch {
	case err != nil:
		return p, nil, nil, err
	case user == nil || !user.Active || user.ID != p.User:
		return p, nil, nil, over
	}
	return p, portal, user, nil
}
