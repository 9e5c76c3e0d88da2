package bitrix24

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"callhue/crmsync"
	"callhue/internal/fault"
)

// Installation is what a portal posts to the install page of an application, and
// what we want of it.
type Installation struct {
	Access      string // AUTH_ID
	Refresh     string // REFRESH_ID
	Application string // APPLICATION_TOKEN
	Member      string // member_id

	Handler string // URL that events are posted to
	Card    string // URL of the page in the call card
	Title   string // of that page's tab
}

// ReadsRussian says whether the people of a portal with this LANG read Russian.
func ReadsRussian(lang string) bool {
	return slices.Contains([]string{"ru", "by", "kz", "ua", "uz"}, strings.ToLower(lang))
}

// TabTitle is the title of our tab in the call card of a portal with this LANG.
func TabTitle(lang string) string {
	if ReadsRussian(lang) {
		return "Чей клиент"
	}
	return "Whose client"
}

// Events are what we have a portal tell of.
var Events = []string{
	"ONCRMLEADADD", "ONCRMLEADUPDATE", "ONCRMLEADDELETE",
	"ONCRMCONTACTADD", "ONCRMCONTACTUPDATE", "ONCRMCONTACTDELETE",
	"ONCRMCOMPANYADD", "ONCRMCOMPANYUPDATE", "ONCRMCOMPANYDELETE",
	"ONVOXIMPLANTCALLINIT", "ONVOXIMPLANTCALLSTART", "ONVOXIMPLANTCALLEND",
	"ONEXTERNALCALLSTART", "ONEXTERNALCALLBACKSTART", "ONAPPUNINSTALL",
}

// Install takes a posted grant over. Anybody can post to an install page, so the
// grant is proved: the OAuth server renews it for our client id and secret, it is
// this portal's, and whoever installs is its admin. Then it is stored, the events
// are bound and the tab of the call card; what is bound already stays. Install may
// be repeated. Faults: crm_refused, crm_sign_in_again, invalid_input.
func (p *Portal) Install(ctx context.Context, in Installation) error {
	var wrong *fault.Error
	if p.opt.Webhook != "" {
		return crmsync.Refused("a webhook is not installed")
	}
	for name, value := range map[string]string{"REFRESH_ID": in.Refresh, "APPLICATION_TOKEN": in.Application, "member_id": in.Member} {
		if value == "" {
			wrong = wrong.And(name, "required")
		}
	}
	if wrong != nil {
		return wrong
	}
	if err := p.takeOver(ctx, in); err != nil {
		return err
	}
	for _, event := range Events {
		if err := p.bind(ctx, "event.bind", map[string]any{"event": event, "handler": in.Handler}); err != nil {
			return err
		}
	}
	if in.Card == "" {
		return nil
	}
	return p.bind(ctx, "placement.bind", map[string]any{"PLACEMENT": "CALL_CARD", "HANDLER": in.Card, "TITLE": in.Title})
}

// takeOver proves a grant and stores it.
func (p *Portal) takeOver(ctx context.Context, in Installation) error {
	g, err := p.refresh(ctx, in.Refresh)
	if err != nil {
		return err
	}
	if !strings.EqualFold(g.Account, in.Member) {
		return crmsync.Refused("member_id is another portal's")
	}
	_, admin, err := p.User(ctx, g.Access)
	if err != nil {
		return err
	}
	if !admin {
		return crmsync.Refused("an admin of the portal has to install the application")
	}
	g.Application = in.Application
	return p.keeper.Replace(ctx, g)
}

// bind binds a handler; bound already is fine.
func (p *Portal) bind(ctx context.Context, method string, params map[string]any) error {
	var done any
	err := p.ask(ctx, method, params, &done)
	var no *refusal
	if errors.As(err, &no) && strings.Contains(strings.ToLower(no.words), "already bind") {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	return nil
}
