package web

import (
	"testing"
	"testing/synctest"
	"time"

	"callhue/internal/fault"
)

// TestGateServesWhatMattersFirst has one place, which is freed every 10 ms: the last visitor, who matters, is served
// before those who came earlier.
func TestGateServesWhatMattersFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(1, time.Now)
		leave, err := g.Enter(false, 0)
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan string, 3)
		visit := func(name string, first bool) {
			go func() {
				leave, err := g.Enter(first, time.Second)
				if err != nil {
					name += " refused"
				} else {
					time.Sleep(10 * time.Millisecond)
					leave()
				}
				served <- name
			}()
			synctest.Wait()
		}
		visit("an end", false)
		visit("another end", false)
		visit("a card", true)
		leave()
		for _, want := range []string{"a card", "an end", "another end"} {
			if got := <-served; got != want {
				t.Errorf("served %s, want %s", got, want)
			}
		}
	})
}

// TestGateRefusesWhoHasNoChance: at five times what the gate can serve, those who are let in wait no longer than they
// may, the others are refused at once, and the gate is never idle.
func TestGateRefusesWhoHasNoChance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const (
			places, visitors    = 4, 5000
			work, within, every = 20 * time.Millisecond, 100 * time.Millisecond, time.Millisecond
		)
		g := NewGate(places, time.Now)
		type outcome struct {
			served bool
			waited time.Duration
		}
		all := make(chan outcome, visitors)
		for range visitors { // 1000 a second, of which 200 can be served
			go func() {
				came := time.Now()
				leave, err := g.Enter(true, within)
				waited := time.Since(came)
				if err == nil {
					time.Sleep(work)
					leave()
				} else if f := fault.Of(err); f.Kind != fault.KindUnavailable || f.RetryAfter == 0 {
					t.Errorf("refused by %v", err)
				}
				all <- outcome{err == nil, waited}
			}()
			time.Sleep(every)
		}
		served, late, refusedLate := 0, 0, 0
		for range visitors {
			switch o := <-all; {
			case o.served && o.waited > within:
				late++
			case o.served:
				served++
			case o.waited > 0:
				refusedLate++
			}
		}
		if best := visitors * int(every) / int(work) * places; served < best*9/10 {
			t.Errorf("%d were served, %d could be", served, best)
		}
		if late > 0 || refusedLate > visitors/20 {
			t.Errorf("%d were served too late, %d were refused after they had waited", late, refusedLate)
		}
	})
}
