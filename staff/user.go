package staff

import (
	"slices"
	"time"

	"callhue/web"
)

// User is one of us.
type User struct {
	ID           int64      `json:"id"`
	Login        string     `json:"login"` // lower case
	Name         string     `json:"name"`
	Roles        web.Roles  `json:"roles"`
	DepartmentID int64      `json:"department_id"` // 0 for none
	Extension    string     `json:"extension"`     // the first of Extensions, "" without one
	Extensions   []string   `json:"extensions"`    // they count in every source
	Language     string     `json:"language"`      // "ru" or "en"
	Active       bool       `json:"active"`
	DismissedAt  *time.Time `json:"dismissed_at"`
	Version      int64      `json:"version"`
	CreatedAt    time.Time  `json:"created_at"`
	UpdatedAt    time.Time  `json:"updated_at"`
}

func (u *User) has(role web.Role) bool { return u != nil && slices.Contains(u.Roles, role) }

func (u *User) isAdmin() bool { return u.has(web.Admin) && u.Active }
