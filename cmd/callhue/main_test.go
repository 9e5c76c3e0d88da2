package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"callhue/internal/store"
)

// terminal runs commands against one database. They know nothing of the environment: tests run side by side.
type terminal struct {
	serveFlags []string // of servers
	t          *testing.T
	db         string
	key        string
	private    bool // hooks may go to private addresses
}

// atTerminals runs a test on each kind of database, beside the others.
func atTerminals(t *testing.T, test func(at *terminal)) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		t.Parallel()
		test(&terminal{t: t, db: db.URL, key: t.TempDir() + "/key"})
	})
}

// with returns a command's arguments with the flags of this terminal.
func (at *terminal) with(args ...string) []string {
	args = append(args, "--db", at.db, "--key", at.key)
	if at.private {
		args = append(args, "--allow-private-hooks")
	}
	return args
}

// try runs a command and returns its exit code, output and errors.
func (at *terminal) try(args ...string) (exit int, out, stderr string) {
	var o, e bytes.Buffer
	exit = run(context.Background(), at.with(args...), &o, &e)
	return exit, o.String(), e.String()
}

func (at *terminal) do(args ...string) string {
	at.t.Helper()
	exit, out, stderr := at.try(args...)
	if exit != 0 {
		at.t.Fatalf("callhue %s: exit %d: %s", strings.Join(args, " "), exit, stderr)
	}
	return out
}

func TestACompanyFromTheCommandLine(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		at.do("user", "add", "--login", "ivanov", "--name", "Ivanov", "--department", "Sales", "--extension", "101",
			"--phone", "8 495 000-00-21")
		at.do("user", "add", "--login", "petrov", "--name", "Petrov", "--department", "Sales", "--extension", "102",
			"--language", "en")
		var users []struct {
			Login        string `json:"login"`
			DepartmentID int64  `json:"department_id"`
		}
		if err := json.Unmarshal([]byte(at.do("user", "list", "--json")), &users); err != nil || len(users) != 2 ||
			users[0].DepartmentID != users[1].DepartmentID {
			t.Errorf("users = %+v, %v; want two of one department", users, err)
		}
		if token := strings.TrimSpace(at.do("token", "add",
			"--login", "petrov", "--name", "sync")); !strings.HasPrefix(token, "ch_") {
			t.Errorf("token = %q", token)
		}
		if list := at.do("token", "list", "--login", "petrov"); !strings.Contains(list, "sync") ||
			strings.Contains(list, "ch_") {
			t.Errorf("the list names the token and hides its secret: %q", list)
		}
		source := at.do("source", "add", "--name", "office", "--dialect", "generic", "--set", "path_secret=true",
			"--public-url", "https://callhue.example")
		if !strings.Contains(source, "https://callhue.example/hooks/office/") {
			t.Errorf("the URL to paste is missing: %s", source)
		}
		source = at.do("source", "add", "--name", "asterisk", "--dialect", "ami", "--secret", "pw",
			"--set", "address=192.0.2.7")
		if !strings.Contains(source, "We connect to 192.0.2.7") || strings.Contains(source, "URL to paste") ||
			!strings.Contains(source, "     secret = pw\n") {
			t.Errorf("what to write into manager.conf is missing: %s", source)
		}
		verdict := at.do("check", "8 (495) 000-00-11", "--as", "petrov")
		if !strings.Contains(verdict, "unknown") || !strings.Contains(verdict, "+74950000011") ||
			strings.Contains(verdict, "\x1b") {
			t.Errorf("a verdict for a pipe, with its why and without colours:\n%s", verdict)
		}
		if verdict := at.do("check", "+7 495 000 00 21", "--as", "petrov"); !strings.Contains(verdict, "employee") ||
			!strings.Contains(verdict, "Ivanov") {
			t.Errorf("a colleague's own phone:\n%s", verdict)
		}
		if link := at.do("user", "link", "petrov"); !strings.Contains(link, "/signin/") {
			t.Errorf("link = %q", link)
		}
		at.do("user", "disable", "petrov")
		if exit, _, stderr := at.try("user", "link", "petrov"); exit == 0 {
			t.Errorf("a dismissed user gets no link: %s", stderr)
		}
		if steps := at.do("migrate"); strings.Contains(steps, "waiting") {
			t.Errorf("migrate left something: %s", steps)
		}
	})
}

