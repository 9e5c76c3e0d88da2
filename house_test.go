package callhue_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// packages is the plan of docs/house.md: each package with its level and the packages that it may import. Levels 0 to 3
// are open to every package above them; any other import is a decision and is listed here. cmd/callhue may import all.
var packages = map[string]struct {
	level   int
	imports string
}{
	"phone": {1, ""}, "rules": {1, ""}, "internal/fault": {0, ""}, "internal/text": {0, ""}, "internal/paging": {1, ""},
	"internal/budget": {0, ""},
	"test/house":      {6, "crm staff statuses"}, // the organisation that tests start from; no part of the product
	"test/oracle":     {1, ""},                   // a second reading of the rules, for tests; no part of the product
	"internal/store":  {2, ""}, "internal/web": {2, "ui"}, "internal/access": {1, ""}, "ui": {0, ""},
	"internal/secrets": {2, ""},
	"journal":          {3, ""}, "internal/jobs": {3, ""},
	"assistants": {4, ""}, // the public API is all that it uses
	"staff":      {4, ""}, "statuses": {4, ""}, "webhooks/dialects/mapping": {8, "calls"},
	"webhooks/esl": {9, "calls webhooks/dialects/mapping"}, "webhooks/threecx": {8, "calls"},
	"crm":           {5, "staff statuses"},
	"workforce/kpi": {5, "staff"},
	// statuses: a match carries its status as the directory has it in memory
	"lookup":       {6, "crm statuses"},
	"lookup/query": {2, ""}, // what an administrator writes to ask their own system; dialects check it too
	// staff, statuses: owners and statuses elsewhere become those here; mapping: paths of JSON
	"lookup/external":  {9, "lookup lookup/query staff statuses webhooks/dialects/mapping"},
	"permits":          {6, "crm staff"},
	"internal/live":    {5, "staff"},
	"importexport":     {6, "crm staff statuses"},
	"crmsync":          {6, "crm staff statuses"},
	"crmsync/bitrix24": {7, "crmsync crm"},
	"crmsync/amocrm":   {7, "crmsync crm"},
	// a dry run tries other effects of statuses
	"policy":    {5, "staff statuses"},
	"proposals": {5, "staff"},            // who is an administrator, and whether two of them are two people
	"incidents": {6, "crm staff policy"}, // policy: who is notified of an incident
	// crm: the client page and what is related to a caller
	"calls":             {7, "lookup permits incidents policy staff crm"},
	"crmsync/calllog":   {8, "calls crm crmsync"},
	"webhooks/ami":      {8, "calls"},
	"webhooks/dialects": {9, "calls crm crmsync crmsync/amocrm lookup/query webhooks/ami webhooks/dialects/mapping"},
	// lookup/external: the page of a source shows how a lookup source is doing
	"webhooks/sources": {10, "calls lookup/external webhooks/dialects"},
	"webhooks": {11,
		"calls crm staff statuses lookup lookup/external crmsync crmsync/bitrix24 crmsync/amocrm crmsync/calllog " +
			"webhooks/ami webhooks/dialects " +
			"webhooks/dialects/mapping webhooks/esl webhooks/sources webhooks/threecx"},
	"outhooks":              {8, "staff crm"},          // subscribing is an admin's right; external ids of clients
	"cmd/callhue/demo":      {8, "crm staff statuses"}, // makes the demo world through their doors
	"crmsync/bitrix24app":   {12, "webhooks calls staff permits crmsync/bitrix24"},
	"test/fakecrm":          {13, ""}, // plays CRMs for tests: runs the two below
	"test/fakecrm/bitrix24": {1, ""},  // a Bitrix24 portal for tests; no part of the product
	"test/fakecrm/amocrm":   {1, ""},  // an amoCRM account for tests
	"cmd/callhue":           {13, ""},
	"test/bench":            {13, ""}, // joins the packages as cmd/callhue does, and measures them
}

// furniture is which files may have these imports. Tests may have any.
var furniture = []struct {
	module, why string
	may         func(pkg, file string) bool
}{
	{"github.com/gofiber/fiber", "fiber belongs into internal/web/ and http.go",
		func(pkg, file string) bool { return pkg == "internal/web" || strings.HasPrefix(file, "http") }},
	{"github.com/jmoiron/sqlx", "SQL is opened in internal/store only",
		func(pkg, _ string) bool { return pkg == "internal/store" }},
	{"database/sql", "SQL is opened in internal/store only", func(pkg, file string) bool {
		return pkg == "internal/store" || pkg == "test/bench" && file == "driver.go" ||
			pkg == "lookup/external" && strings.HasPrefix(file, "store") // a customer's database, which is not ours
	}},
}

var emptyNames = strings.Fields("common handler handlers helper helpers impl manager misc models service services shared types util utils")

