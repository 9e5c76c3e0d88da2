package calls

import (
	"context"
	"slices"

	"callhue/crm"
	"callhue/internal/store"
	"callhue/lookup"
	"callhue/policy"
)

// ImportTrial judges the last calls as if records were there that a dry run of an import has written, and will roll
// back.
type ImportTrial struct {
	tracker *Tracker
	calls   []*callRow
	numbers map[int64]bool       // of the calls
	leadTo  map[recordID][]int64 // the numbers of the calls that lead to a record today
	matches map[int64]*lookup.Match
}

type recordID struct {
	kind crm.Kind
	id   int64
}

// NewImportTrial returns a trial of the last 1000 calls.
func (d *Tracker) NewImportTrial(ctx context.Context) (*ImportTrial, error) {
	read := d.DB.Read(ctx)
	calls, err := listCalls(read, filter{Limit: dryRunLast})
	if err != nil {
		return nil, err
	}
	t := &ImportTrial{tracker: d, calls: calls, numbers: map[int64]bool{}, leadTo: map[recordID][]int64{},
		matches: map[int64]*lookup.Match{}}
	var keys []int64
	for _, c := range calls {
		if key := c.number().Key(); key != 0 && !t.numbers[key] {
			t.numbers[key] = true
			keys = append(keys, key)
		}
	}
	for part := range slices.Chunk(keys, crm.MostReached) {
		reached, err := crm.Reach(read, part...)
		if err != nil {
			return nil, err
		}
		for key, rows := range reached {
			for _, r := range rows {
				t.leads(recordID{r.Kind, r.ID}, key)
				if r.CompanyID != 0 {
					t.leads(recordID{crm.KindCompany, r.CompanyID}, key)
				}
			}
		}
	}
	return t, nil
}

func (t *ImportTrial) leads(to recordID, key int64) {
	if !slices.Contains(t.leadTo[to], key) {
		t.leadTo[to] = append(t.leadTo[to], key)
	}
}

// Look notes what some numbers lead to inside a transaction, and those that led to one of the records before. Other
// numbers than those of the calls are left out. A number that occurs in several batches keeps what the last one shows.
func (t *ImportTrial) Look(tx *store.Tx, kind crm.Kind, numbers, records []int64) error {
	var keys []int64
	for _, key := range numbers {
		if t.numbers[key] {
			keys = append(keys, key)
		}
	}
	for _, id := range records {
		keys = append(keys, t.leadTo[recordID{kind, id}]...)
	}
	if len(keys) == 0 {
		return nil
	}
	slices.Sort(keys)
	found, err := t.tracker.Finder.FindIn(tx, slices.Compact(keys))
	for key, match := range found {
		t.matches[key] = match
	}
	return err
}

// Judge judges every card of the calls on the clients as they are and as they would be.
func (t *ImportTrial) Judge(ctx context.Context) (DryRun, error) {
	out := DryRun{Counts: []ColorsChange{}, Calls: []CallChange{}}
	now, err := t.tracker.Policy.Current(ctx)
	if err != nil {
		return out, err
	}
	for part := range slices.Chunk(t.calls, dryRunBatch) {
		err := t.tracker.tryCalls(ctx, &out, part, trialSide{trial: now}, trialSide{now, t.matches})
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// trialSide is one of the two ways in which a dry run judges: the rules, and what some numbers lead to; the other
// numbers lead to what they lead to today.
type trialSide struct {
	trial   *policy.Trial
	matches map[int64]*lookup.Match
}

// match returns what a number leads to on this side.
func (s trialSide) match(ctx context.Context, d *Tracker, q Question) (*lookup.Match, error) {
	if m := s.matches[q.Number.Key()]; m != nil && !m.Empty() {
		return m, nil
	}
	return d.match(ctx, q.Number, s.trial.Policy())
}
