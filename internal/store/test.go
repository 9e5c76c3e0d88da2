package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// tester is what Test needs of *testing.T: the program itself must not carry
// the testing package.
type tester[T any] interface {
	Helper()
	Run(name string, f func(T)) bool
	Cleanup(f func())
	TempDir() string
	Fatalf(format string, args ...any)
	Skip(args ...any)
}

// TestServer names the environment variable with the driver's DSN of a MariaDB
// or MySQL server, without a database name, on which tests may create
// databases: root@unix(/tmp/my.sock)/ for example. `make test` sets it.
const TestServer = "CALLHUE_TEST_MYSQL"

// emptyFile is the SQLite file of a migrated database without a row. It is made once
// for all tests of a process: each of them begins with a copy.
var emptyFile = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "callhue-store")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	ctx, file := context.Background(), filepath.Join(folder, "empty.db")
	db, err := Open(ctx, "sqlite:"+file)
	if err != nil {
		return nil, err
	}
	// The last one to close moves the write-ahead log into the file.
	if err := errors.Join(db.Migrate(ctx), db.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// Test runs a test on a fresh, migrated database of each kind: as the subtest
// "sqlite", and as "mariadb" on the server that TestServer names. Without a
// server the second one is skipped with a message.
func Test[T tester[T]](t T, f func(t T, db *DB)) {
	t.Helper()
	t.Run("sqlite", func(t T) {
		file := filepath.Join(t.TempDir(), "test.db")
		empty, err := emptyFile()
		if err == nil {
			err = os.WriteFile(file, empty, 0o600)
		}
		if err != nil {
			t.Fatalf("copy an empty database to %s: %v", file, err)
		}
		f(t, openTest(t, "sqlite:"+file))
	})
	t.Run("mariadb", func(t T) { f(t, pooledMySQL(t)) })
}

// mysqlURL returns the address of a database on the server that TestServer names, or
// skips the test when it names none.
func mysqlURL[T tester[T]](t T, database string) string {
	t.Helper()
	server := os.Getenv(TestServer)
	if server == "" {
		t.Skip("no MariaDB: " + TestServer + " is not set (`make test` starts a server and sets it)")
	}
	bare, _, _ := strings.Cut(server, ")/")
	return "mysql://" + bare + ")/" + database
}

func openTest[T tester[T]](t T, url string) *DB {
	t.Helper()
	db, err := Open(context.Background(), url)
	if err != nil {
		t.Fatalf("open %s: %v", url, err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
