package jobs

import (
	"testing"
	"time"
)

func TestBackoff(t *testing.T) {
	t.Parallel()
	schedule := Schedule(0, 5*time.Second, 5*time.Minute)
	doubling := Doubling(time.Second, 10*time.Second)
	for _, c := range []struct {
		why    string
		of     Backoff
		failed int
		pause  time.Duration
		want   time.Duration
		again  bool
	}{
		{"the first attempt is at once", schedule, 0, 0, 0, true},
		{"the second one comes soon", schedule, 1, 0, 5 * time.Second, true},
		{"the third one later", schedule, 2, 0, 5 * time.Minute, true},
		{"there is no fourth", schedule, 3, 0, 0, false},
		{"the other side asks for more", schedule, 1, time.Minute, time.Minute, true},
		{"the other side asks for less", schedule, 2, time.Second, 5 * time.Minute, true},
		{"doubling begins with the shortest", doubling, 1, 0, time.Second, true},
		{"and doubles", doubling, 4, 0, 8 * time.Second, true},
		{"up to the longest", doubling, 5, 0, 10 * time.Second, true},
		{"without an overflow", doubling, 1_000_000, 0, 10 * time.Second, true},
	} {
		now := time.Unix(1000, 0)
		due, again := c.of.Next(now, c.failed, c.pause)
		if again != c.again || again && due.Sub(now) != c.want {
			t.Errorf("%s: %v %v, want %v %v", c.why, due.Sub(now), again, c.want, c.again)
		}
	}
}
