package external

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	mssql "github.com/microsoft/go-mssqldb"
	"modernc.org/sqlite"
)

// databaseFault returns the fault of a driver's error.
func databaseFault(err error) error {
	return failed(databaseCode(err), err)
}

func databaseCode(err error) string {
	var (
		my    *mysql.MySQLError
		pg    *pgconn.PgError
		ms    mssql.Error
		lite  *sqlite.Error
		netOp net.Error
		dial  *pgconn.ConnectError
	)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return codeTimeout
	case errors.Is(err, errOurs):
		return codeRefused
	case errors.As(err, &my):
		return mysqlCode(my.Number)
	case errors.As(err, &pg):
		return postgresCode(pg.Code)
	case errors.As(err, &ms):
		return sqlserverCode(ms.Number)
	case errors.As(err, &lite):
		return sqliteCode(lite)
	case errors.As(err, &netOp), errors.As(err, &dial), errors.Is(err, io.EOF),
		errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, mysql.ErrInvalidConn):
		return codeUnreachable
	}
	return codeFailed
}

func mysqlCode(number uint16) string {
	switch number {
	case 1044, 1045, 1142, 1143, 1227, 1370, 1698:
		return codeRefused
	case 1054, 1064, 1146, 1305, 1049, 1109, 1052:
		return codeQuery
	case 1792, 1290:
		return codeReadOnly
	case 1317, 1969, 3024:
		return codeTimeout
	case 1040, 1203, 1226:
		return codeBusy
	}
	return codeFailed
}

func postgresCode(state string) string {
	switch {
	case state == "25006":
		return codeReadOnly
	case state == "57014":
		return codeTimeout
	case state == "42501", strings.HasPrefix(state, "28"):
		return codeRefused
	case strings.HasPrefix(state, "42"), strings.HasPrefix(state, "3D"), strings.HasPrefix(state, "22"):
		return codeQuery
	case strings.HasPrefix(state, "53"):
		return codeBusy
	case strings.HasPrefix(state, "08"), strings.HasPrefix(state, "57"):
		return codeUnreachable
	}
	return codeFailed
}

func sqlserverCode(number int32) string {
	switch number {
	case 18456, 229, 230, 916, 4060:
		return codeRefused
	case 102, 105, 156, 207, 208, 209, 195, 4104, 245, 8114:
		return codeQuery
	case 3906:
		return codeReadOnly
	case 1222:
		return codeTimeout
	}
	return codeFailed
}

func sqliteCode(err *sqlite.Error) string {
	const (
		wrong    = 1  // SQLITE_ERROR
		busy     = 5  // SQLITE_BUSY
		readOnly = 8  // SQLITE_READONLY
		cannot   = 14 // SQLITE_CANTOPEN
		notA     = 26 // SQLITE_NOTADB
	)
	switch err.Code() & 0xFF {
	case wrong:
		return codeQuery
	case busy:
		return codeBusy
	case readOnly:
		return codeReadOnly
	case cannot, notA:
		return codeUnreachable
	}
	return codeFailed
}
