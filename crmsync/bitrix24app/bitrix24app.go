// Package bitrix24app shows our pages inside a Bitrix24 portal: the tab in its call card, and the page that installs our
// application there.
//
// Such a page is embedded in a frame and has no cookie. The portal's browser posts the user's access token, the portal
// confirms the user, and the page gets a sealed token of ours (token.go). With it an open page stays live (live.go) and
// may ask a head (ask.go). The viewer sees the card of the call that the portal names (placement.go), with their own
// verdict.
//
// Read next: page.go for the pages, http.go for their routes. webhooks knows the connected portals and installs the
// application.
package bitrix24app

import (
	"context"
	"log/slog"
	"time"

	"callhue/calls"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/web"
	"callhue/staff"
	"callhue/webhooks"
)

// Tracker is the part of calls that is used here: *calls.Tracker.
type Tracker interface {
	Check(ctx context.Context, q calls.Question) (calls.Card, error)
	LiveCards(ctx context.Context, user int64) ([]calls.Card, error)
	HolderOf(ctx context.Context, source, identity string) (*staff.User, error)
}

// Tickets is the part of staff that is used here: *staff.Roster.
type Tickets interface {
	AddTicket(ctx context.Context, user int64) (ticket string, until time.Time, err error)
}

// Notifier is the part of calllog that is used here: *calllog.Notifier.
type Notifier interface {
	CallOf(ctx context.Context, theirs string) (int64, error)
}

// Parts are the dependencies of an App.
type Parts struct {
	Receiver *webhooks.Receiver
	Tracker  Tracker
	Tickets  Tickets // opens live streams for pages
	Notifier Notifier
	Permits  Requests // asks of heads
	Seal     *secrets.Seal
	Log      *slog.Logger
	Now      func() time.Time
}

// App serves our pages inside portals.
type App struct {
	Parts
	visits        *web.Limiter  // page views, by the browser's address
	checks        *web.Limiter  // of numbers, by the user
	portalTimeout time.Duration // how long the card page waits for the portal
}

// How many pages a browser may open in a minute, and at once: each one costs a request to the portal.
const (
	visitsPerMinute = 60
	visitsAtOnce    = 30
)

// checksPerMinute is how many numbers a page may check in a minute: as many as a signed-in agent.
const checksPerMinute = 60

// New returns the app for the portals that the receiver knows.
func New(p Parts) (*App, error) {
	if p.Seal == nil {
		return nil, fault.Invalid("seal", "required")
	}
	return &App{Parts: p, portalTimeout: cardTimeout, visits: web.NewLimiter(visitsPerMinute, visitsAtOnce, p.Now),
		checks: web.NewLimiter(checksPerMinute, checksPerMinute, p.Now)}, nil
}
