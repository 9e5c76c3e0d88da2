package calls

import (
	"context"
	"time"

	"callhue/crm"
	"callhue/staff"
)

// idleWarning is how long before the protection of a company fades its owner is warned, in days.
const idleWarning = 7

// WarnOfIdle records which companies will be shown as idle soon, or already are, once for each last contact: their
// owners and the owners' heads get it live. It is due once an hour.
func (d *Tracker) WarnOfIdle(ctx context.Context) error {
	policy, err := d.Policy.Active(ctx)
	if err != nil || policy.IdleDays == 0 {
		return err
	}
	org, err := d.Roster.Org(ctx)
	if err != nil {
		return err
	}
	now := d.DB.Clock().UTC()
	touchedBefore := now.AddDate(0, 0, idleWarning-policy.IdleDays)
	return d.Records.EachIdle(ctx, touchedBefore, func(list []crm.Idle) error {
		return d.Records.RecordIdle(ctx, warningsOf(org, list, now, policy.IdleDays))
	})
}

// warningsOf returns the warnings about some companies.
func warningsOf(org *staff.Org, list []crm.Idle, now time.Time, idleDays int) []crm.IdleWarning {
	warnings := make([]crm.IdleWarning, 0, len(list))
	for _, c := range list {
		warnings = append(warnings, crm.IdleWarning{
			Idle:   c,
			Team:   org.DepartmentOf(c.OwnerID),
			Days:   int(now.Sub(c.TouchedAt).Hours() / 24),
			Fades:  c.TouchedAt.AddDate(0, 0, idleDays),
			Notify: append([]int64{c.OwnerID}, org.HeadsOf(c.OwnerID)...),
		})
	}
	return warnings
}
