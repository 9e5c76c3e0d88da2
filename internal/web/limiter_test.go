package web_test

import (
	"runtime"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"callhue/internal/web"
)

func TestLimiter(t *testing.T) {
	now := noon
	l := web.NewLimiter(60, 3, func() time.Time { return now })
	for n := range 3 {
		if _, ok := l.Allow("petrov"); !ok {
			t.Errorf("number %d of the burst was refused", n+1)
		}
	}
	if wait, ok := l.Allow("petrov"); ok || wait != time.Second {
		t.Errorf("the fourth: %v %v", wait, ok)
	}
	if _, ok := l.Allow("ivanov"); !ok {
		t.Error("another key was refused")
	}
	now = now.Add(time.Second - 1)
	if wait, ok := l.Allow("petrov"); ok || wait != 1 {
		t.Errorf("a moment too early: %v %v", wait, ok)
	}
	now = now.Add(1)
	if _, ok := l.Allow("petrov"); !ok {
		t.Error("refused after the wait that was asked for")
	}
}

// A limiter that forgets must say the same as one that never does.
func TestLimiterForgetsNothingThatCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate, burst := rapid.IntRange(1, 120).Draw(t, "rate"), rapid.IntRange(1, 10).Draw(t, "burst")
		now := noon
		l := web.NewLimiter(rate, burst, func() time.Time { return now })
		step := time.Minute / time.Duration(rate)
		full := map[string]time.Time{} // when a key has its whole burst again
		for range rapid.IntRange(1, 200).Draw(t, "events") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(3*step)).Draw(t, "pause")))
			key := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "key")
			at := full[key]
			if at.Before(now) {
				at = now
			}
			want := at.Add(step).Sub(now) <= step*time.Duration(burst)
			if want {
				full[key] = at.Add(step)
			}
			if _, ok := l.Allow(key); ok != want {
				t.Fatalf("%s at %v: allowed %v, want %v", key, now.Sub(noon), ok, want)
			}
		}
	})
}

func TestLimiterIsBounded(t *testing.T) {
	l := web.NewLimiter(1, 10, func() time.Time { return noon })
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for n := range 1_000_000 {
		l.Allow(strconv.Itoa(n))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 24<<20 {
		t.Errorf("a million keys hold %d MiB", grown>>20)
	}
	runtime.KeepAlive(l)
}
