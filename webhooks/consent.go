package webhooks

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"callhue/crmsync"
	amo "callhue/crmsync/amocrm"
	"callhue/internal/fault"
	"callhue/internal/secrets"
	"callhue/internal/store"
)

// An administrator lets us into an account of amoCRM by a way to its page of consent
// and back. It is begun here for one source and one user; the state that he brings
// back says which one it was, and is good once, for him, for consentLives.
const (
	consentLives = time.Hour
	consentKept  = 24 * time.Hour // so that one that is too late is told so
	returnPage   = "/amocrm/return"
)

// BegunConsent is a way to an account's page of consent.
type BegunConsent struct {
	URL   string    `json:"url"`   // of that page
	Until time.Time `json:"until"` // he has to be back by then
}

// BroughtConsent is what an administrator comes back with: the query of the address
// to which the account led his browser.
type BroughtConsent struct {
	State   string `json:"state"`
	Code    string `json:"code,omitempty"`
	Referer string `json:"referer,omitempty"` // the account that he chose there
	Error   string `json:"error,omitempty"`   // "access_denied"
}

// GivenConsent is a consent that was given: whereto the connection leads, and
// whether the account sends its changes here now.
type GivenConsent struct {
	SourceID   int64         `json:"source_id"`
	Source     string        `json:"source"`
	Portal     crmsync.About `json:"portal"`
	Subscribed bool          `json:"subscribed"`
	Why        string        `json:"why"` // a code, where it does not
}

// BeginConsent begins a user's way to the consent of a source's account. public is
// what his browser calls us by. Faults: no_crm, not_installable (no account of
// amoCRM), consent_not_needed (there is a long-lived token), redirect_elsewhere (the
// setting leads back to another page), invalid in a setting that is missing.
func (d *Receiver) BeginConsent(ctx context.Context, by, id int64, public string) (BegunConsent, error) {
	source, account, err := d.accountOf(ctx, id)
	if err != nil {
		return BegunConsent{}, err
	}
	set, back := source.Settings, public+returnPage
	switch {
	case set[amocrmToken] != "":
		return BegunConsent{}, fault.Conflict("consent_not_needed")
	case set[amocrmClientSecret] == "":
		return BegunConsent{}, fault.Invalid("settings."+amocrmClientSecret, "required")
	case set[amocrmRedirect] != "" && set[amocrmRedirect] != back:
		return BegunConsent{}, fault.Conflict("redirect_elsewhere").With("wanted", back)
	}
	state, err := secrets.New(d.opt.Random)
	if err != nil {
		return BegunConsent{}, err
	}
	begun := BegunConsent{URL: account.ConsentPage(state)}
	err = d.opt.DB.Write(ctx, func(tx *store.Tx) error {
		begun.Until = tx.Now().Add(consentLives)
		return insertConsent(tx, consentRow{stateHash(state), id, by, store.Millis(begun.Until)})
	})
	return begun, err
}

// accountOf gives an account of amoCRM by its source.
func (d *Receiver) accountOf(ctx context.Context, id int64) (*liveSource, *amo.Portal, error) {
	source, err := d.byID(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	portal, err := d.portalOf(source)
	if err != nil {
		return nil, nil, err
	}
	account, ok := portal.(*amo.Portal)
	if !ok {
		return nil, nil, fault.Conflict("not_installable")
	}
	return source, account, nil
}

func stateHash(state string) string {
	sum := sha256.Sum256([]byte(state))
	return hex.EncodeToString(sum[:])
}

// TakeConsent takes what a user came back with: it signs us in, and has the account
// send its changes here. Faults, with the source as source_id but for the first:
// consent_unknown (not begun by him, or used already), consent_late, consent_denied,
// consent_elsewhere (another account let us in), consent_refused (the account does
// not take the code or the integration), and what asking a CRM can fail with.
func (d *Receiver) TakeConsent(ctx context.Context, by int64, public string, in BroughtConsent) (GivenConsent, error) {
	var row consentRow
	err := d.opt.DB.Write(ctx, func(tx *store.Tx) (err error) {
		row, err = takeConsent(tx, stateHash(in.State), by)
		return err
	})
	if fault.Is(err, fault.KindMissing) {
		return GivenConsent{}, fault.Forbidden("consent_unknown").Because(err)
	}
	if err != nil {
		return GivenConsent{}, err
	}
	given, err := d.consented(ctx, by, public, row, in)
	if err != nil {
		return given, fault.Of(err).With("source_id", row.SourceID)
	}
	return given, nil
}

func (d *Receiver) consented(ctx context.Context, by int64, public string, row consentRow, in BroughtConsent) (GivenConsent, error) {
	source, account, err := d.accountOf(ctx, row.SourceID)
	if err != nil {
		return GivenConsent{}, err
	}
	given := GivenConsent{SourceID: source.ID, Source: source.Name}
	switch {
	case d.opt.Now().UnixMilli() >= row.UntilAt:
		return given, fault.Conflict("consent_late")
	case in.Error != "" || in.Code == "":
		return given, fault.Conflict("consent_denied")
	case !account.Is(in.Referer):
		return given, fault.Conflict("consent_elsewhere").With("account", fault.Cut(cmp.Or(fault.Tidy(in.Referer), "?"), maxReferer))
	}
	if err := account.Exchange(ctx, in.Code, public+returnPage); err != nil {
		return given, notTaken(err)
	}
	if err := d.noteConsent(ctx, by, source); err != nil {
		return given, err
	}
	if given.Portal, err = account.About(ctx); err != nil {
		return given, err
	}
	if err := d.subscribe(ctx, source, account, public); err != nil {
		given.Why = fault.Of(err).Key
	}
	given.Subscribed = given.Why == ""
	return given, nil
}

// maxReferer is how much of the name of another account is shown, in bytes.
const maxReferer = 100

// notTaken is the fault of a code that an account does not take: HTTP 400 for the
// code, 401 for the integration, its secret or its redirect address.
func notTaken(err error) error {
	switch f := fault.Of(err); f.Key {
	case "crm_refused", "crm_sign_in_again":
		what, _ := f.Args["what"].(string)
		return fault.Conflict("consent_refused").With("what", what).Because(err)
	}
	return err
}

func (d *Receiver) noteConsent(ctx context.Context, by int64, source *liveSource) error {
	return d.opt.DB.Write(ctx, func(tx *store.Tx) error {
		return d.note(tx, by, SourceChanged, source.Source, map[string]any{"consent": "given"})
	})
}

// subscribe has an account send its changes to the source. Fault: secret_unreadable,
// and what asking a CRM can fail with.
func (d *Receiver) subscribe(ctx context.Context, source *liveSource, account *amo.Portal, public string) error {
	known := source.secrets.At(d.opt.Now())
	if len(known) == 0 {
		return fault.Conflict("secret_unreadable")
	}
	return account.Install(ctx, Address{Source: source.Source, public: strings.TrimRight(public, "/")}.Hook(known[0]))
}
