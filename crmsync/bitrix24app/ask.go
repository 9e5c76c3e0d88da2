package bitrix24app

import (
	"context"

	"callhue/internal/access"
	"callhue/permits"
)

// Requests is what this room needs of permits: *permits.Requests.
type Requests interface {
	Ask(ctx context.Context, by *access.User, in permits.NewAsk) (permits.Ask, error)
}

// Ask asks a head on behalf of a page's viewer, with the rights of the viewer: whatever
// he may ask for in the application, and nothing else. It is the one thing that a pass
// changes; a repeat gives the ask that is open already.
func (w *App) Ask(ctx context.Context, sealed string, in permits.NewAsk) (permits.Ask, error) {
	_, _, user, err := w.verify(ctx, sealed)
	if err != nil {
		return permits.Ask{}, err
	}
	if err := w.checkRate(user.ID); err != nil {
		return permits.Ask{}, err
	}
	by := &access.User{ID: user.ID, Login: user.Login, Name: user.Name, Roles: user.Roles, Department: user.DepartmentID, Language: user.Language}
	return w.Permits.Ask(ctx, by, in)
}
