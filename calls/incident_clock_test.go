package calls

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// moment is one event of a call that is told: when it happens, when it arrives and how its source dates it.
type moment struct {
	kind    EventKind
	happens time.Duration // since the call began
	arrives time.Duration
	skew    time.Duration // of the source's clock
	dated   bool
	said    time.Duration // the talk that the source reports; 0 for no report
}

// follow sends a call of Boris with Anna's client, dated and delayed by its moments, in the order of arrival.
func (o *office) follow(id string, began time.Time, moments []moment) (incidents int, call Call) {
	o.t.Helper()
	var card Card
	for _, m := range moments {
		o.clock.Store(began.Add(m.arrives).UnixMilli())
		e := event(m.kind, "102", 0)
		e.CallID, e.Duration, e.At = id, -1, time.Time{}
		if m.dated {
			e.At = began.Add(m.happens + m.skew)
		}
		if m.said > 0 {
			e.Duration, e.Result = m.said, ResultAnswered
		}
		card = o.hear(e)
	}
	row, err := findCall(o.db.Read(context.Background()), card.Call.ID)
	o.must(err)
	calls, err := callsOf(o.db.Read(context.Background()), []*callRow{row}, func(*cardRow) bool { return true })
	o.must(err)
	return o.count("SELECT COUNT(*) FROM incidents WHERE call_id = ?", card.Call.ID), calls[0]
}

// TestTheTalkIsWhatWasHeard: the cases of rule C-36, with a threshold of ten seconds.
func TestTheTalkIsWhatWasHeard(t *testing.T) {
	const s = time.Second
	at := func(kind EventKind, happens, skew time.Duration) moment {
		return moment{kind: kind, happens: happens, arrives: happens, skew: skew, dated: true}
	}
	undated := func(m moment) moment { m.dated = false; return m }
	said := func(m moment, talk time.Duration) moment { m.said = talk; return m }
	late := func(m moment, arrives time.Duration) moment { m.arrives = arrives; return m }
	tests := []struct {
		why      string
		moments  []moment
		incident int
		duration int64
	}{
		{"7 s by the PBX's clock, and it reports 20",
			[]moment{at(Ringing, 0, 0), at(Answered, 12*s, 0), said(at(Summary, 19*s, 0), 20*s)}, 0, 7},
		{"a report that was rounded up counts",
			[]moment{at(Ringing, 0, 0), at(Answered, 5*s, 0), said(at(Ended, 15*s, 0), 11*s)}, 1, 11},
		{"13 s, dated 60 s behind",
			[]moment{at(Ringing, 0, -60*s), at(Answered, 5*s, -60*s), at(Ended, 18*s, -60*s)}, 1, 13},
		{"13 s, and only the answer is dated, 60 s behind",
			[]moment{undated(at(Ringing, 0, 0)), at(Answered, 5*s, -60*s), undated(at(Ended, 18*s, 0))}, 1, 13},
		{"13 s, and only the end is dated, 60 s behind",
			[]moment{undated(at(Ringing, 0, 0)), undated(at(Answered, 5*s, 0)), at(Ended, 18*s, -60*s)}, 1, 13},
		{"7 s, and only the answer is dated, 60 s behind",
			[]moment{undated(at(Ringing, 0, 0)), at(Answered, 5*s, -60*s), undated(at(Ended, 12*s, 0))}, 0, 7},
		{"7 s, and only the end is dated, 4 min ahead",
			[]moment{undated(at(Ringing, 0, 0)), undated(at(Answered, 5*s, 0)), at(Ended, 12*s, 240*s)}, 0, 7},
		{"the end arrives before the answer",
			[]moment{at(Ringing, 0, 0), at(Ended, 18*s, 0), late(at(Answered, 5*s, 0), 19*s)}, 1, 13},
		{"the end arrives before everything",
			[]moment{at(Ended, 18*s, 0), late(at(Answered, 5*s, 0), 19*s), late(at(Ringing, 0, 0), 20*s)}, 1, 13},
		{"the end arrives before the answer, nothing is dated, and the PBX reports 13 s",
			[]moment{undated(at(Ringing, 0, 0)), said(undated(at(Ended, 18*s, 0)), 13*s),
				late(undated(at(Answered, 5*s, 0)), 19*s)}, 1, 13},
		{"the end arrives before the answer and nothing tells how long it was",
			[]moment{undated(at(Ringing, 0, 0)), undated(at(Ended, 18*s, 0)),
				late(undated(at(Answered, 5*s, 0)), 19*s)}, 0, 0},
		{"the recording comes later and brings no length",
			[]moment{at(Ringing, 0, 0), at(Answered, 5*s, 0), said(at(Ended, 45*s, 0), 5*s),
				late(at(Summary, 45*s, 0), 60*s)}, 0, 5},
		{"the whole call is reported as talk",
			[]moment{at(Ringing, 0, 0), at(Answered, 40*s, 0), said(at(Ended, 45*s, 0), 45*s)}, 0, 5},
		{"no answer is reported, and more talk than there was call",
			[]moment{at(Ringing, 0, 0), said(at(Ended, 8*s, 0), 30*s)}, 0, 8},
	}
	inOffice(t, func(o *office) {
		began := time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC)
		for n, tt := range tests {
			got, call := o.follow(fmt.Sprint("clock-", n), began.Add(time.Duration(n)*time.Hour), tt.moments)
			if got != tt.incident || call.Duration != tt.duration {
				o.t.Errorf("%s: %d incidents, %d s of talk, want %d and %d",
					tt.why, got, call.Duration, tt.incident, tt.duration)
			}
		}
	})
}

// TestClocksNeitherLoseNorInventAnIncident: for every skew of up to five minutes, every order and every choice of dated
// events that tells how long the talk was, there is an incident exactly when it was longer than ten seconds.
func TestClocksNeitherLoseNorInventAnIncident(t *testing.T) {
	inOffice(t, func(o *office) {
		began, n := time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC), 0
		rapid.Check(o.t, func(r *rapid.T) {
			ms := func(name string, most int) time.Duration {
				return time.Duration(rapid.IntRange(0, most).Draw(r, name)) * time.Millisecond
			}
			skew := ms("skew", 10*60*1000) - 5*time.Minute
			skew = max(skew, -5*time.Minute+time.Second)
			answer := ms("ringing", 60_000)
			end := answer + ms("talk", 25_000)
			moments := []moment{{kind: Ringing}, {kind: Answered, happens: answer}, {kind: Ended, happens: end}}
			allDated := rapid.Bool().Draw(r, "all dated")
			for i := range moments {
				m := &moments[i]
				m.skew, m.arrives = skew, m.happens
				m.dated = allDated || rapid.Bool().Draw(r, "dated")
			}
			if allDated { // the order of arrival does not matter then
				moments = rapid.Permutation(moments).Draw(r, "order")
				for i := range moments {
					moments[i].arrives = end + time.Duration(i)*time.Second
				}
			}
			n++
			began = began.Add(time.Hour)
			got, _ := o.follow(fmt.Sprint("rapid-", n), began, moments)
			want := 0
			if (end-answer)/time.Second > 10 {
				want = 1
			}
			if got != want {
				r.Errorf("%d incidents of %v of talk: %+v", got, end-answer, moments)
			}
		})
	})
}
