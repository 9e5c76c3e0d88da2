package bitrix24app

import (
	"context"
	"encoding/json"
	"time"

	"callhue/internal/fault"
	"callhue/staff"
	"callhue/webhooks"
)

// A page in another's frame has no cookie: browsers keep it from there. It has a
// pass instead: who its viewer is, as the portal said, sealed by us. With it the page
// asks for tickets of the live stream and for verdicts, and gets the next pass.
const (
	passLives   = 15 * time.Minute
	passLongest = 12 * time.Hour // since the portal was asked
	passPlace   = "bitrix24/pass"
)

// EmbedToken is what is sealed.
type EmbedToken struct {
	User   int64  `json:"user"`
	Source int64  `json:"source"`
	Theirs string `json:"theirs"` // what the CRM calls him
	Proved int64  `json:"proved"` // ms
	Until  int64  `json:"until"`  // ms
}

// newPass seals a pass for its next quarter of an hour.
func (w *App) newPass(p EmbedToken) (string, error) {
	now := w.Now()
	p.Until = min(now.Add(passLives).UnixMilli(), p.Proved+passLongest.Milliseconds())
	raw, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	return w.Seal.Close(raw, passPlace)
}

// verify returns whose a pass is. What it stands on is looked at again: the source
// works, and its CRM calls this very user so, who has not left. Fault:
// unauthorised "pass_over".
func (w *App) verify(ctx context.Context, sealed string) (EmbedToken, *webhooks.Portal, *staff.User, error) {
	var p EmbedToken
	over := fault.Unauthorised("pass_over")
	raw, err := w.Seal.Open(sealed, passPlace)
	if err != nil || json.Unmarshal(raw, &p) != nil || w.Now().UnixMilli() >= p.Until {
		return p, nil, nil, over
	}
	portal, err := w.Receiver.PortalOfSource(ctx, p.Source)
	switch {
	case err != nil:
		return p, nil, nil, err
	case portal == nil:
		return p, nil, nil, over
	}
	user, err := w.Tracker.HolderOf(ctx, portal.Name, p.Theirs)
	switch {
	case err != nil:
		return p, nil, nil, err
	case user == nil || !user.Active || user.ID != p.User:
		return p, nil, nil, over
	}
	return p, portal, user, nil
}
