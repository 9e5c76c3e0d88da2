package crmsync

import (
	"bytes"
	"context"
	"encoding/json"

	"callhue/crm"
	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
)

// maxBulk is how many operations one request may hold.
const maxBulk = 1000

// maxBulkBody is the largest body of such a request in bytes.
const maxBulkBody = 4 << 20

// Bulk is many operations. They are done in their order, each in a transaction of its own: a refused one stops no
// other, and calls are handled in between.
type Bulk struct {
	Operations []BulkOperation `json:"operations"`
}

// UnmarshalJSON decodes the operations, also without the object around them.
func (b *Bulk) UnmarshalJSON(raw []byte) error {
	if trimmed := bytes.TrimLeft(raw, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '[' {
		return strict(raw, &b.Operations)
	}
	type plain Bulk
	return strict(raw, (*plain)(b))
}

func strict(raw []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}

// BulkOp is what an operation does.
type BulkOp string

// The operations.
const (
	BulkUpsert BulkOp = "upsert"
	BulkRemove BulkOp = "remove"
)

// Values lists the operations, for the API reference.
func (BulkOp) Values() []string { return []string{string(BulkUpsert), string(BulkRemove)} }

// BulkOperation writes or removes one record.
type BulkOperation struct {
	Op     BulkOp          `json:"op"`
	Kind   string          `json:"kind"` // company, contact, lead
	System string          `json:"system"`
	ID     string          `json:"external_id"`
	Body   json.RawMessage `json:"body,omitempty"` // as of PUT by-external
}

// BulkResult is what became of one operation.
type BulkResult struct {
	Status    int           `json:"status"` // as the HTTP status of the operation alone
	Kind      string        `json:"kind"`
	System    string        `json:"system"`
	ID        string        `json:"external_id"`
	RecordID  int64         `json:"id"` // 0 for a refused one
	Conflicts []Conflict    `json:"conflicts"`
	Warnings  []fault.Field `json:"warnings"`
	Problem   *web.Problem  `json:"problem"` // why it was refused, else null
}

// BulkAnswer has the results in the order of the operations.
type BulkAnswer struct {
	Items   []BulkResult `json:"items"`
	Refused int          `json:"refused"` // how many of them
}

// bulk does many operations. Faults before anything is done: operations required, too_many.
func (s *Syncer) bulk(ctx context.Context, by *access.User, in Bulk) (out BulkAnswer, err error) {
	switch {
	case len(in.Operations) == 0:
		return out, fault.Invalid("operations", "required")
	case len(in.Operations) > maxBulk:
		return out, fault.Invalid("operations", "too_many")
	}
	ctx = store.Apart(ctx) // an Idempotency-Key stands for all of them together
	out.Items = make([]BulkResult, len(in.Operations))
	for i, op := range in.Operations {
		one := &out.Items[i]
		*one = BulkResult{Kind: op.Kind, System: op.System, ID: op.ID, Conflicts: []Conflict{},
			Warnings: []fault.Field{}}
		err := ctx.Err()
		if err != nil { // the request has run out of time
			err = fault.Unavailable("database_busy", 0)
		} else {
			err = s.bulkOne(ctx, by, op, one)
		}
		if err == nil {
			continue
		}
		if fault.Is(err, fault.KindInternal) {
			s.Log.Error("an operation of a bulk failed", "system", op.System, "kind", op.Kind, "error", err)
		}
		problem := web.ProblemOf(err)
		one.Status, one.Problem = problem.Status, &problem
		out.Refused++
	}
	return out, nil
}

func (s *Syncer) bulkOne(ctx context.Context, by *access.User, op BulkOperation, out *BulkResult) error {
	kind, err := crm.KindOf(op.Kind)
	if err != nil {
		return fault.Invalid("kind", "unknown")
	}
	at := Place{op.System, kind, op.ID}
	switch op.Op {
	case BulkUpsert:
		in, err := pushedOf(kind, op.Body)
		if err != nil {
			return err
		}
		done, err := s.push(ctx, by, at, in, nil)
		if err == nil {
			out.Status, out.RecordID = done.HTTPStatus(), done.RecordID
			out.Conflicts, out.Warnings = done.Conflicts, done.Warnings
		}
		return err
	case BulkRemove:
		done, err := s.pushRemoval(ctx, by, at)
		if err == nil {
			out.Status, out.RecordID, out.Conflicts = done.HTTPStatus(), done.RecordID, done.Conflicts
		}
		return err
	}
	return fault.Invalid("op", "unknown")
}

// pushedOf decodes the body of a pushed record.
func pushedOf(kind crm.Kind, body []byte) (pushed, error) {
	if len(body) == 0 {
		return pushed{}, fault.Invalid("body", "required")
	}
	switch kind {
	case crm.KindCompany:
		var in PushedCompany
		err := web.ReadJSON(body, &in)
		return in.pushed(), err
	case crm.KindContact:
		var in PushedContact
		err := web.ReadJSON(body, &in)
		return in.pushed(), err
	}
	var in PushedLead
	err := web.ReadJSON(body, &in)
	return in.pushed(), err
}
