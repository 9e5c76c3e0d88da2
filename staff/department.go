package staff

import (
	"context"
	"slices"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/text"
	"callhue/journal"
)

// Department is a group of users. Departments form a tree.
type Department struct {
	ID        int64          `json:"id" db:"id"`
	Name      string         `json:"name" db:"name"`
	ParentID  int64          `json:"parent_id" db:"parent_id"` // 0 at the top
	HeadID    int64          `json:"head_id" db:"head_id"`     // 0 without one
	Kind      DepartmentKind `json:"kind" db:"kind"`
	Version   int64          `json:"version" db:"version"`
	CreatedAt store.Moment   `json:"created_at" db:"created_at"`
	UpdatedAt store.Moment   `json:"updated_at" db:"updated_at"`
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

// NewDepartment is the input for a department. Kind is sales where it is left out.
type NewDepartment struct {
	Name     string         `json:"name"`
	ParentID int64          `json:"parent_id,omitempty"`
	HeadID   int64          `json:"head_id,omitempty"`
	Kind     DepartmentKind `json:"kind,omitempty"`
}

// DepartmentChange changes a department; nil fields stay as they are.
type DepartmentChange struct {
	Version  int64           `json:"version"`
	Name     *string         `json:"name"`
	ParentID *int64          `json:"parent_id"`
	HeadID   *int64          `json:"head_id"`
	Kind     *DepartmentKind `json:"kind"`
}

// AddDepartment adds a department. Faults: what is wrong with the fields.
func (r *Roster) AddDepartment(ctx context.Context, by *access.User, in NewDepartment) (added *Department, err error) {
	err = r.write(ctx, by, func(a *act) error {
		added = &Department{Name: text.Tidy(in.Name), ParentID: in.ParentID, HeadID: in.HeadID, Kind: in.Kind}
		if added.Kind == "" {
			added.Kind = Sales
		}
		a.checkDepartment(added, true)
		if err := a.Check(); err != nil {
			return err
		}
		if err := departments.Insert(a.Tx, added); err != nil {
			return err
		}
		a.Tx.Answer(added)
		return a.recordDepartment(added.ID, DepartmentAdded, in)
	})
	return added, err
}

// ChangeDepartment changes a department. Faults: what is wrong with the fields, parent_id "circle" for a parent that
// lies below it; not_found; stale_version.
func (r *Roster) ChangeDepartment(ctx context.Context, by *access.User, id int64, in DepartmentChange) (
	changed *Department, err error) {
	err = r.write(ctx, by, func(a *act) error {
		before := a.org.Department(id)
		if before == nil {
			return fault.Missing("department")
		}
		if err := store.Seen(in.Version, before.Version); err != nil {
			return err
		}
		after, changes := in.apply(before)
		a.checkDepartment(after, after.HeadID != before.HeadID)
		if err := a.Check(); err != nil {
			return err
		}
		changed = after
		if len(changes) == 0 {
			a.Tx.Answer(changed)
			return nil
		}
		if err := departments.Update(a.Tx, after); err != nil {
			return err
		}
		a.Tx.Answer(changed)
		return a.recordDepartment(id, DepartmentChanged, map[string]any{"changed": changes})
	})
	return changed, err
}

func (in DepartmentChange) apply(before *Department) (*Department, journal.Changes) {
	after, changes := *before, journal.Changes{}
	if in.Name != nil {
		journal.Set(changes, "name", &after.Name, text.Tidy(*in.Name))
	}
	journal.SetOptional(changes, "parent_id", &after.ParentID, in.ParentID)
	journal.SetOptional(changes, "head_id", &after.HeadID, in.HeadID)
	journal.SetOptional(changes, "kind", &after.Kind, in.Kind)
	return &after, changes
}

// RemoveDepartment removes an empty department; one with users or departments below it is the conflict
// "department_in_use".
func (r *Roster) RemoveDepartment(ctx context.Context, by *access.User, id int64) error {
	return r.write(ctx, by, func(a *act) error {
		a.Tx.Answer(nil)
		d := a.org.Department(id)
		if d == nil {
			return fault.Missing("department")
		}
		hasUsers := slices.ContainsFunc(a.org.users, func(u *User) bool { return u.DepartmentID == id })
		hasBelow := slices.ContainsFunc(a.org.departments, func(below *Department) bool { return below.ParentID == id })
		if hasUsers || hasBelow {
			return fault.Conflict("department_in_use")
		}
		if err := departments.Remove(a.Tx, id); err != nil {
			return err
		}
		return a.recordDepartment(id, DepartmentRemoved, map[string]any{"name": d.Name})
	})
}

// FindDepartment returns a department, or the fault not_found.
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

// checkDepartment gathers what is wrong with a department. A head who has left meanwhile does not stand in the way of
// other changes.
func (a *act) checkDepartment(d *Department, newHead bool) {
	a.Invalid("name", text.CheckRequired(d.Name, 200))
	if d.ParentID != 0 && a.org.Department(d.ParentID) == nil {
		a.Invalid("parent_id", "unknown")
	}
	a.org.up(d.ParentID, func(above *Department) bool {
		if above.ID == d.ID {
			a.Invalid("parent_id", "circle")
		}
		return above.ID != d.ID
	})
	head := a.org.User(d.HeadID)
	if d.HeadID != 0 && newHead && (head == nil || !head.Active) {
		a.Invalid("head_id", "unknown")
	}
	if !slices.Contains(d.Kind.Values(), string(d.Kind)) {
		a.Invalid("kind", "unknown_value")
	}
}

func (a *act) recordDepartment(id int64, verb journal.Verb, details any) error {
	return a.Record(journal.Entry{Team: id, Verb: verb, Subject: journal.Ref{Kind: "department", ID: id}}, details)
}
