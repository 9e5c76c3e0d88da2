package crmsync

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
	"callhue/staff"
)

// pusher is a Syncer behind its routes, with an organisation: igor heads the sales people ivanov and petrov, oleg heads
// no one of them; erp is the account of another system.
type pusher struct {
	*testing.T
	*Syncer
	server *web.Server
	users  map[string]*access.User
}

func newPusher(t *testing.T, db *store.DB) *pusher {
	t.Helper()
	ctx := context.Background()
	p := &pusher{T: t, Syncer: newSyncer(t, db), users: map[string]*access.User{}}
	must(t, p.Directory.Seed(ctx))
	sales, err := p.Roster.AddDepartment(ctx, boss, staff.NewDepartment{Name: "Sales", Kind: "sales"})
	must(t, err)
	for login, roles := range map[string]access.Roles{"admin": {access.Admin}, "igor": {access.Supervisor},
		"oleg": {access.Supervisor}, "ivanov": {access.Agent}, "petrov": {access.Agent}, "erp": {access.Service}} {
		in := staff.NewUser{Login: login, Name: login, Roles: roles, Language: "en"}
		if login == "ivanov" || login == "petrov" || login == "igor" {
			in.DepartmentID = sales.ID
		}
		u, err := p.Roster.AddUser(ctx, boss, in)
		must(t, err)
		p.users[login] = &access.User{ID: u.ID, Login: login, Name: login, Roles: roles, Language: "en"}
	}
	_, err = p.Roster.AddIdentity(ctx, boss, p.users["ivanov"].ID, staff.NewIdentity{Source: "erp", Value: "E-17"})
	must(t, err)
	igor := p.users["igor"].ID
	_, err = p.Roster.ChangeDepartment(ctx, boss, sales.ID,
		staff.DepartmentChange{HeadID: &igor, Version: sales.Version})
	must(t, err)
	p.users["erp"] = p.users["erp"].Scoped(access.WriteScope)
	p.server, err = web.New(web.Options{Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Metrics: prometheus.NewRegistry(), Ready: func(context.Context) error { return nil },
		Idempotency: journal.NewIdempotencyStore(db),
		Who: func(_ context.Context, bearer, _ string) (*access.User, error) {
			return p.users[bearer], nil
		}}, p.Routes(), p.Records.Routes())
	must(t, err)
	return p
}

// answer is what a route answered.
type answer struct {
	status int
	body   map[string]any
	raw    string
}

// ask sends a request as a user; extra are names and values of headers.
func (p *pusher) ask(as, method, path string, body any, extra ...string) answer {
	p.Helper()
	var raw []byte
	switch body := body.(type) {
	case nil:
	case string:
		raw = []byte(body)
	default:
		raw, _ = json.Marshal(body)
	}
	r := httptest.NewRequest(method, "/api/v1"+path, bytes.NewReader(raw))
	r.Header.Set("Authorization", "Bearer "+as)
	for i := 0; i < len(extra); i += 2 {
		r.Header.Set(extra[i], extra[i+1])
	}
	res, err := p.server.App().Test(r, -1)
	must(p.T, err)
	text, err := io.ReadAll(res.Body)
	must(p.T, err)
	out := answer{status: res.StatusCode, raw: string(text)}
	_ = json.Unmarshal(text, &out.body)
	return out
}

func (p *pusher) want(why string, got answer, status int) answer {
	p.Helper()
	if got.status != status {
		p.Errorf("%s: %d %s, want %d", why, got.status, got.raw, status)
	}
	return got
}

// at returns a value inside an answer: "owner.login", "conflicts.0.what".
func (a answer) at(path string) any { return at(a.body, path) }

func at(value any, path string) any {
	for _, name := range bytes.Split([]byte(path), []byte(".")) {
		switch v := value.(type) {
		case map[string]any:
			value = v[string(name)]
		case []any:
			var i int
			if _, err := fmt.Sscan(string(name), &i); err != nil || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

func (p *pusher) is(why string, got answer, path string, want any) {
	p.Helper()
	if number, ok := want.(int); ok {
		want = float64(number)
	}
	if g := got.at(path); fmt.Sprint(g) != fmt.Sprint(want) {
		p.Errorf("%s: %s is %v, want %v in %s", why, path, g, want, got.raw)
	}
}

type m = map[string]any
