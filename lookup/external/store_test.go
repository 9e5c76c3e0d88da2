package external_test

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callhue/internal/store"
	"callhue/lookup/external"
	"callhue/lookup/query"
	"callhue/phone"
	"callhue/test/house"
)

// customer is a database with the tables of a customer's CRM.
type customer struct {
	*external.Database
	owner *sql.DB // who may write
}

// theirTables are the tables of the tests; the types differ on purpose from what we would choose.
var theirTables = []string{
	`CREATE TABLE managers (id INTEGER PRIMARY KEY, email VARCHAR(100))`,
	`CREATE TABLE clients (id INTEGER PRIMARY KEY, title VARCHAR(100), phone VARCHAR(20), digits BIGINT,
		manager INTEGER, state VARCHAR(20), created TIMESTAMP NULL)`,
	`INSERT INTO managers VALUES (1, 'ivanov')`,
	`INSERT INTO clients VALUES (7, 'Вектор', '84950000011', 74950000011, 1, 'В работе', '2026-01-02 03:04:05')`,
	`INSERT INTO clients VALUES (8, NULL, '4950000022', 74950000022, NULL, NULL, NULL)`,
	`INSERT INTO clients VALUES (9, 'Tail', '+7 (495) 000-00-33', NULL, 1, 'x', NULL)`,
}

// theirQuery is in words that all engines know.
const theirQuery = `SELECT c.id, c.title AS name, m.email AS owner, c.state AS status, c.created AS since -- :x
	FROM clients c LEFT JOIN managers m ON m.id = c.manager WHERE c.phone IN (:numbers)`

// withDatabases runs a test on each engine that is here. SQL Server is not: what we send there is tested by its text.
func withDatabases(t *testing.T, test func(t *testing.T, c *customer)) {
	for engine, open := range map[query.Engine]func(t *testing.T) *customer{
		query.SQLite: openSQLite, query.MySQL: openMySQL, query.PostgreSQL: openPostgreSQL,
	} {
		t.Run(string(engine), func(t *testing.T) {
			c := open(t)
			for _, statement := range theirTables {
				_, err := c.owner.Exec(statement)
				house.Must(t, err)
			}
			c.Query = theirQuery
			test(t, c)
		})
	}
}

func openSQLite(t *testing.T) *customer {
	file := filepath.Join(t.TempDir(), "the crm?.db")
	owner, err := sql.Open("sqlite", "file:"+strings.ReplaceAll(file, "?", "%3f"))
	house.Must(t, err)
	t.Cleanup(func() { _ = owner.Close() })
	return &customer{&external.Database{Engine: query.SQLite, Name: file}, owner}
}

func openMySQL(t *testing.T) *customer {
	server := os.Getenv("CALLHUE_TEST_MYSQL")
	if server == "" {
		t.Skip("no MariaDB: run under scripts/mariadb.sh")
	}
	root, err := sql.Open("mysql", server)
	house.Must(t, err)
	t.Cleanup(func() { _ = root.Close() })
	name := fmt.Sprintf("crm_%d", time.Now().UnixNano())
	for _, statement := range []string{"CREATE DATABASE " + name + " CHARACTER SET utf8mb4",
		"CREATE OR REPLACE USER reader_" + name[4:] + "@localhost IDENTIFIED BY 'readonly'",
		"GRANT SELECT, INSERT ON " + name + ".* TO reader_" + name[4:] + "@localhost"} {
		_, err := root.Exec(statement)
		house.Must(t, err)
	}
	t.Cleanup(func() { _, _ = root.Exec("DROP DATABASE " + name) })
	owner, err := sql.Open("mysql", server+name)
	house.Must(t, err)
	t.Cleanup(func() { _ = owner.Close() })
	_, socket, _ := strings.Cut(server, "unix(")
	socket, _, _ = strings.Cut(socket, ")")
	return &customer{&external.Database{Engine: query.MySQL, Host: socket, Name: name, User: "reader_" + name[4:],
		Password: "readonly"}, owner}
}

func openPostgreSQL(t *testing.T) *customer {
	folder := os.Getenv("CALLHUE_TEST_POSTGRES")
	if folder == "" {
		t.Skip("no PostgreSQL: run under scripts/postgres.sh")
	}
	at := func(name string) *sql.DB {
		db, err := sql.Open("pgx", "host="+folder+" user=postgres dbname="+name)
		house.Must(t, err)
		return db
	}
	root := at("postgres")
	t.Cleanup(func() { _ = root.Close() })
	name := fmt.Sprintf("crm_%d", time.Now().UnixNano())
	_, err := root.Exec("CREATE DATABASE " + name)
	house.Must(t, err)
	owner := at(name)
	t.Cleanup(func() {
		_ = owner.Close()
		_, _ = root.Exec("DROP DATABASE " + name + " WITH (FORCE)")
	})
	return &customer{&external.Database{Engine: query.PostgreSQL, Host: folder, Name: name, User: "postgres"}, owner}
}

