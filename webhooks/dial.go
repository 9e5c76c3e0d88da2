package webhooks

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"

	"callhue/internal/fault"
	"callhue/internal/web"
	"callhue/phone"
	"callhue/webhooks/dialects"
	"callhue/webhooks/sources"
)

// ourCallPrefix begins the ids of calls that we place.
const ourCallPrefix = "callhue-"

// maxResponse is how much of a PBX's answer is read, in bytes.
const maxResponse = 64 << 10

// Dial has a source ring an agent's telephone and connect it to a number. It returns the id that the source will use
// for the call, "" where that is not known. It is part of calls.Dialer. Faults: not_found, source_inactive, and the
// conflicts cannot_dial, no_extension, pbx_not_connected, pbx_refused, pbx_silent, private_address, telephone_busy,
// telephone_missing.
func (rc *Receiver) Dial(ctx context.Context, source, extension string, number phone.Number) (string, error) {
	all, err := rc.opt.Sources.Snapshot(ctx)
	if err != nil {
		return "", err
	}
	live := all.ByName[source]
	switch {
	case live == nil:
		return "", fault.Missing("source")
	case !live.Active:
		return "", fault.Forbidden("source_inactive")
	case !canDial(live):
		return "", fault.Conflict("cannot_dial")
	case !phone.IsExtension(extension):
		return "", fault.Conflict("no_extension")
	}
	id, err := rc.randomID(ourCallPrefix)
	if err != nil {
		return "", err
	}
	if live.Dialect.Connection == dialects.PBXConnection {
		switch link := rc.links.find(live.ID).(type) {
		case dialer:
			return id, link.dial(ctx, id, extension, number)
		case orderer:
			return link.place(ctx, extension, number)
		}
		return "", fault.Conflict("pbx_not_connected")
	}
	request := dialects.DialRequest{Settings: live.Settings, Extension: extension, Number: number, CallID: id}
	return rc.dialOverHTTP(ctx, live, request)
}

func (rc *Receiver) dialOverHTTP(ctx context.Context, source *sources.Live, d dialects.DialRequest) (string, error) {
	valid := source.Secrets.At(rc.opt.Now())
	if len(valid) == 0 {
		return "", fault.Conflict("cannot_dial")
	}
	d.Secret = valid[0]
	var err error
	if d.Dialled, err = spellDialled(source.Origin.Plan, d.Number, "digits"); err != nil {
		return "", err
	}
	send := func(r *http.Request) (dialects.Response, error) { return rc.send(r.WithContext(ctx)) }
	return source.Dialect.Dial(d, send)
}

// send sends a request to a PBX. Faults: the conflicts private_address and pbx_silent.
func (rc *Receiver) send(r *http.Request) (dialects.Response, error) {
	answer, err := rc.client.Do(r)
	switch {
	case errors.Is(err, web.ErrPrivate):
		return dialects.Response{}, fault.Conflict("private_address").Because(err)
	case err != nil:
		return dialects.Response{}, fault.Conflict("pbx_silent").Because(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxResponse))
	if err != nil {
		return dialects.Response{}, fault.Conflict("pbx_silent").Because(err)
	}
	return dialects.Response{Status: answer.StatusCode, Body: body}, nil
}

// canDial reports whether a source can place calls with the settings that it has.
func canDial(source *sources.Live) bool {
	if source.Dialect == nil || !source.Dialect.CanDial() {
		return false
	}
	for _, name := range source.Dialect.DialSettings {
		if source.Settings[name] == "" {
			return false
		}
	}
	return true
}

// Dialling returns the names of the active sources that can place calls. It is part of calls.Dialer.
func (rc *Receiver) Dialling(ctx context.Context) ([]string, error) {
	all, err := rc.opt.Sources.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	list, err := rc.opt.Sources.List(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range list {
		if live := all.ByName[s.Name]; live != nil && live.Active && canDial(live) {
			names = append(names, s.Name)
		}
	}
	return names, nil
}

// spellDialled spells a number as a PBX wants it: how is digits, plus or national. An internal number is dialled as it
// is. The fault is invalid.
func spellDialled(plan *phone.Plan, number phone.Number, how string) (string, error) {
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
