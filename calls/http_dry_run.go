package calls

import (
	"callhue/internal/web"
)

func (d *Tracker) dryRun(r *web.Request, in DryRunInput) (DryRun, error) {
	return d.DryRun(r.Context(), in)
}
