package webhooks

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"callhue/internal/fault"
	"callhue/internal/web"
	"callhue/phone"
)

// Order is a call that a PBX shall make: it rings the agent's telephone and
// connects it to the number.
type Order struct {
	Source    Source
	Secret    string
	Extension string
	Number    phone.Number
	Dialled   string // the number's digits, or an internal number
	ID        string // ours for this call, where the PBX takes one
}

// Setting gives a setting of the source, or what counts without it.
func (o *Order) Setting(name, otherwise string) string {
	return cmp.Or(o.Source.Settings[name], otherwise)
}

// api is the address of the PBX's API, without a slash at the end.
func (o *Order) api(otherwise string) string {
	return strings.TrimRight(o.Setting(apiURL, otherwise), "/")
}

// Sent is a PBX's answer to an order.
type Sent struct {
	Status int
	Body   []byte
}

// sender sends one request of an order; its faults are conflicts already.
type sender func(*http.Request) (Sent, error)

// maxSent is how much of an answer is read.
const maxSent = 64 << 10

// Dial has a source ring an agent's telephone and connect it to a number; it
// gives what the source will call the call, "" where it does not say. It is
// calls.Dialer. Conflicts: cannot_dial, no_extension, pbx_not_connected,
// pbx_refused, pbx_silent, private_address, telephone_busy, telephone_missing.
func (d *Receiver) Dial(ctx context.Context, source, extension string, number phone.Number) (string, error) {
	b, err := d.book.Get(ctx)
	if err != nil {
		return "", err
	}
	o := b.byName[source]
	switch {
	case o == nil:
		return "", fault.Missing("source")
	case !o.Active:
		return "", fault.Forbidden("source_inactive")
	case !o.dials():
		return "", fault.Conflict("cannot_dial")
	case !phone.IsExtension(extension):
		return "", fault.Conflict("no_extension")
	}
	id, err := d.callName()
	if err != nil {
		return "", err
	}
	if o.dialect.dials {
		if l, ok := d.links.find(o.ID).(dialler); ok {
			return id, l.dial(ctx, id, extension, number)
		}
		return "", fault.Conflict("pbx_not_connected")
	}
	return d.order(ctx, o, Order{Source: o.Source, Extension: extension, Number: number, ID: id})
}

// callName makes the name of a call that we have made.
func (d *Receiver) callName() (string, error) {
	random := make([]byte, 12)
	if _, err := io.ReadFull(d.opt.Random, random); err != nil {
		return "", err
	}
	return "callhue-" + base64.RawURLEncoding.EncodeToString(random), nil
}

func (d *Receiver) order(ctx context.Context, o *liveSource, order Order) (string, error) {
	secrets := o.secrets.At(d.opt.Now())
	if len(secrets) == 0 {
		return "", fault.Conflict("cannot_dial")
	}
	order.Secret = secrets[0]
	var err error
	if order.Dialled, err = dialled(o.origin.Plan, order.Number, "digits"); err != nil {
		return "", err
	}
	return o.dialect.order(order, func(r *http.Request) (Sent, error) { return d.send(r.WithContext(ctx)) })
}

func (d *Receiver) send(r *http.Request) (Sent, error) {
	answer, err := d.client.Do(r)
	switch {
	case errors.Is(err, web.ErrPrivate):
		return Sent{}, fault.Conflict("private_address").Because(err)
	case err != nil:
		return Sent{}, fault.Conflict("pbx_silent").Because(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxSent))
	if err != nil {
		return Sent{}, fault.Conflict("pbx_silent").Because(err)
	}
	return Sent{answer.StatusCode, body}, nil
}

// pbxRefused is the fault of an order that the PBX did not take; said is in its
// own words.
func pbxRefused(status int, said string) error {
	if said == "" {
		said = "HTTP " + strconv.Itoa(status)
	}
	return fault.Conflict("pbx_refused").With("what", fault.Cut(fault.OneLine(said), 200))
}

// dials says whether the source can be told to make a call.
func (o *liveSource) dials() bool {
	if o.dialect == nil || (!o.dialect.dials && o.dialect.order == nil) {
		return false
	}
	for _, name := range o.dialect.orderNeeds {
		if o.Settings[name] == "" {
			return false
		}
	}
	return true
}

// Dialling names the active sources that can dial.
func (d *Receiver) Dialling(ctx context.Context) ([]string, error) {
	b, err := d.book.Get(ctx)
	if err != nil {
		return nil, err
	}
	sources, err := d.List(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range sources {
		if o := b.byName[s.Name]; o != nil && o.Active && o.dials() {
			names = append(names, s.Name)
		}
	}
	return names, nil
}

// dialled spells a number as a PBX wants it: digits, plus, or national. An
// internal number is dialled as it is.
func dialled(plan *phone.Plan, number phone.Number, how string) (string, error) {
	switch {
	case number.Kind == phone.Internal:
		return number.Local, nil
	case number.Kind != phone.External:
		return "", fault.Invalid("number", "not_a_number")
	}
	switch how {
	case "plus":
		return number.String(), nil
	case "national":
		return plan.Dialled(number.E164), nil
	}
	return strconv.FormatInt(number.E164, 10), nil
}