// ask asks the customer's database for a number, and returns the code of what went wrong.
func (c *customer) ask(t *testing.T, number string) ([]external.Row, string) {
	t.Helper()
	a, err := external.NewDatabase(*c.Database)
	house.Must(t, err)
	defer a.Close()
	plan, err := phone.NewPlan("RU", "495")
	house.Must(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	rows, err := a.Ask(ctx, query.SpellingsOf(plan, plan.Parse(number).Key(), ""), nil)
	return rows, external.CodeOf(err)
}

func TestADatabaseIsAsked(t *testing.T) {
	withDatabases(t, func(t *testing.T, c *customer) {
		rows, why := c.ask(t, "+7 495 000-00-11")
		want := []external.Row{{external.ID: "7", external.Name: "Вектор", external.Owner: "ivanov",
			external.Status: "В работе", external.Since: "2026-01-02T03:04:05Z"}}
		if diff := cmp.Diff(want, rows); diff != "" || why != "" {
			t.Errorf("%s %s", why, diff)
		}
		rows, why = c.ask(t, "+7 495 000-00-22") // a row of NULLs but for its id
		if diff := cmp.Diff([]external.Row{{external.ID: "8"}}, rows); diff != "" || why != "" {
			t.Errorf("%s %s", why, diff)
		}
		if rows, why = c.ask(t, "+7 495 000-00-99"); why != "" || len(rows) != 0 {
			t.Errorf("an unknown number: %v %s", rows, why)
		}
	})
}

func TestANumberMayBeANumberOrATail(t *testing.T) {
	withDatabases(t, func(t *testing.T, c *customer) {
		c.Query = "SELECT id, title AS name FROM clients WHERE digits = :digits"
		if rows, why := c.ask(t, "+7 495 000-00-11"); why != "" || len(rows) != 1 {
			t.Errorf("a column of numbers: %v %s", rows, why)
		}
		c.Query = "SELECT id FROM clients " +
			"WHERE REPLACE(REPLACE(REPLACE(REPLACE(phone, ' ', ''), '-', ''), '(', ''), ')', '') LIKE :e164"
		if rows, why := c.ask(t, "+7 495 000-00-33"); why != "" || len(rows) != 1 {
			t.Errorf("a number as people write it: %v %s", rows, why)
		}
	})
}

func TestColumnsAreMapped(t *testing.T) {
	withDatabases(t, func(t *testing.T, c *customer) {
		c.Query = "SELECT id AS cid, title FROM clients WHERE phone = :national"
		c.Fields = external.Mapping{external.ID: "CID", external.Name: "title", external.Kind: "=lead",
			external.Status: "=IN_WORK"}
		rows, why := c.ask(t, "+7 495 000-00-11")
		want := []external.Row{{external.Kind: "lead", external.ID: "7", external.Name: "Вектор",
			external.Status: "IN_WORK"}}
		if diff := cmp.Diff(want, rows); diff != "" || why != "" {
			t.Errorf("%s %s", why, diff)
		}
		c.Fields[external.Owner] = "manager_name"
		if _, why := c.ask(t, "+7 495 000-00-11"); why != "column" {
			t.Errorf("a column that is not there: %q", why)
		}
	})
}

// TestFailuresAreNoUnknownNumbers goes through what goes wrong with a database.
func TestFailuresAreNoUnknownNumbers(t *testing.T) {
	withDatabases(t, func(t *testing.T, c *customer) {
		for text, want := range map[string]string{
			"SELECT id FROM no_such_table WHERE phone = :number":                    "query",
			"SELECT no_such_column AS id FROM clients WHERE phone = :number":        "query",
			"SELECT state FROM clients WHERE phone = :national":                     "column",
			"SELECT id, state AS kind FROM clients WHERE phone = :national":         "row",
			"SELECT a.id FROM " + many + " WHERE '1' <> :number":                    "rows",
			"SELECT id, 'companies' AS kind FROM clients WHERE phone IN (:numbers)": "row",
		} {
			c.Query = text
			if _, why := c.ask(t, "+7 495 000-00-11"); why != want {
				t.Errorf("%s: %q, want %s", text, why, want)
			}
		}
	})
}

// many are more rows than any number has.
const many = "clients a, clients b, clients c, clients d, clients e"

// TestTheSessionIsReadOnly: even a query that gets past our check writes nothing, although the user may. The check
// refuses these texts, so they are sent past it.
func TestTheSessionIsReadOnly(t *testing.T) {
	withDatabases(t, func(t *testing.T, c *customer) {
		err := external.ExecForTest(t, *c.Database, "INSERT INTO managers VALUES (2, 'written')")
		if why := external.CodeOf(err); why != "read_only" {
			t.Errorf("a write: %v", err)
		}
		var n int
		house.Must(t, c.owner.QueryRow("SELECT COUNT(*) FROM managers").Scan(&n))
		if n != 1 {
			t.Error("it was written")
		}
	})
}

func TestAFunctionThatWritesIsStoppedByTheSession(t *testing.T) {
	c := openPostgreSQL(t)
	for _, statement := range append(theirTables, `CREATE FUNCTION innocent(text) RETURNS int LANGUAGE sql AS
		$$ INSERT INTO managers VALUES (99, $1) RETURNING id $$`) {
		_, err := c.owner.Exec(statement)
		house.Must(t, err)
	}
	c.Query = "SELECT innocent(:number) AS id"
	if _, why := c.ask(t, "+7 495 000-00-11"); why != "read_only" {
		t.Errorf("got %q", why)
	}
}

func TestADatabaseThatIsNotThere(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	house.Must(t, err)
	dead := listener.Addr().String()
	house.Must(t, listener.Close())
	for _, d := range []external.Database{
		{Engine: query.MySQL, Host: dead, Name: "crm"},
		{Engine: query.PostgreSQL, Host: dead, Name: "crm", User: "x"},
		{Engine: query.SQLServer, Host: dead, Name: "crm", User: "x", Password: "y;z&w"},
		{Engine: query.SQLite, Name: filepath.Join(t.TempDir(), "none.db")},
	} {
		d.Query = theirQuery
		c := &customer{Database: &d}
		if _, why := c.ask(t, "+7 495 000-00-11"); why != "unreachable" {
			t.Errorf("%s: %q", d.Engine, why)
		}
	}
}

// TestADatabaseThatTalksNonsense connects to a server that is no database, and to one that says nothing.
func TestADatabaseThatTalksNonsense(t *testing.T) {
	for _, says := range []string{"HTTP/1.1 400 Bad Request\r\n\r\n", "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09"} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		house.Must(t, err)
		defer listener.Close()
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				_, _ = conn.Write([]byte(says))
				_ = conn.Close()
			}
		}()
		for _, engine := range []query.Engine{query.MySQL, query.PostgreSQL, query.SQLServer} {
			d := external.Database{Engine: engine, Host: listener.Addr().String(), Name: "crm", User: "x",
				Query: theirQuery}
			c := &customer{Database: &d}
			if rows, why := c.ask(t, "+7 495 000-00-11"); why == "" || rows != nil {
				t.Errorf("%s: %v %q", engine, rows, why)
			}
		}
	}
}

