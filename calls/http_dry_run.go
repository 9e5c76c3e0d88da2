package calls

import (
	"callhue/internal/web"
)

func (d *Tracker) dryRun(r *web.Request, in DryRunInput) (DryRun, error) {
	out := DryRun{Counts: []ColorsChange{}, Calls: []CallChange{}}
	now, err := d.Policy.Current(r.Context())
	if err != nil {
		return out, err
	}
	next, err := d.Policy.Trial(r.Context(), in.Policy, in.Statuses)
	if in.Last == 0 {
		in.Last = dryRunLast
	}
	if in.Last < 0 || in.Last > dryRunMost {
		err = also(err, "last", "out_of_range")
	}
	if err != nil {
		return out, err
	}
	calls, err := listCalls(d.DB.ReadSlow(r.Context()), filter{Limit: in.Last})
	if err != nil {
		return out, err
	}
	for len(calls) > 0 {
		part := calls[:min(len(calls), dryRunBatch)]
		calls = calls[len(part):]
		if err := d.tryCalls(r.Context(), &out, part, trialSide{trial: now}, trialSide{trial: next}); err != nil {
			return out, err
		}
	}
	return out, nil
}
