package staff

import "time"

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

// DepartmentKind says what a department does.
type DepartmentKind string

// The kinds of department.
const (
	Sales      DepartmentKind = "sales"
	CallCentre DepartmentKind = "call_centre"
	Field      DepartmentKind = "field"
	Partner    DepartmentKind = "partner"
	Product    DepartmentKind = "product"
)
