package staff

import "callhue/internal/web"

// pushedPath is a user that another system names.
type pushedPath struct {
	System string `path:"system" json:"-"`
	ID     string `path:"external_id" json:"-"`
}

type pushedIn struct {
	pushedPath
	UserChange
	Version int64 `json:"version,omitempty"` // compared where it is given
}

func (r *Roster) pushOne(q *web.Request, in pushedIn) (Pushed, error) {
	in.UserChange.Version = in.Version
	return r.Push(q.Context(), q.User, in.System, in.pushedPath.ID, in.UserChange)
}

func (r *Roster) getPushed(q *web.Request, in pushedPath) (*User, error) {
	return r.FindPushed(q.Context(), in.System, in.ID)
}

func (r *Roster) dismissPushed(q *web.Request, in pushedPath) (web.Nothing, error) {
	u, err := r.FindPushed(q.Context(), in.System, in.ID)
	if err != nil {
		return web.Nothing{}, err
	}
	return web.Nothing{}, r.Disable(q.Context(), q.User, u.ID)
}
