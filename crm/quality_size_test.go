package crm

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"callhue/internal/store"
)

// TestQualityOfManyCompanies measures what the first request costs when there are many companies. It prints figures;
// how many companies there are says CALLHUE_COMPANIES, a million for those of docs/decisions.
func TestQualityOfManyCompanies(t *testing.T) {
	size, _ := strconv.Atoi(os.Getenv("CALLHUE_COMPANIES"))
	if size == 0 {
		size = 2000
	}
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		for from := 1; from <= size; from += 1000 {
			fillCompanies(t, db, from, min(from+999, size))
		}
		must(t, w.RecountQuality(ctx))
		longest, began := time.Duration(0), time.Now()
		for {
			one := time.Now()
			n, err := w.followSome(ctx, nil)
			must(t, err)
			longest = max(longest, time.Since(one))
			if n == 0 {
				break
			}
		}
		followed := time.Since(began)
		one := time.Now()
		q, err := w.Quality(ctx)
		must(t, err)
		counted := time.Since(one)
		one = time.Now()
		groups, err := w.Duplicates(ctx, DuplicateFilter{})
		must(t, err)
		grouped := time.Since(one)
		one = time.Now()
		_, err = w.Duplicates(ctx, DuplicateFilter{Reason: "name"})
		must(t, err)
		named := time.Since(one)
		t.Logf("%d companies: followed in %v, longest transaction %v; counts %v, duplicates %v, by name %v", size,
			followed, longest, counted, grouped, named)
		if q.Pending != 0 || q.Items[0].Count == 0 || len(groups.Items) != 50 {
			t.Errorf("the counts are %+v, there are %d groups", q, len(groups.Items))
		}
	})
}

// fillCompanies adds companies with a number and an e-mail each; every twentieth number and tenth name is of two.
func fillCompanies(t *testing.T, db *store.DB, from, to int) {
	t.Helper()
	var companies, phones, numbers, emails [][]any
	for i := from; i <= to; i++ {
		name, number := fmt.Sprintf("ООО Компания %d", i), int64(74950000000+i)
		if i%20 == 0 {
			number--
		}
		if i%10 == 0 {
			name = fmt.Sprintf("Компания %d", i-1)
		}
		companies = append(companies, []any{i, name, 11 + i%8, 1, 0, 0, 0, 0, "", "[]", 1 + i%3, 0, 0, 0, 0})
		phones = append(phones, []any{1, i, 0, fmt.Sprint("+", number), number, "", "work", 0})
		numbers = append(numbers, []any{number, 1, i, i, 0, false})
		emails = append(emails, []any{1, i, 0, fmt.Sprintf("info@company%d.example", i)})
	}
	must(t, db.Write(context.Background(), func(tx *store.Tx) error {
		for _, part := range []struct {
			table
			rows [][]any
		}{{table{companiesTable.name, "id, " + companiesTable.columns}, companies}, {phonesTable, phones},
			{numbersTable, numbers}, {emailsTable, emails}} {
			if err := insertRows(tx, part.table, part.rows); err != nil {
				return err
			}
		}
		return nil
	}))
}
