package bitrix24

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"callhue/crm"
	"callhue/crmsync"
	"callhue/internal/web"
	portal "callhue/test/fakecrm/bitrix24"
)

// every fault, in a list, a batch and a single request.
func TestFaultsOfAPortal(t *testing.T) {
	want := map[string]string{
		portal.Garbage: "crm_answer", portal.HTML: "crm_answer", portal.Empty: "crm_answer", portal.Null: "crm_answer",
		portal.Redirect: "crm_moved",
		portal.Half:     "crm_unreachable", portal.Nothing: "crm_unreachable", portal.Error500: "crm_unreachable",
		portal.Limit: "crm_busy", portal.Operating: "crm_busy", portal.Denied: "crm_refused",
		portal.Gone: "crm_sign_in_again",
	}
	for kind, want := range want {
		for _, method := range []string{"crm.company.list", "crm.item.list", "batch", "profile", "user.get"} {
			want := want
			w := newWorld(t, portal.Options{Companies: 130})
			p := w.webhook()
			lists := p
			if method == "crm.item.list" {
				lists = w.webhook(items)
			}
			w.sim.Break(portal.Fault{Kind: kind, Method: method, Delay: time.Minute})
			var err error
			switch method {
			case "profile":
				_, err = p.About(context.Background())
			case "user.get":
				_, err = p.Staff(context.Background())
			default:
				var page crmsync.Page
				if page, err = lists.Page(
					context.Background(), crmsync.Query{Kind: crm.KindCompany},
				); method == "batch" &&
					err == nil {
					_, err = p.Page(context.Background(), crmsync.Query{Kind: crm.KindCompany, After: page.Next})
				}
			}
			if kind == portal.Null && method == "batch" {
				want = "" // a batch that lacks its results is asked again, list by list
			}
			if key(err) != want {
				t.Errorf("%s at %s: %v, want %s", kind, method, err, want)
			}
		}
	}
}

// TestTransientFaultsAreRetried checks that transient faults are not reported: the request is retried.
func TestTransientFaultsAreRetried(t *testing.T) {
	for _, kind := range []string{portal.Half, portal.Nothing, portal.Error500, portal.Limit} {
		for _, lists := range []Lists{Classic, Items} {
			w := newWorld(t, portal.Options{Companies: 1100})
			p := w.webhook(func(o *Options) { o.Lists = lists })
			w.sim.Break(portal.Fault{Kind: kind, Skip: 1, Times: 2})
			all, _ := w.every(p, crmsync.Query{Kind: crm.KindCompany})
			w.ids(fmt.Sprint(kind, lists), all, 1100)
		}
	}
}

func TestSlowAnswer(t *testing.T) {
	w := newWorld(t, portal.Options{})
	p := w.webhook(func(o *Options) { o.Timeout = 20 * time.Millisecond })
	w.sim.Break(portal.Fault{Kind: portal.Slow, Delay: time.Hour})
	if _, err := p.About(context.Background()); key(err) != "crm_unreachable" {
		t.Error(err)
	}
	p = w.webhook()
	ctx, end := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer end()
	if _, err := p.About(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a context that ends returns its error: %v", err)
	}
}

func TestPortalInPrivateNetwork(t *testing.T) {
	w := newWorld(t, portal.Options{})
	p := w.webhook(func(o *Options) { o.Client = web.NewClient(false) })
	if _, err := p.About(context.Background()); key(err) != "private_address" || w.clock.waited != 0 {
		t.Errorf("%v, after waiting %s", err, w.clock.waited)
	}
}

// TestFailingCommandFailsTheBatch checks that a failing command fails the whole page: nothing tells where
// the lists after it would begin.
func TestFailingCommandFailsTheBatch(t *testing.T) {
	for _, lists := range []Lists{Classic, Items} {
		w := newWorld(t, portal.Options{Contacts: 500, Companies: 10})
		p := w.webhook(func(o *Options) { o.Lists = lists })
		first, err := p.Page(context.Background(), crmsync.Query{Kind: crm.KindContact})
		if err != nil {
			t.Fatal(err)
		}
		w.sim.Break(portal.Fault{Kind: portal.Denied, Method: "crm.item.list", Skip: 3, Times: 1})
		w.sim.Forget()
		if _, err := p.Page(context.Background(), crmsync.Query{Kind: crm.KindContact, After: first.Next}); key(
			err,
		) != "crm_refused" {
			t.Fatalf("%s: %v", lists, err)
		}
		if seen := w.sim.Requests(); len(seen) != 1 || len(seen[0].Commands) > 8 {
			t.Errorf("%s: %d commands were done behind the one that failed", lists, len(seen[0].Commands))
		}
		rest, _ := w.every(p, crmsync.Query{Kind: crm.KindContact, After: first.Next})
		w.ids("again", append(first.Records, rest...), 500)
	}
}

func TestOnlyListedMethodsAreCalled(t *testing.T) {
	w := newWorld(t, portal.Options{})
	p := w.webhook()
	var out any
	if err := p.call(context.Background(), "crm.company.update", map[string]any{"id": 1}, &out); err == nil {
		t.Error("a method that is not in the list was asked")
	}
	if _, err := p.batch(context.Background(), []command{{"crm.company.update", nil}}); err == nil {
		t.Error("a method that is not in the list was asked in a batch")
	}
	if _, err := p.batch(context.Background(), []command{{"event.bind", nil}}); err == nil {
		t.Error("a batch holds more than what reads")
	}
	if n := len(w.sim.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}
