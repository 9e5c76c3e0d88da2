package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"

	"callhue/internal/fault"
)

// The tables of all packages, in one order. A file holds CREATE TABLE IF NOT
// EXISTS statements in a neutral form: `ID` is the auto-increment key, an
// `INDEX name (columns)` line stands inside its table. WITHOUT ROWID at the end keeps
// the rows in the order of the primary key, as MySQL always does. What a table gets later
// is added by one ALTER TABLE … ADD COLUMN … or CREATE INDEX … ON … per
// statement, and what it loses goes by one ALTER TABLE … DROP COLUMN …. A statement
// that begins with /* SQLite */ is for SQLite alone. MySQL commits at every DDL
// statement, so each one can be run again after a crash half-way.
//
//go:embed migrations/*.sql
var migrations embed.FS

// Step is one migration and whether this database has it.
type Step struct {
	Version int64  `json:"version"`
	Name    string `json:"name"`
	Applied bool   `json:"applied"`
}

// Migrate brings the schema up to this program's version. A database that a
// newer program has migrated is refused with the conflict "schema_newer", and
// nothing is touched.
func (db *DB) Migrate(ctx context.Context) error {
	migrator, unlock, err := db.engine.lock(ctx, db.write.sqlx)
	if err != nil {
		return err
	}
	defer unlock()
	provider, err := db.provider(migrator)
	if err != nil {
		return err
	}
	if err := db.refuseNewer(ctx, provider); err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Migrated answers nil when the schema is exactly this program's; otherwise
// the conflict "schema_older" or "schema_newer".
func (db *DB) Migrated(ctx context.Context) error {
	provider, err := db.provider(db.write.sqlx)
	if err != nil {
		return err
	}
	if err := db.refuseNewer(ctx, provider); err != nil {
		return err
	}
	waiting, err := provider.HasPending(ctx)
	if err == nil && waiting {
		return fault.Conflict("schema_older")
	}
	return err
}

// Steps lists the migrations in order.
func (db *DB) Steps(ctx context.Context) ([]Step, error) {
	provider, err := db.provider(db.write.sqlx)
	if err != nil {
		return nil, err
	}
	states, err := provider.Status(ctx)
	if err != nil {
		return nil, err
	}
	names, err := migrationNames()
	if err != nil {
		return nil, err
	}
	steps := make([]Step, len(states))
	for i, s := range states {
		steps[i] = Step{s.Source.Version, names[s.Source.Version], s.State == goose.StateApplied}
	}
	return steps, nil
}

func (db *DB) refuseNewer(ctx context.Context, provider *goose.Provider) error {
	sources := provider.ListSources()
	newest := sources[len(sources)-1].Version
	is, err := provider.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if is > newest {
		return fault.Conflict("schema_newer").With("database", is).With("program", newest)
	}
	return nil
}

func (db *DB) provider(on *sqlx.DB) (*goose.Provider, error) {
	dialect := goose.DialectSQLite3
	if db.engine.name() == "mysql" {
		dialect = goose.DialectMySQL
	}
	steps, err := db.gooseSteps()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, on.DB, nil,
		goose.WithGoMigrations(steps...), goose.WithDisableGlobalRegistry(true))
}

func (db *DB) gooseSteps() ([]*goose.Migration, error) {
	names, err := migrationNames()
	if err != nil {
		return nil, err
	}
	var steps []*goose.Migration
	for version, name := range names {
		if version == changesVersion {
			steps = append(steps, db.changesStep())
			continue
		}
		text, err := migrations.ReadFile("migrations/" + name)
		if err != nil {
			return nil, err
		}
		steps = append(steps, goose.NewGoMigration(version,
			&goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
				for _, statement := range statements(string(text)) {
					for _, own := range db.engine.ddl(statement) {
						if _, err := tx.ExecContext(ctx, own); err != nil && !db.engine.made(own, err) {
							return fmt.Errorf("%s: %w\n%s", name, err, own)
						}
					}
				}
				return nil
			}}, nil))
	}
	return steps, nil
}

// migrationNames maps version to file name: 0003_statuses.sql is version 3.
func migrationNames() (map[int64]string, error) {
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		return nil, err
	}
	names := map[int64]string{changesVersion: changesName}
	for _, f := range files {
		digits, _, _ := strings.Cut(path.Base(f.Name()), "_")
		version, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || names[version] != "" {
			return nil, fmt.Errorf("migration %s needs a number of its own", f.Name())
		}
		names[version] = f.Name()
	}
	return names, nil
}

// statements splits a migration at the semicolons that end a line; comment
// lines are dropped.
func statements(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), "--") {
			lines = append(lines, line)
		}
	}
	var all []string
	for part := range strings.SplitSeq(strings.Join(lines, ""), ";\n") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, strings.TrimSuffix(part, ";"))
		}
	}
	return all
}

// onlySQLite begins a statement that MySQL does not need.
const onlySQLite = "/* SQLite */"

var (
	tableName = regexp.MustCompile(`(?i)^CREATE TABLE IF NOT EXISTS (\w+)`)
	indexLine = regexp.MustCompile(`(?m),\s*INDEX (\w+) (\([^)]*\))`)
	idColumn  = regexp.MustCompile(`(?m)^(\s*)id ID\b`)
)

func (e *sqliteEngine) ddl(statement string) []string {
	table := tableName.FindStringSubmatch(statement)
	if table == nil {
		return []string{statement}
	}
	out := []string{""}
	for _, index := range indexLine.FindAllStringSubmatch(statement, -1) {
		out = append(out, "CREATE INDEX IF NOT EXISTS "+index[1]+" ON "+table[1]+" "+index[2])
	}
	statement = indexLine.ReplaceAllString(statement, "")
	out[0] = idColumn.ReplaceAllString(statement, "${1}id INTEGER PRIMARY KEY AUTOINCREMENT")
	return out
}

func (e *mysqlEngine) ddl(statement string) []string {
	if strings.HasPrefix(statement, onlySQLite) {
		return nil
	}
	if !tableName.MatchString(statement) {
		return []string{statement}
	}
	statement = strings.TrimSuffix(statement, " WITHOUT ROWID")
	return []string{idColumn.ReplaceAllString(statement, "${1}id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY") +
		" ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"}
}
