package crmsync

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"callhue/internal/store"
)

// docCommand is a command of docs/upsert.md with the status that the page promises.
type docCommand struct {
	as, method, path, body string
	headers                []string
	status                 int
}

var (
	shellBlocks = regexp.MustCompile("(?s)```sh\n(.*?)```")
	docStatus   = regexp.MustCompile(`^# (?:as (\w+), )?(\d+)\n`)
	docPath     = regexp.MustCompile(`"\$CALLHUE/api/v1([^"]*)"`)
	docBody     = regexp.MustCompile(`(?s)-d '([^']*)'`)
	docHeader   = regexp.MustCompile(`-H "([\w-]+): ([^"]*)"`)
	docMethod   = regexp.MustCompile(`-X (\w+)`)
)

func docCommands(t *testing.T, page string) (list []docCommand) {
	t.Helper()
	for _, block := range shellBlocks.FindAllStringSubmatch(page, -1) {
		for _, text := range strings.SplitAfter("\n"+block[1], "\n# ")[1:] {
			text = "# " + strings.TrimSuffix(text, "\n# ")
			status := docStatus.FindStringSubmatch(text)
			path := docPath.FindStringSubmatch(text)
			if status == nil || path == nil {
				t.Fatalf("not a command: %s", text)
			}
			c := docCommand{as: status[1], method: "GET", path: path[1]}
			c.status, _ = strconv.Atoi(status[2])
			if body := docBody.FindStringSubmatch(text); body != nil {
				c.method, c.body = "POST", body[1]
			}
			if method := docMethod.FindStringSubmatch(text); method != nil {
				c.method = method[1]
			}
			if c.as == "" {
				c.as = "erp"
			}
			for _, h := range docHeader.FindAllStringSubmatch(text, -1) {
				if h[1] != "Authorization" {
					c.headers = append(c.headers, h[1], h[2])
				}
			}
			list = append(list, c)
		}
	}
	return list
}

// TestTheDocumentationOfUpserts runs the commands of docs/upsert.md in their order, then its script.
func TestTheDocumentationOfUpserts(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/upsert.md")
	must(t, err)
	commands := docCommands(t, string(page))
	if len(commands) < 8 {
		t.Fatalf("only %d commands", len(commands))
	}
	store.Test(t, func(t *testing.T, db *store.DB) {
		p := newPusher(t, db)
		for _, c := range commands {
			var body any
			if c.body != "" {
				body = c.body
			}
			p.want(c.method+" "+c.path, p.ask(c.as, c.method, c.path, body, c.headers...), c.status)
		}
		list := p.want("the conflicts", p.ask("igor", "GET", "/external-systems/erp/conflicts", nil), 200)
		if n := len(list.at("items").([]any)); n != 2 {
			t.Errorf("%d conflicts: %s", n, list.raw)
		}
		p.runScript(regexp.MustCompile("(?s)```python\n(.*?)```").FindStringSubmatch(string(page))[1])
	})
}

// runScript runs the script of the page against a listening server.
func (p *pusher) runScript(script string) {
	p.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		p.T.Log("the script of docs/upsert.md was not run: there is no python3 here")
		return
	}
	on, err := net.Listen("tcp", "127.0.0.1:0")
	must(p.T, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.server.ServeOn(ctx, on) }()
	dir := p.TempDir()
	must(p.T, os.WriteFile(filepath.Join(dir, "push.py"), []byte(script), 0o600))
	must(p.T, os.WriteFile(filepath.Join(dir, "clients.csv"),
		[]byte("id,name,phone,owner\nC-1,Vektor,+7 495 000-00-11,ivanov\nC-2,Orbita,,nobody\nC-3,,,\n"), 0o600))
	run := exec.Command(python, "push.py")
	run.Dir, run.Env = dir, append(os.Environ(), "CALLHUE=http://"+on.Addr().String(), "TOKEN=erp")
	out, err := run.CombinedOutput()
	stop()
	must(p.T, <-ended)
	for _, want := range []string{"C-2 {'field': 'owner', 'code': 'unknown_owner'}", "C-3 invalid_input"} {
		if err != nil || !strings.Contains(string(out), want) {
			p.Errorf("the script printed %s (%v), want %s in it", out, err, want)
		}
	}
	p.is("what it pushed", p.ask("erp", "GET", "/companies/by-external/erp/C-1", nil), "owner.name", "ivanov")
}
