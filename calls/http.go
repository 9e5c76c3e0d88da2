package calls

import (
	"net/http"

	"callhue/internal/access"
	"callhue/internal/web"
)

// Routes is the table of this room.
func (d *Tracker) Routes() []web.Route {
	return []web.Route{
		{Method: "POST", Path: "/api/v1/check", Roles: access.Askers, NoIdempotencyRecord: true, Do: web.Do(d.check),
			Summary: "The card of a number before a call; nothing is stored."},
		{Method: "POST", Path: "/api/v1/check/batch", Roles: access.Askers, NoIdempotencyRecord: true, Do: web.Do(d.checkBatch),
			Summary: "The cards of up to 1000 numbers."},
		{Method: "GET", Path: "/api/v1/cards", Roles: access.Staff, Do: web.Do(d.live),
			Summary: "The live cards of whoever asks."},
		{Method: "GET", Path: "/api/v1/calls", Roles: access.Askers, Do: web.Do(d.list),
			Summary: "The call journal, the latest first; an agent sees his own calls."},
		{Method: "GET", Path: "/api/v1/calls/dial", Roles: access.Staff, Do: web.Do(d.telephone),
			Summary: "What whoever asks can have a call made with: his extension, and the sources that can dial."},
		{Method: "GET", Path: "/api/v1/calls/:id", Roles: access.Askers, Do: web.Do(d.find),
			Summary: "One call with the verdicts as they were shown."},
		{Method: "GET", Path: "/api/v1/calls/:id/card", Roles: access.Askers, Do: web.Do(d.cardOfCall),
			Summary: "One agent's card of a call as it stands."},
		{Method: "POST", Path: "/api/v1/calls/:id/card/close", Roles: access.Staff, Do: web.Do(d.dismiss),
			Summary: "Tell that whoever asks has put his card away; nothing is closed, the journal keeps it."},
		{Method: "POST", Path: "/api/v1/calls/dial", Roles: access.Staff, Status: http.StatusAccepted, NoIdempotencyRecord: true, Do: web.Do(d.dial),
			Summary: "Have a PBX ring whoever asks and call a number; the verdict comes first."},
		{Method: "POST", Path: "/api/v1/calls/:id/reason", Roles: access.Staff, Do: web.Do(d.giveReason),
			Summary: "Say why one goes on with a call although one's card is red."},
		{Method: "POST", Path: "/api/v1/calls/:id/note", Roles: access.Staff, Do: web.Do(d.note),
			Summary: "Write down what was said."},
		{Method: "POST", Path: "/api/v1/policy/dry-run", Roles: access.Heads, NoIdempotencyRecord: true, Do: web.Do(d.dryRun),
			Summary: "Which of the last calls would have another colour under another policy or other effects of statuses."},
		{Method: "GET", Path: "/api/v1/clients/:kind/:id", Roles: access.Askers, Do: web.Do(d.client),
			Summary: "A client with everything around him, and his history."},
	}
}
