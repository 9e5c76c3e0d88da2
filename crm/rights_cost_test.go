package crm

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"callhue/internal/store"
)

// TestAWriteReadsNoPeople: a write checks rights by the organisation of that moment, and among 2000 people it reads
// none of them again for it.
func TestAWriteReadsNoPeople(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		rows := make([][]any, 2000)
		for i := range rows {
			login := fmt.Sprint("many", i)
			rows[i] = []any{login, login, "agent", 0, "en", true, 0, "", 1, 0, 0}
		}
		must(t, db.Write(ctx, func(tx *store.Tx) error {
			if err := tx.InsertAll("users", `login, name, roles, department_id, language, active, dismissed_at,
				password, version, created_at, updated_at`, rows); err != nil {
				return err
			}
			return tx.TakeTurn("staff_turns", "version")
		}))
		acme := w.company(NewCompany{Name: "Acme", OwnerID: anna, Status: "IN_WORK"})
		people, statements := 0, 0
		db.Trace = func(query string) {
			statements++
			if strings.Contains(query, "FROM users") || strings.Contains(query, "FROM departments") {
				people++
			}
		}
		const writes = 20
		begun := time.Now()
		for i := range writes {
			changed, err := w.ChangeCompany(ctx, as(anna), acme.ID,
				CompanyChange{Name: new(fmt.Sprint("Acme ", i)), Version: acme.Version})
			must(t, err)
			acme = changed
		}
		each := (time.Since(begun) / writes).Round(10 * time.Microsecond)
		db.Trace = nil
		t.Logf("%d changes of a company: %d statements, %v each", writes, statements, each)
		if people != 0 {
			t.Errorf("%d writes read the people %d times", writes, people)
		}
	})
}
