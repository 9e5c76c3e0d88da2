package calls

import (
	"callhue/internal/fault"
	"callhue/internal/web"
)

func (d *Tracker) dismiss(r *web.Request, in callPath) (web.Nothing, error) {
	org, err := d.Roster.Org(r.Context())
	if err != nil {
		return web.Nothing{}, err
	}
	agent := org.User(r.User.ID)
	if agent == nil {
		return web.Nothing{}, fault.Missing("call")
	}
	return web.Nothing{}, d.Dismiss(r.Context(), agent, in.ID)
}
