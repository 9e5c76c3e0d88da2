package external

import (
	"context"
	"crypto/tls"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	mssql "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"
	"modernc.org/sqlite"

	"callhue/lookup/query"
)

// Database is where a customer's tables are.
type Database struct {
	Engine   query.Engine
	Host     string // host or host:port; a path begins a unix socket. Empty for SQLite
	Name     string // of the database; the file of SQLite
	User     string
	Password string
	TLS      TLS
	Query    string
	Fields   Mapping
}

// TLS is how a connection is protected.
type TLS string

// The ways; the zero value is off.
const (
	TLSOff        TLS = "off"
	TLSVerified   TLS = "on"         // the server's certificate is checked
	TLSUnverified TLS = "unverified" // encrypted, the certificate is not checked
)

// Bounds of the connections to one database.
const (
	maxConnections = maxAsked
	idleFor        = 2 * time.Minute
	lifeOfOne      = 10 * time.Minute
	dialTimeout    = 2 * time.Second
)

// database asks a customer's tables.
type database struct {
	Database
	statement *query.Statement
	pool      *sql.DB

	mu       sync.Mutex
	prepared *sql.Stmt
}

// NewDatabase returns what asks a database. It opens no connection yet. The faults are those of query.Parse, and
// invalid of "host" or "database".
func NewDatabase(d Database) (Asker, error) {
	statement, err := query.Parse(d.Engine, d.Query)
	if err != nil {
		return nil, err
	}
	connector, err := d.connector()
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(connector)
	pool.SetMaxOpenConns(maxConnections)
	pool.SetMaxIdleConns(maxConnections / 2)
	pool.SetConnMaxIdleTime(idleFor)
	pool.SetConnMaxLifetime(lifeOfOne)
	return &database{Database: d, statement: statement, pool: pool}, nil
}

// Close ends the connections.
func (d *database) Close() error { return d.pool.Close() }

