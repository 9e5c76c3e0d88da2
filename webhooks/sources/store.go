package sources

import (
	"context"

	"callhue/internal/store"
)

// sourceRow is a source as it is stored.
type sourceRow struct {
	Source
	Secrets string `db:"secrets"` // sealed
}

var table = store.NewTable[sourceRow]("sources", "source").Unique("name", "name_taken")

// byName is the order of every list of sources.
func byName() store.Order { return store.By("name") }

// AnySealed reports whether a database holds secrets that are sealed.
func AnySealed(ctx context.Context, db *store.DB) (bool, error) {
	var n int
	err := db.Read(ctx).Get(&n, "SELECT (SELECT COUNT(*) FROM sources) + (SELECT COUNT(*) FROM hooks_out)")
	return n > 0, err
}
