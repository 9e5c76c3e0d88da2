package calls

import (
	"net/http"

	"callhue/internal/access"
	"callhue/internal/web"
)

// Routes returns the API of calls.
func (d *Tracker) Routes() []web.Route {
	return []web.Route{
		{Method: "POST", Path: "/api/v1/check", Roles: access.Askers, NoIdempotencyRecord: true, Reads: true,
			Do:      web.Do(d.check),
			Summary: "Get the card of a number before a call; nothing is stored"},
		{Method: "POST", Path: "/api/v1/check/batch", Roles: access.Askers, NoIdempotencyRecord: true, Reads: true,
			Do: web.Do(d.checkBatch), Summary: "Get the cards of up to 1000 numbers"},
		{Method: "GET", Path: "/api/v1/cards", Roles: access.Staff, Do: web.Do(d.live),
			Summary: "List your live cards"},
		{Method: "POST", Path: "/api/v1/live/pass", Roles: access.Anyone, NoIdempotencyRecord: true,
			Do:      web.Do(d.renewPass),
			Summary: "Renew the pass of a page in a frame, by its ticket or its last pass"},
		{Method: "GET", Path: "/api/v1/calls", Slow: true, Roles: access.Askers, Do: web.Do(d.list),
			Summary: "List calls, the latest first; agents see their own"},
		{Method: "GET", Path: "/api/v1/calls/dial", Roles: access.Staff, Do: web.Do(d.telephone),
			Summary: "Get what you can make a call with: your extension, and the sources that can dial"},
		{Method: "GET", Path: "/api/v1/calls/:id", Roles: access.Askers, Do: web.Do(d.find),
			Summary: "Get a call with its verdicts as they were shown"},
		{Method: "GET", Path: "/api/v1/calls/:id/card", Roles: access.Askers, Do: web.Do(d.cardOfCall),
			Summary: "Get an agent's card of a call as it stands"},
		{Method: "POST", Path: "/api/v1/calls/:id/card/close", Roles: access.Staff, Do: web.Do(d.dismiss),
			Summary: "Dismiss your card of a call; the call goes on, and the journal keeps it"},
		{Method: "POST", Path: "/api/v1/calls/dial", Roles: access.Staff, Status: http.StatusAccepted,
			NoIdempotencyRecord: true, Do: web.Do(d.dial),
			Summary: "Have a PBX ring you and call a number; the answer has the verdict"},
		{Method: "POST", Path: "/api/v1/calls/:id/reason", Roles: access.Staff, Do: web.Do(d.giveReason),
			Summary: "Give a reason for continuing a call on a red card"},
		{Method: "POST", Path: "/api/v1/calls/:id/note", Roles: access.Staff, Do: web.Do(d.note),
			Summary: "Write the note of a call"},
		{Method: "POST", Path: "/api/v1/policy/dry-run", Slow: true, Roles: access.Heads, NoIdempotencyRecord: true,
			Do:      web.Do(d.dryRun),
			Summary: "Try another policy or other effects of statuses on the last calls; nothing changes"},
		{Method: "GET", Path: "/api/v1/reports/team", Slow: true, Roles: access.Askers, Do: web.Do(d.teamDay),
			Summary: "Sum up a day's calls of each person: your own, a head's departments, all for an admin"},
		{Method: "GET", Path: "/api/v1/clients/:kind/:id", Roles: access.Askers, Reads: true, Do: web.Do(d.client),
			Summary: "Get a client with linked records, calls and history"},
	}
}
