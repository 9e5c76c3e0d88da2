// Package query reads what an administrator writes to ask their own system whose a number is: a query of SQL with
// :number in it, or the template of an HTTP request with {number}.
//
// Parse turns a query into a statement of one database engine, with the engine's own placeholders; values never become
// a part of the text. It refuses what could write. That check is the first of three: sessions are read-only where the
// engine has such a thing, and the recipes make a database user who may only read.
//
// The package does no I/O. Read next: scan.go, guard.go, spelling.go, template.go.
package query

import (
	"strconv"
	"strings"

	"callhue/internal/fault"
)

// Engine is the kind of a database.
type Engine string

// The engines.
const (
	MySQL      Engine = "mysql" // MariaDB too
	PostgreSQL Engine = "postgresql"
	SQLServer  Engine = "sqlserver"
	SQLite     Engine = "sqlite"
)

// Engines returns the names of all engines.
func Engines() []string {
	return []string{string(MySQL), string(PostgreSQL), string(SQLServer), string(SQLite)}
}

// MaxLength is the longest query in bytes.
const MaxLength = 8000

// Statement is a query in the words of an engine.
type Statement struct {
	Text  string
	Names []string // of the spelling that each placeholder stands for, in order
}

// Args returns the values of the placeholders.
func (s *Statement) Args(spell Spellings) []string {
	args := make([]string, len(s.Names))
	for i, name := range s.Names {
		args[i] = spell.nth(name)
	}
	return args
}

// Parse reads a query. The fault is invalid, of the field "query": required, too_long, not_a_select,
// several_statements, could_write, unclosed_quote, ambiguous_quote, ambiguous_comment, unknown_placeholder,
// quoted_placeholder, no_number. Its argument "word" is the word that is refused.
func Parse(engine Engine, text string) (*Statement, error) {
	switch {
	case strings.TrimSpace(text) == "":
		return nil, refuse("required", "")
	case len(text) > MaxLength:
		return nil, refuse("too_long", "")
	}
	tokens, err := scan(engine, text)
	if err != nil {
		return nil, err
	}
	if err := checkReadOnly(tokens); err != nil {
		return nil, err
	}
	return translate(engine, tokens)
}

// translate writes the query with the placeholders of the engine. Comments are left out: some engines read them.
func translate(engine Engine, tokens []token) (*Statement, error) {
	var to strings.Builder
	s := &Statement{}
	for _, t := range tokens {
		switch t.kind {
		case isComment:
			to.WriteByte(' ')
		case isEnd: // of the statement; nothing stands behind it
		case isPlaceholder:
			names, err := placeholders(t.text)
			if err != nil {
				return nil, err
			}
			for i, name := range names {
				if i > 0 {
					to.WriteString(", ")
				}
				s.Names = append(s.Names, name)
				to.WriteString(mark(engine, len(s.Names)))
			}
		default:
			to.WriteString(t.text)
		}
	}
	if len(s.Names) == 0 {
		return nil, refuse("no_number", "")
	}
	s.Text = strings.TrimSpace(to.String())
	return s, nil
}

// placeholders returns the names of the values that one placeholder of the text stands for.
func placeholders(name string) ([]string, error) {
	if name == nameAll {
		var all []string
		for n := range listed {
			all = append(all, nameAll+strconv.Itoa(n))
		}
		return all, nil
	}
	if !isSpelling(name) {
		return nil, refuse("unknown_placeholder", ":"+name)
	}
	return []string{name}, nil
}

// mark returns the n-th placeholder of a statement, counted from 1. Each has a number of its own: a server that infers
// types may infer another one at each place.
func mark(engine Engine, n int) string {
	switch engine {
	case PostgreSQL:
		return "$" + strconv.Itoa(n)
	case SQLServer:
		return "@p" + strconv.Itoa(n)
	}
	return "?"
}

// refuse returns the fault of a query.
func refuse(code, word string) error {
	f := fault.Invalid("query", code)
	if word != "" {
		f = f.With("word", word)
	}
	return f
}
