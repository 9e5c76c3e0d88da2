package incidents

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestDaysComePageByPage(t *testing.T) {
	at := func(day, hour int) *incidentSum {
		return &incidentSum{Key: time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC).UnixMilli(), N: 1}
	}
	sums := []*incidentSum{at(1, 1), at(1, 22), at(2, 9), at(3, 9)}
	moscow := time.FixedZone("", 3*3600) // there, the 22nd hour of the first is the second
	var got []string
	for before := ""; ; {
		part := days(sums, moscow, before, 1)
		if len(part) == 0 {
			break
		}
		got, before = append(got, fmt.Sprint(part[0].Key, " ", part[0].Count)), part[0].Key
	}
	if want := []string{"2026-03-03 1", "2026-03-02 2", "2026-03-01 1"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
