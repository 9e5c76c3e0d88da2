package webhooks

import (
	"context"
	"encoding/json"
	"time"

	"callhue/fault"
	"callhue/staff"
)

// A page in another's frame has no cookie: browsers keep it from there. It has a
// pass instead: who its viewer is, as the portal said, sealed by us. With it the page
// asks for tickets of the live stream and for verdicts, and gets the next pass.
const (
	passLives   = 15 * time.Minute
	passLongest = 12 * time.Hour // since the portal was asked
	passPlace   = "bitrix24/pass"
)

// pass is what is sealed.
type pass struct {
	User   int64  `json:"user"`
	Source int64  `json:"source"`
	Theirs string `json:"theirs"` // what the CRM calls him
	Proved int64  `json:"proved"` // ms
	Till   int64  `json:"till"`   // ms
}

// newPass seals a pass for its next quarter of an hour.
func (d *Door) newPass(p pass) (string, error) {
	now := d.opt.Now()
	p.Till = min(now.Add(passLives).UnixMilli(), p.Proved+passLongest.Milliseconds())
	raw, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	return d.opt.Seal.Close(raw, passPlace)
}

// honour gives whose a pass is. What it stands on is looked at again: the source
// works, and its CRM calls this very user so, who has not left. Fault:
// unauthorised "pass_over".
func (d *Door) honour(ctx context.Context, sealed string) (pass, *opened, *staff.User, error) {
	var p pass
	over := fault.Unauthorised("pass_over")
	raw, err := d.opt.Seal.Open(sealed, passPlace)
	if err != nil || json.Unmarshal(raw, &p) != nil || d.opt.Now().UnixMilli() >= p.Till {
		return p, nil, nil, over
	}
	b, err := d.book.Get(ctx)
	if err != nil {
		return p, nil, nil, err
	}
	source := b.byID[p.Source]
	if source == nil || !source.Active || source.dialect == nil || !source.dialect.granted {
		return p, nil, nil, over
	}
	user, err := d.opt.Desk.HolderOf(ctx, source.Name, p.Theirs)
	switch {
	case err != nil:
		return p, nil, nil, err
	case user == nil || !user.Active || user.ID != p.User:
		return p, nil, nil, over
	}
	return p, source, user, nil
}