// Ask runs the query.
func (d *database) Ask(ctx context.Context, spell query.Spellings, watch *Watch) ([]Row, error) {
	rows, err := d.run(ctx, spell)
	if err != nil {
		return nil, databaseFault(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, databaseFault(err)
	}
	places, err := d.Fields.columns(columns)
	if err != nil {
		return nil, err
	}
	watch.columns(columns)
	var found []Row
	for rows.Next() {
		if len(found) == maxRows {
			return nil, failed(codeTooMany, nil)
		}
		values, err := scan(rows, len(columns))
		if err != nil {
			return nil, databaseFault(err)
		}
		watch.row(values)
		found = append(found, d.Fields.row(values, places))
	}
	if err := rows.Err(); err != nil {
		return nil, databaseFault(err)
	}
	return usable(found)
}

// run sends the query. MySQL and SQL Server take one round trip for a statement that is prepared; pgx keeps its own.
func (d *database) run(ctx context.Context, spell query.Spellings) (*sql.Rows, error) {
	values := d.statement.Args(spell)
	args := make([]any, len(values))
	for i, value := range values {
		args[i] = value
		if d.Engine == query.SQLServer {
			args[i] = mssql.VarChar(value) // an nvarchar would keep the server from its index on a varchar column
		}
	}
	if d.Engine == query.PostgreSQL {
		return d.pool.QueryContext(ctx, d.statement.Text, args...)
	}
	prepared, err := d.prepare(ctx)
	if err != nil {
		return nil, err
	}
	return prepared.QueryContext(ctx, args...)
}

func (d *database) prepare(ctx context.Context) (*sql.Stmt, error) {
	d.mu.Lock()
	known := d.prepared
	d.mu.Unlock()
	if known != nil {
		return known, nil
	}
	made, err := d.pool.PrepareContext(ctx, d.statement.Text) // not under the lock: a server may hang
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.prepared != nil {
		_ = made.Close()
	} else {
		d.prepared = made
	}
	return d.prepared, nil
}

// columns returns where each field stands among the columns of an answer, -1 for nowhere.
func (m Mapping) columns(names []string) (map[Field]int, error) {
	places := map[Field]int{}
	for _, field := range Fields() {
		if _, is := m.constant(field); is {
			continue
		}
		at, chosen := m.place(field)
		for i, name := range names {
			if strings.EqualFold(name, at) {
				places[field] = i
			}
		}
		if _, found := places[field]; !found && chosen {
			return nil, failed(codeColumn, errors.New("there is no column "+at))
		}
	}
	_, hasID := places[ID]
	_, hasName := places[Name]
	if !hasID && !hasName {
		return nil, failed(codeColumn, errors.New("there is neither a column id nor a column name"))
	}
	return places, nil
}

// scan returns the texts of a row.
func scan(rows *sql.Rows, columns int) ([]string, error) {
	values := make([]any, columns)
	into := make([]any, columns)
	for i := range values {
		into[i] = &values[i]
	}
	if err := rows.Scan(into...); err != nil {
		return nil, err
	}
	texts := make([]string, columns)
	for i, value := range values {
		texts[i] = textOf(value)
	}
	return texts, nil
}

// row returns the fields in the texts of a row.
func (m Mapping) row(texts []string, places map[Field]int) Row {
	row := Row{}
	for _, field := range Fields() {
		if value, is := m.constant(field); is {
			row.set(field, value)
		} else if at, found := places[field]; found {
			row.set(field, texts[at])
		}
	}
	return row
}

// textOf returns the text of a value as drivers return it; "" for NULL.
func textOf(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case []byte:
		return string(v)
	case string:
		return v
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return fmt.Sprint(value)
}

// connector returns what opens connections, each of them for reading only.
func (d *Database) connector() (driver.Connector, error) {
	switch d.Engine {
	case query.MySQL:
		return d.mysql()
	case query.PostgreSQL:
		return d.postgresql()
	case query.SQLServer:
		return d.sqlserver()
	}
	return d.sqlite()
}

// mysql: sessions of MySQL and MariaDB are made read-only by a statement, since the variable behind it has had
// different names. The limit of time is MariaDB's; MySQL has another name for it, and one of the two is refused.
func (d *Database) mysql() (driver.Connector, error) {
	cfg := mysql.NewConfig()
	cfg.User, cfg.Passwd, cfg.DBName = d.User, d.Password, d.Name
	cfg.Net, cfg.Addr = "tcp", withPort(d.Host, "3306")
	if strings.HasPrefix(d.Host, "/") {
		cfg.Net, cfg.Addr = "unix", d.Host
	}
	cfg.ParseTime, cfg.Timeout = true, dialTimeout
	cfg.Logger = silent{}
	if d.TLS == TLSVerified || d.TLS == TLSUnverified {
		cfg.TLS = d.tls()
	}
	inner, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	limit := (patience + time.Second).Milliseconds()
	return &reading{inner, []string{"SET SESSION TRANSACTION READ ONLY"}, []string{
		"SET SESSION max_statement_time = " + strconv.FormatFloat(float64(limit)/1000, 'f', -1, 64),
		"SET SESSION max_execution_time = " + strconv.FormatInt(limit, 10),
	}}, nil
}

// silent drops what a driver wants to print: it may contain addresses.
type silent struct{}

func (silent) Print(...any) {}

func (d *Database) postgresql() (driver.Connector, error) {
	cfg, err := pgx.ParseConfig("sslmode=disable")
	if err != nil {
		return nil, err
	}
	host, port := d.Host, "5432"
	if strings.HasPrefix(host, "/") { // the folder of the socket, or the socket itself
		if folder, number, is := strings.Cut(host, "/.s.PGSQL."); is {
			host, port = folder, number
		}
	} else if h, p, err := net.SplitHostPort(host); err == nil {
		host, port = h, p
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, err
	}
	cfg.Host, cfg.Port = host, uint16(number)
	cfg.User, cfg.Password, cfg.Database = d.User, d.Password, d.Name
	cfg.ConnectTimeout = dialTimeout
	cfg.Fallbacks = nil
	cfg.TLSConfig = nil
	if d.TLS == TLSVerified || d.TLS == TLSUnverified {
		cfg.TLSConfig = d.tls()
	}
	cfg.RuntimeParams = map[string]string{
		"application_name":              "callhue",
		"default_transaction_read_only": "on",
		"statement_timeout":             strconv.FormatInt((patience + time.Second).Milliseconds(), 10),
	}
	return stdlib.GetConnector(*cfg), nil
}

// sqlserver has no sessions that can only read. The intent is heeded by availability groups alone: what protects the
// data are the check of the query and the rights of the user.
func (d *Database) sqlserver() (driver.Connector, error) {
	host, port := d.Host, "1433"
	if h, p, err := net.SplitHostPort(host); err == nil {
		host, port = h, p
	}
	u := url.URL{Scheme: "sqlserver", User: url.UserPassword(d.User, d.Password), Host: net.JoinHostPort(host, port)}
	values := url.Values{"database": {d.Name}, "ApplicationIntent": {"ReadOnly"}, "app name": {"callhue"},
		"dial timeout": {strconv.Itoa(int(dialTimeout.Seconds()))}}
	switch d.TLS {
	case TLSVerified:
		values.Set("encrypt", "true")
	case TLSUnverified:
		values.Set("encrypt", "true")
		values.Set("TrustServerCertificate", "true")
	default:
		values.Set("encrypt", "disable")
	}
	u.RawQuery = values.Encode()
	cfg, err := msdsn.Parse(u.String())
	if err != nil {
		return nil, errors.New("the address of the server cannot be read") // the driver's error has the password in it
	}
	return mssql.NewConnectorConfig(cfg), nil
}

// sqlite opens the file read-only, and the connection refuses to write besides.
func (d *Database) sqlite() (driver.Connector, error) {
	u := url.URL{Scheme: "file", Opaque: url.PathEscape(d.Name)}
	u.Opaque = strings.ReplaceAll(u.Opaque, "%2F", "/")
	u.RawQuery = url.Values{"mode": {"ro"}, "_pragma": {"query_only(1)", "busy_timeout(200)"}}.Encode()
	return &opener{driver: &sqlite.Driver{}, name: u.String()}, nil
}

func (d *Database) tls() *tls.Config {
	host := d.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host, InsecureSkipVerify: d.TLS == TLSUnverified}
}

