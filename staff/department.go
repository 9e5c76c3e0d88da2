package staff

import (
	"context"
	"slices"
	"time"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/journal"
)

// Department is a group of users. Departments form a tree.
type Department struct {
	ID        int64          `json:"id"`
	Name      string         `json:"name"`
	ParentID  int64          `json:"parent_id"` // 0 at the top
	HeadID    int64          `json:"head_id"`   // 0 without one
	Kind      DepartmentKind `json:"kind"`
	Version   int64          `json:"version"`
	CreatedAt time.Time      `json:"created_at"`
	UpdatedAt time.Time      `json:"updated_at"`
}

// DepartmentKind is what a department does.
type DepartmentKind string

// The kinds of department.
const (
	Sales      DepartmentKind = "sales"
	CallCentre DepartmentKind = "call_centre"
	Field      DepartmentKind = "field"
	Partner    DepartmentKind = "partner"
	Product    DepartmentKind = "product"
)

// Values lists the kinds, for the API reference.
func (DepartmentKind) Values() []string {
	return []string{string(Sales), string(CallCentre), string(Field), string(Partner), string(Product)}
}

// NewDepartment is what a department is made of. Kind is sales where it is
// empty.
type NewDepartment struct {
	Name     string         `json:"name"`
	ParentID int64          `json:"parent_id"`
	HeadID   int64          `json:"head_id"`
	Kind     DepartmentKind `json:"kind"`
}

// DepartmentChange is a change of a department; what is nil stays.
type DepartmentChange struct {
	Version  int64           `json:"version"`
	Name     *string         `json:"name"`
	ParentID *int64          `json:"parent_id"`
	HeadID   *int64          `json:"head_id"`
	Kind     *DepartmentKind `json:"kind"`
}

// AddDepartment adds a department.
func (r *Roster) AddDepartment(ctx context.Context, by int64, in NewDepartment) (*Department, error) {
	id := int64(0)
	err := r.change(ctx, by, func(tx *store.Tx, org *Org) error {
		d := &Department{Name: text.Tidy(in.Name), ParentID: in.ParentID, HeadID: in.HeadID, Kind: in.Kind}
		if d.Kind == "" {
			d.Kind = Sales
		}
		err := d.check(org, true).OrNil()
		if err != nil {
			return err
		}
		if id, err = insertDepartment(tx, d); err != nil {
			return err
		}
		return r.recordDepartment(tx, by, id, DepartmentAdded, in)
	})
	if err != nil {
		return nil, err
	}
	return r.FindDepartment(ctx, id)
}

// ChangeDepartment changes a department. A parent that lies below it is the
// fault parent_id "circle".
func (r *Roster) ChangeDepartment(ctx context.Context, by, id int64, in DepartmentChange) (*Department, error) {
	err := r.change(ctx, by, func(tx *store.Tx, org *Org) error {
		before := org.Department(id)
		switch {
		case before == nil:
			return fault.Missing("department")
		case in.Version == 0:
			return fault.Invalid("version", "required")
		case in.Version != before.Version:
			return fault.Stale()
		}
		after, what := in.apply(before)
		if err := after.check(org, after.HeadID != before.HeadID).OrNil(); err != nil || len(what) == 0 {
			return err
		}
		if err := updateDepartment(tx, after); err != nil {
			return err
		}
		return r.recordDepartment(tx, by, id, DepartmentChanged, map[string]any{"changed": what})
	})
	if err != nil {
		return nil, err
	}
	return r.FindDepartment(ctx, id)
}

func (in DepartmentChange) apply(before *Department) (*Department, journal.Changes) {
	after, what := *before, journal.Changes{}
	if in.Name != nil {
		journal.Set(what, "name", &after.Name, text.Tidy(*in.Name))
	}
	if in.ParentID != nil {
		journal.Set(what, "parent_id", &after.ParentID, *in.ParentID)
	}
	if in.HeadID != nil {
		journal.Set(what, "head_id", &after.HeadID, *in.HeadID)
	}
	if in.Kind != nil {
		journal.Set(what, "kind", &after.Kind, *in.Kind)
	}
	return &after, what
}

// RemoveDepartment removes an empty department; one with users or departments
// below it is the conflict "department_in_use".
func (r *Roster) RemoveDepartment(ctx context.Context, by, id int64) error {
	return r.change(ctx, by, func(tx *store.Tx, org *Org) error {
		tx.Answer(nil)
		d := org.Department(id)
		if d == nil {
			return fault.Missing("department")
		}
		if slices.ContainsFunc(org.users, func(u *User) bool { return u.DepartmentID == id }) ||
			slices.ContainsFunc(org.departments, func(below *Department) bool { return below.ParentID == id }) {
			return fault.Conflict("department_in_use")
		}
		if err := removeDepartment(tx, id); err != nil {
			return err
		}
		return r.recordDepartment(tx, by, id, DepartmentRemoved, map[string]any{"name": d.Name})
	})
}

// FindDepartment returns a department as it is now, or fault.Missing.
func (r *Roster) FindDepartment(ctx context.Context, id int64) (*Department, error) {
	org, err := r.Org(ctx)
	if err != nil {
		return nil, err
	}
	d := org.Department(id)
	if d == nil {
		return nil, fault.Missing("department")
	}
	return d, nil
}

// check gathers everything that is wrong with a department. A head who has left
// meanwhile does not stand in the way of other changes.
func (d *Department) check(org *Org, newHead bool) (wrong *fault.Error) {
	if code := text.CheckRequired(d.Name, 200); code != "" {
		wrong = wrong.And("name", code)
	}
	if d.ParentID != 0 && org.Department(d.ParentID) == nil {
		wrong = wrong.And("parent_id", "unknown")
	}
	org.up(d.ParentID, func(above *Department) bool {
		if above.ID == d.ID {
			wrong = wrong.And("parent_id", "circle")
		}
		return above.ID != d.ID
	})
	if head := org.User(d.HeadID); d.HeadID != 0 && newHead && (head == nil || !head.Active) {
		wrong = wrong.And("head_id", "unknown")
	}
	if !slices.Contains([]DepartmentKind{Sales, CallCentre, Field, Partner, Product}, d.Kind) {
		wrong = wrong.And("kind", "unknown_value")
	}
	return wrong
}

func (r *Roster) recordDepartment(tx *store.Tx, by, id int64, verb journal.Verb, words any) error {
	_, err := r.journal.Record(tx, journal.Entry{Actor: by, Team: id, Verb: verb,
		Subject: journal.Ref{Kind: "department", ID: id}, Details: journal.Details(words)})
	return err
}
