package amocrm

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"callhue/crm"
	"callhue/crmsync"
	"callhue/internal/fault"
	"callhue/phone"
	sim "callhue/test/fakecrm/amocrm"
)

// TestFaults checks the fault of each failure of an account; transient ones are waited for.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		why     string
		trouble sim.Trouble
		want    string // fault; "" if transient
		asked   int    // requests
	}{
		{"busy for a moment", sim.Trouble{Kind: "429", Times: 2}, "", 3},
		{"busy, and says how long", sim.Trouble{Kind: "429", Times: 1, After: 5 * time.Second}, "", 2},
		{"busy for longer than we wait", sim.Trouble{Kind: "429", After: time.Minute}, "crm_busy", 1},
		{"busy all the time", sim.Trouble{Kind: "429"}, "crm_busy", tries},
		{"blocked after abuse", sim.Trouble{Kind: "blocked"}, "crm_busy", 1},
		{"a right is missing", sim.Trouble{Kind: "403"}, "crm_refused", 1},
		{"not paid", sim.Trouble{Kind: "402"}, "crm_refused", 1},
		{"not found", sim.Trouble{Kind: "404"}, "crm_refused", 1},
		{"its server fails once", sim.Trouble{Kind: "500", Times: 1}, "", 2},
		{"its server fails", sim.Trouble{Kind: "502"}, "crm_unreachable", tries},
		{"too slow for itself", sim.Trouble{Kind: "504", Times: 3}, "", tries},
		{"too slow for us", sim.Trouble{Kind: "slow", After: time.Minute}, "crm_unreachable", tries},
		{"slow, but it comes", sim.Trouble{Kind: "slow", After: 8 * time.Second}, "", 1},
		{"hangs up once", sim.Trouble{Kind: "reset", Times: 1}, "", 2},
		{"hangs up", sim.Trouble{Kind: "reset"}, "crm_unreachable", tries},
		{"half an answer once", sim.Trouble{Kind: "half", Times: 1}, "", 2},
		{"half an answer", sim.Trouble{Kind: "half"}, "crm_unreachable", tries},
		{"garbage", sim.Trouble{Kind: "garbage"}, "crm_answer", 1},
		{"a page of HTML", sim.Trouble{Kind: "html"}, "crm_answer", 1},
		{"an endless answer", sim.Trouble{Kind: "long"}, "crm_answer", 1},
		{"another address", sim.Trouble{Kind: "redirect"}, "crm_moved", 1},
		{"an account that was not paid for", sim.Trouble{Kind: "402"}, "crm_refused", 1},
		{"the token is over", sim.Trouble{Kind: "401"}, "crm_sign_in_again", 1},
	} {
		t.Run(c.why, func(t *testing.T) {
			inWorld(t, func(w *world) {
				fill(w.account, sim.Contacts, 3)
				w.account.Trouble(c.trouble)
				page, err := w.portal().Page(context.Background(), crmsync.Query{Kind: crm.KindContact})
				if keyOf(err) != c.want {
					w.Fatalf("%v, not %q", err, c.want)
				}
				if c.want == "" && len(page.Records) != 3 {
					w.Errorf("%d records", len(page.Records))
				}
				if n := len(w.account.Log()); c.asked > 0 && n != c.asked {
					w.Errorf("%d requests, not %d", n, c.asked)
				}
				if err != nil && strings.Contains(err.Error(), longLived) {
					w.Errorf("the token is in %q", err)
				}
			})
		})
	}
}

func TestBusyCarriesThePause(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.portal()
		w.account.Trouble(sim.Trouble{Kind: "blocked", Times: 1})
		for range 3 {
			if _, err := p.Stages(context.Background()); keyOf(err) != "crm_busy" ||
				fault.Of(err).RetryAfter != blockPause {
				w.Errorf("%v, after %v", err, fault.Of(err).RetryAfter)
			}
		}
		if n := len(w.account.Log()); n != 1 {
			w.Errorf("a blocked address asked %d times", n)
		}
		time.Sleep(blockPause)
		if _, err := p.Stages(context.Background()); err != nil {
			w.Error(err)
		}
	})
}

