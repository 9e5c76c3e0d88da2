// Package bitrix24app shows our pages inside a Bitrix24 portal: the tab in its call card, and
// the page that installs our application there.
//
// Such a page stands in another's frame and has no cookie. The portal's browser posts
// whose it is, the portal confirms that, and the page gets a pass (pass.go): with it an
// open page stays live (live.go) and may ask a head (ask.go). What a viewer sees is the card of the call that the
// portal names (sight.go), in his own colour.
//
// Read next: page.go for what is opened, http.go for how it arrives. Which portals there
// are, and installing the application, is the business of webhooks.
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

// Tracker is what this room needs of calls: *calls.Tracker.
type Tracker interface {
	Check(ctx context.Context, q calls.Question) (calls.Card, error)
	LiveCards(ctx context.Context, user int64) ([]calls.Card, error)
	HolderOf(ctx context.Context, source, identity string) (*staff.User, error)
}

// Tickets is what this room needs of staff: *staff.Roster.
type Tickets interface {
	AddTicket(ctx context.Context, user int64) (ticket string, until time.Time, err error)
}

// Notifier is what this room needs of telling: *telling.Notifier.
type Notifier interface {
	CallOf(ctx context.Context, theirs string) (int64, error)
}

// Parts are what a window is built from.
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

// App is the room's one struct.
type App struct {
	Parts
	visits   *web.Limiter  // by the browser's address
	looks    *web.Limiter  // at numbers, by the user
	patience time.Duration // of the card page with the portal
}

// visits a browser may make in a minute, and how many of them at once: each one has
// the portal asked.
const (
	visitsPerMinute = 60
	visitsAtOnce    = 30
)

// looksPerMinute is how many numbers a page may ask for in a minute: as many as a
// signed-in agent may check.
const looksPerMinute = 60

// New returns the app for the portals that the receiver knows.
func New(p Parts) (*App, error) {
	if p.Seal == nil {
		return nil, fault.Invalid("seal", "required")
	}
	return &App{Parts: p, patience: cardPatience, visits: web.NewLimiter(visitsPerMinute, visitsAtOnce, p.Now), looks: web.NewLimiter(looksPerMinute, looksPerMinute, p.Now)}, nil
}
