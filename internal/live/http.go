package live

import (
	"errors"
	"strconv"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/web"
)

// Routes returns the route of the live stream.
func (l *Live) Routes() []web.Route {
	return []web.Route{{Method: "GET", Path: "/api/v1/live", Roles: access.Anyone, Do: web.Raw(l.stream),
		Media: "text/event-stream", Query: streamParams(),
		Summary: "Open the live stream of server-sent events, by session, token, or ?ticket= of POST /live/ticket"}}
}

// streamParams are what stream and signIn read of the query.
func streamParams() []web.Param {
	return []web.Param{
		{Name: "ticket", Doc: "A ticket of POST /live/ticket, good once, instead of a session or token."},
		{Name: "scope", Doc: "The cards of the departments that the user heads, too.", Values: []string{"department"}},
		{Name: "verbs", Doc: "Verbs of the journal with commas between: their entries come as events \"journal\"."},
		{Name: "last_event_id", Doc: "The last event that was received, where the header Last-Event-ID cannot be set."},
	}
}

// stream sends each entry that the user may see: their own cards to an agent; with ?scope=department those of the
// departments that a supervisor heads; with ?verbs=a,b also other entries. It ends when an entry changes the user's
// rights.
func (l *Live) stream(r *web.Request) error {
	if err := l.signIn(r); err != nil {
		return err
	}
	ends := l.hub.ends.Load()
	org, err := l.roster.Org(r.Context())
	if err != nil {
		return err
	}
	sub, err := Subscribe(l.journal, org, r.User, r.C.Query("scope"), r.C.Query("verbs"))
	if err != nil {
		return err
	}
	from, err := lastEventID(r)
	if err != nil {
		return err
	}
	return web.SSE(r, func(s *web.Stream) error {
		m, err := l.hub.join(s.Context(), sub, s, from, ends, catchUp{send: s.Send, gone: s.Disconnected})
		if errors.Is(err, errOutdated) {
			return nil
		}
		if err != nil {
			return err
		}
		defer l.hub.leave(m)
		return s.Wait()
	})
}

// signIn finds the user of a stream whose address carries a ticket.
func (l *Live) signIn(r *web.Request) error {
	if ticket := r.C.Query("ticket"); r.User == nil && ticket != "" {
		user, err := l.roster.TakeTicket(r.Context(), ticket)
		if err != nil {
			return err
		}
		r.User = user
	}
	if r.User == nil {
		return fault.Unauthorised("sign_in_first")
	}
	return nil
}

// lastEventID returns the entry after which a stream goes on, 0 to begin now. A page that opens a new EventSource
// cannot set the header and sends ?last_event_id=.
func lastEventID(r *web.Request) (int64, error) {
	text := r.C.Get("Last-Event-ID")
	if text == "" {
		text = r.C.Query("last_event_id")
	}
	if text == "" {
		return 0, nil
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 0 {
		return 0, fault.Invalid("Last-Event-ID", "malformed")
	}
	return id, nil
}