func TestWrongUsageIsOneLineAndExit2(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		for _, c := range []struct {
			args []string
			says string
		}{
			{[]string{"check", "+74950000011", "--as", "nobody"}, "--as: nobody is called so (login nobody)"},
			{[]string{"user", "add", "--login", "x y", "--name", ""}, "login"},
			{[]string{"user", "add", "--login", "xy", "--name", "X", "--roles", "king"}, "roles"},
			{[]string{"user", "passwd"}, "login: required"},
			{[]string{"source", "add", "--name", "office", "--dialect", "klingon"}, "dialect"},
			{[]string{"source", "add", "--name", "office", "--dialect", "bitrix24"}, "secret"},
			{[]string{"frobnicate"}, "frobnicate"},
			{[]string{"check", "1"}, "--as"},
		} {
			exit, out, stderr := at.try(c.args...)
			if exit != exitUsage || !strings.Contains(stderr, c.says) ||
				strings.Count(strings.TrimSpace(stderr), "\n") != 0 || out != "" {
				t.Errorf("callhue %s: exit %d, out %q, err %q; want exit 2 and one line that names %q",
					strings.Join(c.args, " "), exit, out, stderr, c.says)
			}
		}
	})
}

func TestEveryCommandHelps(t *testing.T) {
	for _, command := range []string{"serve", "check", "import", "export", "person export",
		"person erase", "journal verify", "journal head",
		"user add",
		"user list", "user disable", "user passwd", "user link", "token add", "token list", "token revoke",
		"source add", "source list", "source rotate", "source remove", "source test",
		"import run", "import list", "import undo", "mcp",
		"hook-out add", "hook-out list", "hook-out remove", "hook-out test", "migrate", "openapi"} {
		var out, stderr bytes.Buffer
		exit := run(context.Background(), append(strings.Fields(command), "--help"), &out, &stderr)
		if exit != 0 || !strings.Contains(out.String(), "Example: callhue "+command) {
			t.Errorf("callhue %s --help: exit %d without an example:\n%s%s", command, exit, out.String(),
				stderr.String())
		}
	}
}

// A path that is mistyped makes no second installation, in which nothing is found.
func TestOnlyThreeCommandsMakeADatabase(t *testing.T) {
	t.Setenv("CALLHUE_KEY", t.TempDir()+"/key")
	csv := filepath.Join(t.TempDir(), "companies.csv")
	if err := os.WriteFile(csv, []byte("company,phone\nVektor,+7 495 000-00-11\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for command, makes := range map[string]bool{
		"user list": false,
		"user add --login ivanov --name Ivanov --department D": false,
		"token list --login admin":                             false,
		"source list":                                          false,
		"check +74950000011 --as ivanov":                       false,
		"export --kind company " + csv + ".out":                false,
		"hook-out list":                                        false,
		"migrate --status":                                     false,
		"import --kind company " + csv:                         false,
		"import --kind company --create " + csv:                true,
		"migrate":                                              true,
	} {
		file := filepath.Join(t.TempDir(), "folder", "callhue.db")
		var out, stderr bytes.Buffer
		exit := run(t.Context(), append(strings.Fields(command), "--db", "sqlite:"+file), &out, &stderr)
		_, missing := os.Stat(filepath.Dir(file))
		switch {
		case makes && (exit != 0 || missing != nil):
			t.Errorf("%s: exit %d, %v: %s", command, exit, missing, &stderr)
		case !makes && (exit == 0 || missing == nil || !strings.Contains(stderr.String(), "no database yet")):
			t.Errorf("%s: exit %d, database %v: %s", command, exit, missing, &stderr)
		}
	}
	empty := filepath.Join(t.TempDir(), "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var out, stderr bytes.Buffer
	if exit := run(t.Context(), []string{"user", "list", "--db", "sqlite:" + empty}, &out, &stderr); exit == 0 ||
		!strings.Contains(stderr.String(), "no database yet") {
		t.Errorf("an empty file: exit %d: %s", exit, &stderr)
	}
}

func TestABadDatabaseURL(t *testing.T) {
	for url, says := range map[string]string{"postgres://x": "database url", "sqlite:/proc/nowhere/x.db": "database"} {
		at := &terminal{t: t, db: url, key: t.TempDir() + "/key"}
		if exit, _, stderr := at.try("user", "list"); exit == 0 || !strings.Contains(stderr, says) {
			t.Errorf("--db %s: exit %d, %q", url, exit, stderr)
		}
	}
}

func TestALostKeyIsNotReplaced(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		at.do("source", "add", "--name", "office", "--dialect", "generic")
		at.key = at.t.TempDir() + "/another"
		exit, _, stderr := at.try("source", "list")
		if exit == 0 || !strings.Contains(stderr, "key file is missing") || !strings.Contains(stderr, "another") {
			t.Errorf("a server without the key of the others: exit %d, %q; want it to name the missing file", exit,
				stderr)
		}
	})
}
