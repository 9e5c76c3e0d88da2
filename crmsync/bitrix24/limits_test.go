package bitrix24

import (
	"context"
	"testing"
	"time"

	"callhue/crm"
	"callhue/crmsync"
	"callhue/internal/fault"
	portal "callhue/test/fakecrm/bitrix24"
)

func TestManyRequestsStayBelowTheLimit(t *testing.T) {
	w := newWorld(t, portal.Options{Companies: 5})
	p := w.webhook()
	began := w.clock.Now()
	for range 400 {
		if _, err := p.Read(context.Background(), crm.KindCompany, []string{"1"}, ""); err != nil {
			t.Fatal(err)
		}
	}
	w.checkRequests()
	if took := w.clock.Now().Sub(began); took < 150*time.Second || took > 240*time.Second {
		t.Errorf("400 requests took %s; 2 a second and 50 at once are allowed", took)
	}
}

func TestLimitOption(t *testing.T) {
	w := newWorld(t, portal.Options{Rate: 5, Burst: 250})
	p := w.webhook(func(o *Options) { o.Rate, o.Burst = 5, 250 })
	began := w.clock.Now()
	for range 650 {
		if _, err := p.About(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	w.checkRequests()
	if took := w.clock.Now().Sub(began); took > 120*time.Second {
		t.Errorf("650 requests took %s", took)
	}
}

// TestPortalBusyWithOthers lets others use up the portal: retries become slower.
func TestPortalBusyWithOthers(t *testing.T) {
	w := newWorld(t, portal.Options{Companies: 60})
	p := w.webhook()
	w.sim.Break(portal.Fault{Kind: portal.Limit, Times: 3})
	if all, _ := w.every(p, crmsync.Query{Kind: crm.KindCompany}); len(all) != 60 {
		t.Errorf("%d companies", len(all))
	}
	if w.clock.waited < 7*time.Second {
		t.Errorf("waited %s only", w.clock.waited)
	}
	w.sim.Break(portal.Fault{Kind: portal.Limit})
	_, err := p.About(context.Background())
	if key(err) != "crm_busy" || fault.Of(err).RetryAfter <= 0 {
		t.Error(err)
	}
}

// TestRequestsComeSinglyAfterARefusal checks that a portal that reports too many requests gets no burst.
func TestRequestsComeSinglyAfterARefusal(t *testing.T) {
	w := newWorld(t, portal.Options{})
	p := w.webhook()
	w.sim.Break(portal.Fault{Kind: portal.Limit, Times: 1})
	for range 10 {
		if _, err := p.About(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if w.clock.waited < 5*time.Second {
		t.Errorf("ten requests within %s of a refusal", w.clock.waited)
	}
}

// TestLimitInsideABatch reports the limit in one command; the batch as a whole succeeds.
func TestLimitInsideABatch(t *testing.T) {
	w := newWorld(t, portal.Options{Companies: 200})
	p := w.webhook()
	w.sim.Break(portal.Fault{Kind: portal.Limit, Method: "crm.company.list", Skip: 3, Times: 1})
	all, _ := w.every(p, crmsync.Query{Kind: crm.KindCompany})
	w.ids("companies", all, 200)
}

func TestSlowMethodIsPaused(t *testing.T) {
	w := newWorld(t, portal.Options{Companies: 200})
	p := w.webhook()
	w.sim.Break(portal.Fault{Kind: portal.Operating, Method: "crm.company.list", Times: 1, Delay: 3 * time.Minute})
	_, err := p.Page(context.Background(), crmsync.Query{Kind: crm.KindCompany})
	if f := fault.Of(err); key(err) != "crm_busy" || f.RetryAfter < 170*time.Second || f.RetryAfter > 190*time.Second {
		t.Fatalf("%v", err)
	}
	w.sim.Forget()
	if _, err := p.Page(context.Background(), crmsync.Query{Kind: crm.KindCompany}); key(err) != "crm_busy" ||
		len(w.sim.Requests()) != 0 {
		t.Errorf("%v; asked %d times while it rests", err, len(w.sim.Requests()))
	}
	if _, err := p.About(context.Background()); err != nil {
		t.Errorf("another method does not rest: %v", err)
	}
	w.clock.Wait(context.Background(), 3*time.Minute+2*time.Second)
	if all, _ := w.every(p, crmsync.Query{Kind: crm.KindCompany}); len(all) != 200 {
		t.Errorf("%d companies", len(all))
	}

	w.sim.Break(portal.Fault{Kind: portal.Operating, Method: "crm.lead.list", Times: 1, Delay: 10 * time.Second})
	if _, err := p.Page(context.Background(), crmsync.Query{Kind: crm.KindLead}); err != nil {
		t.Errorf("a short rest is waited for: %v", err)
	}
	w.sim.Break(portal.Fault{Kind: portal.Operating, Method: "crm.contact.list", Times: 1, Delay: -time.Hour})
	if _, err := p.Page(context.Background(), crmsync.Query{Kind: crm.KindContact}); key(err) != "" &&
		key(err) != "crm_busy" {
		t.Errorf("a rest that is over: %v", err)
	}
}

// TestSlowPortalIsPausedBeforeItRefuses makes each list take seven seconds: we pause before the portal
// refuses.
func TestSlowPortalIsPausedBeforeItRefuses(t *testing.T) {
	w := newWorld(t, portal.Options{Companies: 9000, Cost: 7})
	p := w.webhook()
	q := crmsync.Query{Kind: crm.KindCompany}
	var all []crmsync.Record
	for {
		page, err := p.Page(context.Background(), q)
		if f := fault.Of(err); err != nil && f.Key == "crm_busy" {
			w.clock.Wait(context.Background(), f.RetryAfter)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Records...)
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	w.ids("companies", all, 9000)
	if n := w.sim.Blocked(); n != 0 {
		t.Errorf("the portal had to refuse %d lists", n)
	}
}

func TestLeakyBucket(t *testing.T) {
	now := time.Date(2026, 3, 12, 9, 0, 0, 0, time.UTC)
	l := newLimits(2, 50)
	for i := range 40 {
		if pause := l.take(now); pause != 0 {
			t.Fatalf("request %d waits %s", i, pause)
		}
	}
	for i := 1; i <= 3; i++ {
		want := time.Duration(float64(i) / 1.8 * float64(time.Second))
		if pause := l.take(now); (pause - want).Abs() > time.Millisecond {
			t.Errorf("request %d too many waits %s, want %s", i, pause, want)
		}
	}
	if pause := l.take(now.Add(time.Hour)); pause != 0 {
		t.Errorf("after an hour: %s", pause)
	}
	if pause := l.take(now); pause != 0 {
		t.Errorf("a clock that went back: %s", pause)
	}
}