// TestEmptyAnswers answers 204 to everything, which is a fault only for required values.
func TestEmptyAnswers(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx, p := context.Background(), w.portal()
		w.account.Trouble(sim.Trouble{Kind: "empty"})
		for name, ask := range map[string]func() (int, error){
			"fields": func() (int, error) { got, err := p.StatusFields(ctx); return len(got), err },
			"stages": func() (int, error) { got, err := p.Stages(ctx); return len(got), err },
			"page": func() (int, error) {
				got, err := p.Page(ctx, crmsync.Query{Kind: crm.KindLead})
				return len(got.Records) + len(got.Next), err
			},
			"read": func() (int, error) {
				got, err := p.Read(ctx, crm.KindContact, []string{"1"}, "")
				return len(got.Records), err
			},
			"find": func() (int, error) {
				got, err := p.Find(ctx, number(w, "+74950000011"))
				return len(got), err
			},
			"show":   func() (int, error) { return 0, p.Show(ctx, "74950000011:1", []string{"300"}) },
			"finish": func() (int, error) { return 0, p.Finish(ctx, "", crmsync.Call{Number: "+74950000011"}) },
			"register": func() (int, error) {
				_, err := p.Register(ctx, crmsync.Call{Users: []string{"300"}})
				return 0, err
			},
			"install": func() (int, error) { return 0, p.Install(ctx, "https://callhue.example/hooks/amo") },
		} {
			if n, err := ask(); n != 0 || err != nil {
				w.Errorf("%s: %d, %v", name, n, err)
			}
		}
		if _, err := p.About(ctx); keyOf(err) != "crm_answer" {
			w.Errorf("about: %v", err)
		}
		if _, err := p.Staff(ctx); keyOf(err) != "crm_answer" {
			w.Errorf("staff: %v", err)
		}
	})
}

func number(w *world, raw string) phone.Number {
	return w.portal().opt.Plan.Parse(raw)
}

// TestManyRequestsAtOnce runs an import and many calls together: they keep the limit (checked by inWorld),
// and none waits forever.
func TestManyRequestsAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		fill(w.account, sim.Contacts, 2000)
		p := w.portal()
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if _, err := p.Find(context.Background(), number(w, "+74950000011")); err != nil {
					w.Error(err)
				}
			})
		}
		if n := len(walk(w.T, p, crmsync.Query{Kind: crm.KindContact}, func() {})); n != 2000 {
			w.Errorf("%d records", n)
		}
		all.Wait()
		for _, r := range w.account.Log() {
			if r.Status != http.StatusOK && r.Status != http.StatusNoContent {
				w.Errorf("%+v", r)
			}
		}
	})
}

func TestTooManyRequestsAreRefused(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.portal()
		var all sync.WaitGroup
		var mu sync.Mutex
		turned := 0
		for range 200 {
			all.Go(func() {
				if _, err := p.Stages(context.Background()); keyOf(err) == "crm_busy" &&
					fault.Of(err).RetryAfter > longestWait {
					mu.Lock()
					defer mu.Unlock()
					turned++
				} else if err != nil {
					w.Error(err)
				}
			})
		}
		all.Wait()
		if asked := len(w.account.Log()); turned == 0 || asked+turned != 200 {
			w.Errorf("%d asked, %d turned away", asked, turned)
		}
	})
}

func TestCancelledRequestEndsAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.account.Trouble(sim.Trouble{Kind: "slow", After: 9 * time.Second})
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		at := time.Now()
		if _, err := w.portal().Stages(ctx); !errors.Is(err, context.DeadlineExceeded) ||
			time.Since(at) > 2*time.Second {
			w.Errorf("%v after %v", err, time.Since(at))
		}
	})
}