func withPort(host, port string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return host
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), port)
}

// opener is the connector of a driver that has none.
type opener struct {
	driver driver.Driver
	name   string
}

// errOurs refuses a database of our own: its secrets are not to be asked for by a query of a source.
var errOurs = errors.New("this is a database of Callhue")

// Connect opens a connection.
func (o *opener) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := o.driver.Open(o.name)
	if err != nil {
		return nil, err
	}
	if isOurs(ctx, conn) {
		return nil, errors.Join(errOurs, conn.Close())
	}
	return conn, nil
}

// isOurs reports whether a file of SQLite has our tables: it may be the one that this server works on, or a copy.
func isOurs(ctx context.Context, conn driver.Conn) bool {
	asker, ok := conn.(driver.QueryerContext)
	if !ok {
		return true
	}
	const text = "SELECT name FROM sqlite_master WHERE name IN ('goose_db_version', 'external_ids', 'call_claims')"
	rows, err := asker.QueryContext(ctx, text, nil)
	if err != nil {
		return false // it is no database; the query fails as well
	}
	defer rows.Close()
	found := 0
	for value := make([]driver.Value, 1); rows.Next(value) == nil; {
		found++
	}
	return found == 3
}

// Driver returns the driver.
func (o *opener) Driver() driver.Driver { return o.driver }

// reading runs statements on each new connection: all of first, and those of then that the server knows.
type reading struct {
	driver.Connector
	first, then []string
}

// Connect opens a connection and makes it read-only.
func (r *reading) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := r.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	run, ok := conn.(driver.ExecerContext)
	if !ok {
		return nil, errors.Join(driver.ErrSkip, conn.Close())
	}
	for _, statement := range r.first {
		if _, err := run.ExecContext(ctx, statement, nil); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	for _, statement := range r.then {
		if _, err := run.ExecContext(ctx, statement, nil); err == nil {
			break
		}
	}
	return conn, nil
}
