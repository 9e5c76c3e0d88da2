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

// Installation is what a portal posts to the install page of an application, and what is installed.
type Installation struct {
	Access      string // AUTH_ID
	Refresh     string // REFRESH_ID
	Application string // APPLICATION_TOKEN
	Member      string // member_id

	Handler string // URL that events are posted to
	Card    string // URL of the page in the call card
	Title   string // of that page's tab
}

// ReadsRussian reports whether the users of a portal with this LANG read Russian.
func ReadsRussian(lang string) bool {
	return slices.Contains([]string{"ru", "by", "kz", "ua", "uz"}, strings.ToLower(lang))
}

// TabTitle returns the title of our tab in the call card of a portal with this LANG.
func TabTitle(lang string) string {
	if ReadsRussian(lang) {
		return "Чей клиент"
	}
	return "Whose client"
}

// Events are the events that a portal reports to us.
var Events = []string{
	"ONCRMLEADADD", "ONCRMLEADUPDATE", "ONCRMLEADDELETE",
	"ONCRMCONTACTADD", "ONCRMCONTACTUPDATE", "ONCRMCONTACTDELETE",
	"ONCRMCOMPANYADD", "ONCRMCOMPANYUPDATE", "ONCRMCOMPANYDELETE",
	"ONVOXIMPLANTCALLINIT", "ONVOXIMPLANTCALLSTART", "ONVOXIMPLANTCALLEND",
	"ONEXTERNALCALLSTART", "ONEXTERNALCALLBACKSTART", "ONAPPUNINSTALL",
}

// Install adopts a posted token. Anyone can post to an install page, so the token is proved: the OAuth
// server refreshes it for our client id and secret, it belongs to this portal, and its user is an admin
// there. Then it is stored, and the events and the tab of the call card are bound; what is already bound
// stays. Install may be repeated. Faults: crm_refused, crm_sign_in_again, invalid_input.
func (p *Portal) Install(ctx context.Context, in Installation) error {
	var wrong *fault.Error
	if p.opt.Webhook != "" {
		return crmsync.Refused("a webhook is not installed")
	}
	for name, value := range map[string]string{
		"REFRESH_ID": in.Refresh, "APPLICATION_TOKEN": in.Application, "member_id": in.Member,
	} {
		if value == "" {
			wrong = wrong.And(name, "required")
		}
	}
	if wrong != nil {
		return wrong
	}
	if err := p.adoptToken(ctx, in); err != nil {
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
	return p.bind(
		ctx,
		"placement.bind",
		map[string]any{"PLACEMENT": "CALL_CARD", "HANDLER": in.Card, "TITLE": in.Title},
	)
}

// adoptToken proves a token and stores it.
func (p *Portal) adoptToken(ctx context.Context, in Installation) error {
	token, err := p.refresh(ctx, in.Refresh, "")
	if err != nil {
		return err
	}
	if !strings.EqualFold(token.Account, in.Member) {
		return crmsync.Refused("member_id is another portal's")
	}
	_, admin, err := p.User(ctx, token.Access)
	if err != nil {
		return err
	}
	if !admin {
		return crmsync.Refused("an admin of the portal has to install the application")
	}
	token.Application = in.Application
	return p.tokens.Replace(ctx, token)
}

// bind binds a handler; one that is already bound is fine.
func (p *Portal) bind(ctx context.Context, method string, params map[string]any) error {
	var done any
	err := p.call(ctx, method, params, &done)
	var refused *refusal
	if errors.As(err, &refused) && strings.Contains(strings.ToLower(refused.message), "already bind") {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	return nil
}