func TestWhatIsSentToSQLServer(t *testing.T) {
	s, err := query.Parse(query.SQLServer,
		"SELECT TOP 50 [id], [name] FROM [dbo].[clients] WHERE [phone] IN (:numbers)")
	house.Must(t, err)
	if want := "SELECT TOP 50 [id], [name] FROM [dbo].[clients] WHERE [phone] IN (@p1, @p2, @p3, @p4)"; s.Text != want {
		t.Errorf("got %s", s.Text)
	}
	for _, encryption := range []external.TLS{external.TLSOff, external.TLSVerified, external.TLSUnverified} {
		_, err := external.NewDatabase(external.Database{Engine: query.SQLServer, Host: `db.example`, Name: "a b",
			User: `dom\user`, Password: `p;w&=?`, TLS: encryption, Query: theirQuery})
		house.Must(t, err)
	}
}

func TestOurOwnDatabaseIsNotAsked(t *testing.T) {
	file := filepath.Join(t.TempDir(), "callhue.db")
	db, err := store.Open(t.Context(), "sqlite:"+file)
	house.Must(t, err)
	house.Must(t, db.Migrate(t.Context()))
	house.Must(t, db.Close())
	c := &customer{Database: &external.Database{Engine: query.SQLite, Name: file,
		Query: "SELECT id, login AS name FROM users WHERE login <> :number"}}
	if rows, why := c.ask(t, "+7 495 000-00-11"); why != "access" || rows != nil {
		t.Errorf("%v %q", rows, why)
	}
}