// TestOnlyListedPostsAreSent checks that nothing is posted outside the closed list.
func TestOnlyListedPostsAreSent(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.portal()
		for _, a := range []attempt{
			{method: http.MethodPost, path: "/api/v4/contacts"}, {method: http.MethodPatch, path: "/api/v4/leads/7"},
			{method: http.MethodDelete, path: postHooks}, {method: http.MethodPut, path: postCalls},
			{method: http.MethodPost, path: "/api/v4/leads/complex"}, {method: http.MethodPost, path: postCalls + "/"},
		} {
			if _, err := p.send(context.Background(), a, longLived); keyOf(err) != "internal" {
				w.Errorf("%s %s: %v", a.method, a.path, err)
			}
		}
		if n := len(w.account.Log()); n != 0 {
			w.Errorf("%d requests", n)
		}
	})
	want := []string{"/oauth2/access_token", "/api/v2/events", "/api/v4/calls", "/api/v4/webhooks"}
	if !slices.Equal(posts, want) {
		t.Errorf("%v is posted: is that a record?", posts)
	}
}

// TestRequestsAreSentInOnePlace checks that requests are made in one function only, the one that checks the
// list.
func TestRequestsAreSentInOnePlace(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	made := map[string]int{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if f, ok := call.Fun.(*ast.SelectorExpr); ok &&
				slices.Contains(
					[]string{"NewRequest", "NewRequestWithContext", "Do", "PostForm", "RoundTrip"},
					f.Sel.Name,
				) {
				made[f.Sel.Name]++
			}
			return true
		})
	}
	if len(made) != 2 || made["NewRequestWithContext"] != 1 || made["Do"] != 1 {
		t.Errorf("%v", made)
	}
}

func TestRefusalsCarryNoSecret(t *testing.T) {
	p := New(Options{Token: "TOKEN", Secret: "HIDDEN", Now: time.Now})
	said := p.refusal(
		answer{
			status: 400,
			body: []byte(
				`{"title":"Bad","detail":"TOKEN of HIDDEN is no CODE","hint":"` + strings.Repeat("long ", 100) + `"}`,
			),
		},
		"CODE",
	)
	if strings.Contains(said, "CODE") || strings.Contains(said, "TOKEN") || strings.Contains(said, "HIDDEN") ||
		!strings.HasPrefix(said, "HTTP 400: Bad: ") ||
		len(said) > maxRefusal {
		t.Error(said)
	}
}

func TestAddress(t *testing.T) {
	for setting, want := range map[string]string{
		"acme": "https://acme.amocrm.ru", "acme.kommo.com": "https://acme.kommo.com",
		" https://Acme.amocrm.ru/leads/?x=1 ": "https://acme.amocrm.ru",
		"acme.amocrm.com":                     "https://acme.amocrm.com",
		"http://127.0.0.1:8081/":              "http://127.0.0.1:8081",
		"http://[::1]:8081":                   "http://[::1]:8081",
		"http://10.0.0.1:8081":                "", "http://127.0.0.1": "", "http://localhost:80": "",
		"http://127.0.0.1:80@evil.example": "", "http://127.0.0.1:80/x": "",
		"": "", "www.amocrm.ru": "", "amocrm.ru": "", "acme.amocrm.ru.evil.example": "", "evil.example": "",
		"a.b.kommo.com":         "",
		"http://acme.amocrm.ru": "", "acme.amocrm.ru:8080": "", "user@acme.amocrm.ru": "",
		"https://acme.amocrm.ru@evil.example/": "", "-acme": "", "https://": "",
		"acme.amocrm.ru#.evil.example": "", `acme\.amocrm.ru`: "", "акме": "",
	} {
		got, err := Address(setting)
		if got != want || (want == "") != (keyOf(err) == "invalid_input") {
			t.Errorf("%q: %q, %v", setting, got, err)
		}
	}
}
