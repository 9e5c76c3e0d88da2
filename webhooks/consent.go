package webhooks

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"callhue/crmsync"
	"callhue/crmsync/amocrm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/webhooks/dialects"
	"callhue/webhooks/sources"
)

// An administrator grants access to an amoCRM account on its page of consent, to which we send their browser and from
// which it is redirected back. The way is begun here for one source and one user; the state that comes back tells which,
// and is valid once, for that user, for consentLives.
const (
	consentLives = time.Hour
	consentKept  = 24 * time.Hour // a late one is recognised as late
)

// BegunConsent is where an administrator grants access.
type BegunConsent struct {
	URL   string    `json:"url"`   // of the account's page of consent
	Until time.Time `json:"until"` // they have to be back by then
}

// BroughtConsent is what an administrator's browser comes back with: the query of the address to which the account
// redirected it.
type BroughtConsent struct {
	State   string `json:"state"`
	Code    string `json:"code,omitempty"`
	Referer string `json:"referer,omitempty"` // the account that was chosen there
	Error   string `json:"error,omitempty"`   // "access_denied"
}

// GivenConsent is granted access.
type GivenConsent struct {
	SourceID   int64         `json:"source_id"`
	Source     string        `json:"source"`
	Portal     crmsync.About `json:"portal"`     // the connected account
	Subscribed bool          `json:"subscribed"` // the account sends its changes here now
	Reason     string        `json:"why"`        // a code, where it does not
}

// BeginConsent begins a user's way to the page of consent of a source's account. publicURL is what their browser calls
// this server by. Faults: not_found, an invalid setting that is missing, and the conflicts no_crm, not_installable (no
// amoCRM account), consent_not_needed (there is a long-lived token), redirect_elsewhere (the setting names another page).
func (rc *Receiver) BeginConsent(ctx context.Context, by, source int64, publicURL string) (BegunConsent, error) {
	live, account, err := rc.amocrmAccount(ctx, source)
	if err != nil {
		return BegunConsent{}, err
	}
	settings, returnURL := dialects.AmocrmSettingsOf(live.Settings), publicURL+dialects.AmocrmReturnPath
	switch {
	case settings.Token != "":
		return BegunConsent{}, fault.Conflict("consent_not_needed")
	case settings.ClientSecret == "":
		return BegunConsent{}, fault.Invalid("settings.client_secret", "required")
	case settings.RedirectURI != "" && settings.RedirectURI != returnURL:
		return BegunConsent{}, fault.Conflict("redirect_elsewhere").With("wanted", returnURL)
	}
	state, err := secrets.New(rc.opt.Random)
	if err != nil {
		return BegunConsent{}, err
	}
	begun := BegunConsent{URL: account.ConsentPage(state)}
	err = rc.opt.DB.Write(ctx, func(tx *store.Tx) error {
		begun.Until = tx.Now().Add(consentLives)
		return insertConsent(tx, consentRow{stateHash(state), source, by, store.Millis(begun.Until)})
	})
	return begun, err
}

// amocrmAccount returns a source with the client of its amoCRM account. The conflict is not_installable for another CRM.
func (rc *Receiver) amocrmAccount(ctx context.Context, source int64) (*sources.Live, *amocrm.Portal, error) {
	live, err := rc.opt.Sources.Live(ctx, source)
	if err != nil {
		return nil, nil, err
	}
	client, err := rc.crmClient(live)
	if err != nil {
		return nil, nil, err
	}
	account, ok := client.(*amocrm.Portal)
	if !ok {
		return nil, nil, fault.Conflict("not_installable")
	}
	return live, account, nil
}

func stateHash(state string) string {
	sum := sha256.Sum256([]byte(state))
	return hex.EncodeToString(sum[:])
}

// TakeConsent signs us in with what a user's browser came back with, and has the account send its changes here. Faults,
// with the source as source_id but for the first: consent_unknown (not begun by this user, or used already),
// consent_late, consent_denied, consent_elsewhere (another account granted access), consent_refused (the account does
// not accept the code or the integration), and those of asking a CRM.
func (rc *Receiver) TakeConsent(ctx context.Context, by *access.User, publicURL string, in BroughtConsent) (GivenConsent, error) {
	var row consentRow
	err := rc.opt.DB.Write(ctx, func(tx *store.Tx) (err error) {
		row, err = takeConsent(tx, stateHash(in.State), by.ID)
		return err
	})
	if fault.Is(err, fault.KindMissing) {
		return GivenConsent{}, fault.Forbidden("consent_unknown").Because(err)
	}
	if err != nil {
		return GivenConsent{}, err
	}
	given, err := rc.completeConsent(ctx, by, publicURL, row, in)
	if err != nil {
		return given, fault.Of(err).With("source_id", row.SourceID)
	}
	return given, nil
}

func (rc *Receiver) completeConsent(ctx context.Context, by *access.User, publicURL string, row consentRow,
	in BroughtConsent) (GivenConsent, error) {
	live, account, err := rc.amocrmAccount(ctx, row.SourceID)
	if err != nil {
		return GivenConsent{}, err
	}
	given := GivenConsent{SourceID: live.ID, Source: live.Name}
	switch {
	case rc.opt.Now().UnixMilli() >= row.UntilAt:
		return given, fault.Conflict("consent_late")
	case in.Error != "" || in.Code == "":
		return given, fault.Conflict("consent_denied")
	case !account.IsAccount(in.Referer):
		other := cmp.Or(text.Tidy(in.Referer), "?")
		return given, fault.Conflict("consent_elsewhere").With("account", text.Cut(other, maxReferer))
	}
	if err := account.Exchange(ctx, in.Code, publicURL+dialects.AmocrmReturnPath); err != nil {
		return given, exchangeFault(err)
	}
	if err := rc.opt.Sources.RecordConsent(ctx, by, live.Source); err != nil {
		return given, err
	}
	if given.Portal, err = account.About(ctx); err != nil {
		return given, err
	}
	if err := rc.subscribe(ctx, live, account, publicURL); err != nil {
		given.Reason = fault.Of(err).Key
	}
	given.Subscribed = given.Reason == ""
	return given, nil
}

// maxReferer is how much of the name of another account is shown, in bytes.
const maxReferer = 100

// exchangeFault returns the fault of a code that an account does not accept: it answers HTTP 400 for the code, 401 for
// the integration, its secret or its redirect address.
func exchangeFault(err error) error {
	switch f := fault.Of(err); f.Key {
	case "crm_refused", "crm_sign_in_again":
		what, _ := f.Args["what"].(string)
		return fault.Conflict("consent_refused").With("what", what).Because(err)
	}
	return err
}

// subscribe has an account send its changes to the source. Faults: the conflict secret_unreadable, and those of asking a
// CRM.
func (rc *Receiver) subscribe(ctx context.Context, source *sources.Live, account *amocrm.Portal, publicURL string) error {
	valid := source.Secrets.At(rc.opt.Now())
	if len(valid) == 0 {
		return fault.Conflict("secret_unreadable")
	}
	return account.Install(ctx, addressOf(source, publicURL).Hook(valid[0]))
}

// addressOf builds the addresses of a source without its secret.
func addressOf(source *sources.Live, publicURL string) dialects.Address {
	return dialects.Address{Source: source.Name, Settings: source.Settings, PublicURL: strings.TrimRight(publicURL, "/")}
}
