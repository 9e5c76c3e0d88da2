package webhooks

import (
	"context"

	"callhue/fault"
	"callhue/phone"
)

// Dial has a source ring an agent's telephone and connect it to a number; it
// gives what the source will call the call. It is calls.Dialer. Conflicts:
// cannot_dial, no_extension, pbx_not_connected, pbx_refused, pbx_silent.
func (d *Door) Dial(ctx context.Context, source, extension string, number phone.Number) (string, error) {
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
	case o.dialect == nil || !o.dialect.connects:
		return "", fault.Conflict("cannot_dial")
	}
	l := d.links.find(o.ID)
	if l == nil {
		return "", fault.Conflict("pbx_not_connected")
	}
	return l.dial(ctx, extension, number)
}

// Dialling names the active sources that can dial.
func (d *Door) Dialling(ctx context.Context) ([]string, error) {
	sources, err := d.List(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range sources {
		if dialect := d.dialects[s.Dialect]; s.Active && dialect != nil && dialect.connects {
			names = append(names, s.Name)
		}
	}
	return names, nil
}
