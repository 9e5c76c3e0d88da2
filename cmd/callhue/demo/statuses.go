package demo

import (
	"context"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/rules"
	"callhue/statuses"
)

// The codes of the directory in the demo world, beside statuses.Waiting and
// statuses.InWork.
const (
	client  = "CLIENT"
	paused  = "PAUSED"
	refused = "REFUSED"
	tender  = "TENDER" // of the demo: others see yellow
	anyone  = "ANYONE" // of the demo: others see nothing at all
	old     = "OLD"    // of the demo: switched off while companies still stand on it
	unset   = "UNSET"  // of the making only: in the end its companies have no status, like old data
)

// proposals are the shipped entries that the demo world switches on.
func proposals() []string { return []string{client, paused, refused} }

func entries() []statuses.NewStatus {
	return []statuses.NewStatus{
		{Code: tender, Name: "Идёт тендер", Color: "#E67700", CardEffect: rules.EffectYellow},
		{Code: anyone, Name: "Общая", Color: "#1C7ED6", CardEffect: rules.EffectNone},
		{Code: old, Name: "Старая база", Color: "#ADB5BD", CardEffect: rules.EffectBanner},
		{Code: unset, Name: "Без статуса", Color: "#ADB5BD", CardEffect: rules.EffectBanner},
	}
}

// addStatuses fills the directory.
func (l *loader) addStatuses(ctx context.Context) error {
	if err := l.Directory.Seed(ctx); err != nil {
		return err
	}
	for _, code := range proposals() {
		if err := l.setActive(ctx, code, true); err != nil {
			return err
		}
	}
	for _, in := range entries() {
		set, err := l.Directory.Set(ctx)
		if err != nil {
			return err
		}
		if set.ByCode(in.Code) == nil {
			if _, err := l.Directory.Add(ctx, access.System(), in); err != nil {
				return err
			}
		}
	}
	return nil
}

// setActive switches an entry on or off.
func (l *loader) setActive(ctx context.Context, code string, on bool) error {
	entry, err := l.Directory.Find(ctx, code)
	if err != nil || entry.Active == on {
		return err
	}
	_, err = l.Directory.Change(ctx, access.System(), code, statuses.StatusChange{Version: entry.Version, Active: &on})
	return err
}

// retireStatuses leaves companies on a status that is switched off, and others on none.
func (l *loader) retireStatuses(ctx context.Context) error {
	if err := l.setActive(ctx, old, false); err != nil {
		return err
	}
	entry, err := l.Directory.Find(ctx, unset)
	if err != nil {
		return err
	}
	if err := l.DB.Write(ctx, func(tx *store.Tx) error { return clearStatus(tx, entry.ID) }); err != nil {
		return err
	}
	return l.Directory.Remove(ctx, access.System(), unset)
}
