package bitrix24app

import (
	"context"

	"callhue/internal/access"
	"callhue/permits"
)

// Requests is the part of permits that is used here: *permits.Registry.
type Requests interface {
	Ask(ctx context.Context, by *access.User, in permits.NewAsk) (permits.Ask, error)
}

// Ask asks a head on behalf of a page's viewer, with the viewer's rights. It is the only write that a token permits; a
// repeat returns the request that is already open.
func (a *App) Ask(ctx context.Context, sealed string, in permits.NewAsk) (permits.Ask, error) {
	_, _, user, err := a.verify(ctx, sealed)
	if err != nil {
		return permits.Ask{}, err
	}
	if err := a.checkRate(user.ID); err != nil {
		return permits.Ask{}, err
	}
	by := &access.User{ID: user.ID, Login: user.Login, Name: user.Name, Roles: user.Roles,
		Department: user.DepartmentID, Language: user.Language}
	return a.Permits.Ask(ctx, by, in)
}
