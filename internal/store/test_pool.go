package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"

	"github.com/jmoiron/sqlx"
)

// To migrate a database costs a MariaDB server as much as a whole small test, so the
// tests of all processes share a pool of migrated ones. A named lock of the server marks
// a used one; it goes with its connection, also when the process is killed. What the
// test before has left is removed at the start of the next one.

// schemaName distinguishes the migrations of one version of the program from those of another.
var schemaName = sync.OnceValues(func() (string, error) {
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, file := range files {
		text, err := migrations.ReadFile("migrations/" + file.Name())
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s %d %s", file.Name(), len(text), text)
	}
	return fmt.Sprintf("callhue_test_%x", sum.Sum(nil)[:4]), nil
})

// pooledMySQL opens a migrated database without a row for the length of a test.
func pooledMySQL[T tester[T]](t T) *DB {
	t.Helper()
	ctx := context.Background()
	p, err := takeMySQL(ctx, mysqlURL(t, "callhue"))
	if err != nil {
		t.Fatalf("take a test database: %v", err)
	}
	t.Cleanup(func() {
		if err := p.giveBack(ctx); err != nil {
			t.Fatalf("give %s back: %v", p.name, err)
		}
	})
	db := openTest(t, mysqlURL(t, p.name))
	if err := p.prepare(ctx, db); err != nil {
		t.Fatalf("prepare %s: %v", p.name, err)
	}
	return db
}

// pooled is a database of the pool while a test has it.
type pooled struct {
	name   string
	server *sqlx.DB // one connection, which holds the lock
	schema int64    // its checksum before the test
}

// takeMySQL locks the first free name. address is that of any database of the server.
func takeMySQL(ctx context.Context, address string) (*pooled, error) {
	prefix, err := schemaName()
	if err != nil {
		return nil, err
	}
	eng, err := engineOf(address)
	if err != nil {
		return nil, err
	}
	bare := eng.(*mysqlEngine).conf.Clone()
	bare.DBName = ""
	server, err := eng.(*mysqlEngine).connect(ctx, bare)
	if err != nil {
		return nil, err
	}
	server.SetMaxOpenConns(1)
	for n := 1; ; n++ {
		name := fmt.Sprintf("%s_%d", prefix, n)
		var free bool
		if err := server.GetContext(ctx, &free, "SELECT COALESCE(GET_LOCK(?, 0), 0)", name); err != nil {
			_ = server.Close()
			return nil, err
		}
		if free {
			return &pooled{name: name, server: server}, nil
		}
	}
}

// prepare migrates a new database and empties a used one.
func (p *pooled) prepare(ctx context.Context, db *DB) error {
	tables, err := p.tables(ctx)
	if err != nil {
		return err
	}
	if len(tables) == 0 {
		if err := db.Migrate(ctx); err != nil {
			return err
		}
		p.schema, err = p.sum(ctx)
		return err
	}
	if err := db.Migrated(ctx); err != nil { // its maker was killed half-way
		if err := db.Migrate(ctx); err != nil {
			return err
		}
	}
	for _, table := range tables {
		if table.Name == "goose_db_version" || !table.Used && !table.Counted {
			continue
		}
		if _, err := db.write.sqlx.ExecContext(ctx, "TRUNCATE TABLE `"+table.Name+"`"); err != nil {
			return err
		}
	}
	p.schema, err = p.sum(ctx)
	return err
}

// testTable is a table of a database of the pool.
type testTable struct {
	Name    string
	Counted bool // its automatic ids do not begin at 1
	Used    bool // it has rows
}

func (p *pooled) tables(ctx context.Context) ([]testTable, error) {
	var all []testTable
	rows, err := p.server.QueryContext(ctx, `SELECT table_name, COALESCE(auto_increment, 1) > 1
		FROM information_schema.tables WHERE table_schema = ? ORDER BY table_name`, p.name)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var exist []string
	for rows.Next() {
		var table testTable
		if err := rows.Scan(&table.Name, &table.Counted); err != nil {
			return nil, err
		}
		all = append(all, table)
		exist = append(exist, fmt.Sprintf("SELECT EXISTS (SELECT 1 FROM `%s`.`%s`)", p.name, table.Name))
	}
	if err := rows.Err(); err != nil || len(all) == 0 {
		return nil, err
	}
	var used []bool
	if err := p.server.SelectContext(ctx, &used, strings.Join(exist, " UNION ALL ")); err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Used = used[i]
	}
	return all, nil
}

// sum returns a checksum of all columns and keys and of the list of migrations.
func (p *pooled) sum(ctx context.Context) (sum int64, err error) {
	err = p.server.GetContext(ctx, &sum, `SELECT COALESCE(SUM(CRC32(CONCAT_WS(' ', table_name, column_name, column_type, is_nullable, column_key))), 0)
			+ (SELECT SUM(version_id * 1000 + is_applied) FROM `+"`"+p.name+"`"+`.goose_db_version)
		FROM information_schema.columns WHERE table_schema = ?`, p.name)
	return sum, err
}

// giveBack frees the database for the next test, and drops it when this one has changed
// its tables.
func (p *pooled) giveBack(ctx context.Context) error {
	defer p.server.Close()
	now, err := p.sum(ctx)
	if err == nil && now == p.schema {
		return nil
	}
	_, err = p.server.ExecContext(ctx, "DROP DATABASE IF EXISTS `"+p.name+"`")
	return err
}