func TestHouse(t *testing.T) {
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && (name == "node_modules" || name == "testdata" ||
			(name[0] == '.' && name != ".")) {
			return fs.SkipDir
		}
		if strings.HasSuffix(file, ".go") && path.Dir(filepath.ToSlash(file)) != "." {
			inspect(t, filepath.ToSlash(file))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// inspect reports what is wrong with one file, a line each. Tests may import
// anything.
func inspect(t *testing.T, file string) {
	pkg, name := path.Dir(file), path.Base(file)
	if _, known := packages[pkg]; !known {
		t.Errorf("%s: docs/house.md has no package %s", file, pkg)
	}
	if slices.Contains(emptyNames, path.Base(pkg)) {
		t.Errorf("%s: %s is no noun of the product", file, path.Base(pkg))
	}
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Error(err)
		return
	}
	for _, at := range returnedTooEarly(parsed) {
		t.Errorf("%s: returns a variable beside the call that fills it; Go does not say which comes first",
			files.Position(at))
	}
	if strings.HasSuffix(name, "_test.go") {
		return
	}
	if !strings.HasPrefix(name, "store") && pkg != "internal/store" && !strings.HasPrefix(pkg, "test/") {
		for _, at := range sqlIn(parsed) {
			t.Errorf("%s: SQL stands in store.go or store_*.go", files.Position(at))
		}
	}
	if !strings.HasPrefix(name, "http") && pkg != "internal/web" {
		for _, at := range handlersIn(parsed) {
			t.Errorf("%s: handlers and routes stand in http.go or http_*.go", files.Position(at))
		}
	}
	for _, spec := range parsed.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value) // it was parsed
		for _, f := range furniture {
			if (imported == f.module || strings.HasPrefix(imported, f.module+"/")) && !f.may(pkg, name) {
				t.Errorf("%s: imports %s: %s", file, imported, f.why)
			}
		}
		if other, ours := strings.CutPrefix(imported, "callhue/"); ours && !mayImport(pkg, other) {
			t.Errorf("%s: %s (level %d) may not import %s (level %d)", file, pkg, packages[pkg].level, other,
				packages[other].level)
		}
	}
}

func mayImport(pkg, other string) bool {
	here, there := packages[pkg], packages[other]
	open := there.level <= 3 && other != "ui" || here.level == 13
	return there.level < here.level && (open || slices.Contains(strings.Fields(here.imports), other))
}

var sqlStatement = regexp.MustCompile(`^\s*(SELECT .* FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM|CREATE TABLE|ALTER TABLE|DROP TABLE)\b`)

// sqlIn finds the string literals of a file that begin like a statement of SQL.
func sqlIn(file *ast.File) (at []token.Pos) {
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil && sqlStatement.MatchString(text) {
				at = append(at, lit.Pos())
			}
		}
		return true
	})
	return at
}

// handlersIn finds the functions of a file that take a *web.Request or return routes.
func handlersIn(file *ast.File) (at []token.Pos) {
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if takes(f.Type.Params, "Request") || f.Name.Name == "Routes" && takes(f.Type.Results, "Route") {
			at = append(at, f.Pos())
		}
	}
	return at
}

// takes reports whether a list of parameters or results has package web's type of this name, a pointer to it or a slice
// of it.
func takes(fields *ast.FieldList, name string) bool {
	if fields == nil {
		return false
	}
	for _, f := range fields.List {
		typ := f.Type
		switch of := typ.(type) {
		case *ast.StarExpr:
			typ = of.X
		case *ast.ArrayType:
			typ = of.Elt
		}
		of, ok := typ.(*ast.SelectorExpr)
		if !ok || of.Sel.Name != name {
			continue
		}
		if pkg, ok := of.X.(*ast.Ident); ok && pkg.Name == "web" {
			return true
		}
	}
	return false
}

func TestSQLAndHandlersAreFound(t *testing.T) {
	const text = `package p
import "callhue/internal/web"
func (x *X) Routes() []web.Route { return nil }
func show(r *web.Request, in int) error { return nil }
func plain(in int) string { return "SELECT a FROM b" + "select a drink" + "UPDATE b SET a = 1" + "Update it." }
`
	file, err := parser.ParseFile(token.NewFileSet(), "", text, 0)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(sqlIn(file)); n != 2 {
		t.Errorf("found %d statements, want 2", n)
	}
	if n := len(handlersIn(file)); n != 2 {
		t.Errorf("found %d handlers, want 2", n)
	}
}

// returnedTooEarly finds `return x, fill(&x)`: the language leaves open whether x
// is read before or after the call.
func returnedTooEarly(file *ast.File) (at []token.Pos) {
	ast.Inspect(file, func(n ast.Node) bool {
		if back, ok := n.(*ast.ReturnStmt); ok {
			for _, result := range back.Results {
				if x, ok := result.(*ast.Ident); ok &&
					slices.ContainsFunc(back.Results, func(other ast.Expr) bool { return lends(other, x.Name) }) {
					at = append(at, x.Pos())
				}
			}
		}
		return true
	})
	return at
}

// lends reports whether an expression calls something with the address of a
// variable, or of a part of it.
func lends(e ast.Expr, name string) (found bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return !found
		}
		for _, arg := range call.Args {
			address, ok := arg.(*ast.UnaryExpr)
			if !ok || address.Op != token.AND {
				continue
			}
			part := address.X
			for {
				if field, ok := part.(*ast.SelectorExpr); ok {
					part = field.X
					continue
				}
				break
			}
			if x, ok := part.(*ast.Ident); ok && x.Name == name {
				found = true
			}
		}
		return !found
	})
	return found
}

func TestReturnedTooEarlyIsFound(t *testing.T) {
	for text, want := range map[string]int{
		"return x, fill(&x)": 1, "return x, fill(&x.y.z)": 1, "return y, x, fill(1, &y)": 1,
		"return y, fill(&x)": 0, "return x, fill(x)": 0, "return fill(&x)": 0, "return &x, fill(x)": 0,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "", "package p\nfunc f() { "+text+" }", 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(returnedTooEarly(file)); got != want {
			t.Errorf("%s: found %d, want %d", text, got, want)
		}
	}
}
