package statuses

import (
	"context"

	"callhue/internal/access"
	"callhue/journal"
	"callhue/rules"
)

// shipped are the entries that come with the product: WAITING and IN_WORK cannot
// be removed; the others are proposals, switched off.
var shipped = [...]Status{
	{Code: Waiting, Name: "В ожидании", Sort: 10, Color: "#868E96", CardEffect: rules.EffectBanner, IsDefault: true,
		IsSystem: true, Active: true},
	{Code: InWork, Name: "В работе", Sort: 20, Color: "#E03131", CardEffect: rules.EffectRed, IsProtected: true,
		IsSystem: true, Active: true},
	{Code: "CLIENT", Name: "Клиент", Sort: 30, Color: "#2F9E44", CardEffect: rules.EffectRed, IsProtected: true},
	{Code: "PAUSED", Name: "Приостановлено", Sort: 40, Color: "#F08C00", CardEffect: rules.EffectBanner},
	{Code: "REFUSED", Name: "Отказ", Sort: 50, Color: "#495057", CardEffect: rules.EffectBanner},
	{Code: "ARCHIVE", Name: "Архив", Sort: 60, Color: "#ADB5BD", CardEffect: rules.EffectBanner},
}

// Seed adds the entries that come with the product to a directory without them:
// the system ones wherever they are missing, the proposals only to an empty
// directory, because who removed one does not want it back. Any number of
// processes may call it at once, at every start.
func (d *Directory) Seed(ctx context.Context) error {
	set, err := d.Set(ctx)
	if err != nil {
		return err
	}
	if set.ByCode(Waiting) != nil && set.ByCode(InWork) != nil {
		return nil
	}
	return d.write(ctx, access.System(), func(a *journal.Act, set *Set) error {
		for _, s := range shipped {
			if set.ByCode(s.Code) != nil || !s.IsSystem && len(set.all) > 0 {
				continue
			}
			s.IsDefault = s.IsDefault && set.std == nil
			if err := add(a, set, &s); err != nil {
				return err
			}
		}
		return nil
	})
}
