package ami

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"callhue/calls"
	"callhue/phone"
)

var update = flag.Bool("update", false, "write testdata/*.events from what the recordings mean")

// recordings are streams of a real Asterisk 22; see testdata/README.md.
func recordings(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 6 {
		t.Fatal(files, err)
	}
	all := map[string][]byte{}
	for _, file := range files {
		if all[strings.TrimSuffix(file, ".txt")], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// follow returns the events of a stream, until it ends or is broken.
func follow(f *Follower, stream io.Reader) (events []calls.Event, err error) {
	r := NewReader(stream)
	if _, err := r.Banner(); err != nil {
		return nil, err
	}
	for {
		m, err := r.Next()
		if err != nil {
			return events, err
		}
		events = append(events, f.Take(m)...)
	}
}

func eventLines(events []calls.Event) string {
	var b strings.Builder
	for _, e := range events {
		fmt.Fprintf(&b, "%-8s call=%s leg=%s %s number=%s agent=%s line=%s result=%s", e.Kind, e.CallID, e.Leg, e.Direction, e.Number, e.Agent, e.Line, e.Result)
		if e.Unanswered != "" {
			b.WriteString(" unanswered=" + string(e.Unanswered))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestRecordings(t *testing.T) {
	for file, stream := range recordings(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			events, err := follow(newFollower("from-internal"), bytes.NewReader(stream))
			if err != io.EOF {
				t.Fatal(err)
			}
			got := eventLines(events)
			if *update {
				if err := os.WriteFile(file+".events", []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file + ".events")
			if err != nil || got != string(want) {
				t.Errorf("got\n%swant\n%s%v", got, want, err)
			}
			anywhere, _ := follow(newFollower(""), bytes.NewReader(stream))
			if eventLines(anywhere) != got {
				t.Errorf("without contexts\n%s", eventLines(anywhere))
			}
			slowly, _ := follow(newFollower("from-internal"), iotest.OneByteReader(bytes.NewReader(stream)))
			if eventLines(slowly) != got {
				t.Errorf("byte by byte\n%s", eventLines(slowly))
			}
		})
	}
}

// TestCutAnywhere: a block that is cut at any byte is none; so what is
// understood of the beginning of a stream is the beginning of what is understood
// of all of it. And after a new connection that shows no channels, every call is
// over, wherever the stream broke.
func TestCutAnywhere(t *testing.T) {
	for file, stream := range recordings(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			blocks := bytes.SplitAfter(stream, []byte("\r\n\r\n"))
			for n, block := range blocks {
				in := bufio.NewReader(nil)
				for cut := range len(block) {
					in.Reset(bytes.NewReader(block[:cut]))
					if m, err := (&Reader{in: in}).Next(); err != io.EOF || !m.IsZero() {
						t.Fatalf("block %d cut at %d: %v %v", n, cut, m, err)
					}
				}
				f := newFollower("")
				live := map[string]bool{}
				events, _ := follow(f, bytes.NewReader(bytes.Join(blocks[:n], nil)))
				for _, e := range append(events, f.Take(msg("Event", "CoreShowChannelsComplete"))...) {
					live[e.CallID] = !(e.Kind == calls.Ended && e.Agent == "")
				}
				for call, is := range live {
					if is {
						t.Errorf("broken after block %d: call %s never ends", n, call)
					}
				}
				if len(f.channels) != 0 || len(f.calls) != 0 {
					t.Errorf("broken after block %d: %d channels and %d calls are left", n, len(f.channels), len(f.calls))
				}
			}
		})
	}
}

// msg is a message of pairs.
func msg(pairs ...string) Message {
	var text strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		text.WriteString(pairs[i] + ": " + pairs[i+1] + "\r\n")
	}
	return NewMessage(text.String())
}

// newFollower returns a follower of a PBX in Moscow whose agents are 101, 102 and 103; 102 is Petrov, who has a phone of
// their own.
func newFollower(contexts string) *Follower {
	plan, err := phone.NewPlan("RU", "495")
	if err != nil {
		panic(err)
	}
	return NewFollower(contexts, Directory{
		Plan: plan, OwnOrder: "callhue-",
		Agent: func(name string) bool { return slices.Contains([]string{"101", "102", "103", "petrov"}, name) },
		Holder: func(n phone.Number) string {
			if n.String() == "+74950000102" {
				return "petrov"
			}
			return ""
		},
	})
}

// TestWhatWasNotRecorded: calls that the recordings have none of.
func TestWhatWasNotRecorded(t *testing.T) {
	trunk := []string{"Channel", "PJSIP/trunk-1", "Uniqueid", "1.0", "Linkedid", "1.0", "Context", "from-trunk", "CallerIDNum", "+74950000011", "Exten", "74950000001"}
	agent := []string{"Channel", "PJSIP/101-2", "Uniqueid", "2.0", "Linkedid", "2.0", "Context", "from-internal", "CallerIDNum", "101", "Exten", "84950000011"}
	dest := func(channel, id, linked, caller string) []string {
		return []string{"DestChannel", channel, "DestUniqueid", id, "DestLinkedid", linked, "DestCallerIDNum", caller, "DestContext", "from-internal"}
	}
	with := func(parts ...[]string) Message { return msg(slices.Concat(parts...)...) }
	event := func(name string, more ...string) []string { return append([]string{"Event", name}, more...) }
	tests := []struct {
		why  string
		said []Message
		want string
	}{
		{"a telephone dials out by itself", []Message{
			with(event("Newchannel"), agent),
			with(event("DialBegin", "DialString", "84950000011@trunk"), agent, dest("PJSIP/trunk-3", "2.1", "2.0", "<unknown>")[:6], []string{"DestContext", "from-trunk"}),
			with(event("DialEnd", "DialStatus", "BUSY"), agent, dest("PJSIP/trunk-3", "2.1", "2.0", "")[:6]),
			with(event("Hangup", "Cause", "17"), []string{"Channel", "PJSIP/trunk-3", "Uniqueid", "2.1", "Linkedid", "2.0"}),
			with(event("Hangup", "Cause", "17"), agent),
		}, "ringing out 84950000011 101; ended out 84950000011 101 busy; ended out 84950000011  busy"},
		{"a colleague is called", []Message{
			with(event("Newchannel"), agent[:10], []string{"Exten", "102"}),
			with(event("DialBegin"), agent, dest("PJSIP/102-3", "2.1", "2.0", "102")),
			with(event("DialEnd", "DialStatus", "ANSWER"), agent, dest("PJSIP/102-3", "2.1", "2.0", "102")),
			with(event("Hangup"), []string{"Channel", "PJSIP/102-3", "Uniqueid", "2.1", "Linkedid", "2.0"}),
			with(event("Hangup"), agent),
		}, "ringing out 102 101; answered out 102 101; ended out 102 101 ; ended out 102  "},
		{"a queue of FreePBX rings through Local channels", []Message{
			with(event("Newchannel"), trunk),
			with(event("Newchannel"), []string{"Channel", "Local/101@from-queue-1;1", "Uniqueid", "1.1", "Linkedid", "1.0", "Context", "from-queue"}),
			with(event("DialBegin"), trunk, []string{"DestChannel", "Local/101@from-queue-1;1", "DestUniqueid", "1.1", "DestLinkedid", "1.0"}),
			with(event("DialBegin"), []string{"Channel", "Local/101@from-queue-1;2", "Uniqueid", "1.2", "Linkedid", "1.0", "CallerIDNum", "+74950000011"}, dest("PJSIP/101-4", "1.3", "1.0", "101")),
		}, "ringing in +74950000011 101"},
		{"a transfer after a consultation: the second telephone gets into the client's call", []Message{
			with(event("Newchannel"), trunk),
			with(event("DialBegin"), trunk, dest("PJSIP/101-2", "1.1", "1.0", "101")),
			with(event("DialEnd", "DialStatus", "ANSWER"), trunk, dest("PJSIP/101-2", "1.1", "1.0", "101")),
			with(event("Newchannel"), []string{"Channel", "PJSIP/101-5", "Uniqueid", "5.0", "Linkedid", "5.0", "Context", "from-internal", "CallerIDNum", "101"}),
			with(event("DialBegin"), []string{"Channel", "PJSIP/101-5", "Uniqueid", "5.0", "Linkedid", "5.0"}, dest("PJSIP/102-6", "5.1", "5.0", "102")),
			with(event("DialEnd", "DialStatus", "ANSWER"), []string{"Channel", "PJSIP/101-5", "Uniqueid", "5.0"}, dest("PJSIP/102-6", "5.1", "5.0", "102")),
			with(event("BridgeEnter", "BridgeUniqueid", "b2"), []string{"Channel", "PJSIP/102-6", "Uniqueid", "5.1"}),
			with(event("BridgeEnter", "BridgeUniqueid", "b2"), trunk),
			with(event("Hangup"), []string{"Channel", "PJSIP/101-2", "Uniqueid", "1.1", "Linkedid", "1.0"}),
		}, "ringing in +74950000011 101; answered in +74950000011 101; ringing out 102 101; answered out 102 101; " +
			"answered in +74950000011 102; ended in +74950000011 101 "},
		{"we connect in the middle of a talk", []Message{
			with(event("CoreShowChannel", "ChannelStateDesc", "Up", "ConnectedLineNum", "101"), trunk),
			with(event("CoreShowChannel", "ChannelStateDesc", "Up", "ConnectedLineNum", "+74950000011"), []string{"Channel", "PJSIP/101-2", "Uniqueid", "1.1", "Linkedid", "1.0", "Context", "from-internal", "CallerIDNum", "101"}),
			msg("Event", "CoreShowChannelsComplete"),
			with(event("Hangup"), []string{"Channel", "PJSIP/101-2", "Uniqueid", "1.1", "Linkedid", "1.0"}),
		}, "answered in +74950000011 101; ended in +74950000011 101 "},
		{"click-to-call through a Local channel: outgoing, and answered when the client does", []Message{
			with(event("Newchannel"), []string{"Channel", "Local/101@from-internal-1;1", "Uniqueid", "callhue-1", "Linkedid", "callhue-1", "Context", "from-internal", "CallerIDNum", "84950000011"}),
			with(event("Newchannel"), []string{"Channel", "Local/101@from-internal-1;2", "Uniqueid", "callhue-1;2", "Linkedid", "callhue-1", "Context", "from-internal", "CallerIDNum", "84950000011"}),
			with(event("DialBegin"), []string{"Channel", "Local/101@from-internal-1;2", "Uniqueid", "callhue-1;2", "Linkedid", "callhue-1", "CallerIDNum", "84950000011"}, dest("PJSIP/101-4", "1.3", "callhue-1", "101")),
			with(event("DialEnd", "DialStatus", "ANSWER"), []string{"Channel", "Local/101@from-internal-1;2", "Uniqueid", "callhue-1;2", "Linkedid", "callhue-1"}, dest("PJSIP/101-4", "1.3", "callhue-1", "101")),
			with(event("DialBegin"), []string{"Channel", "Local/101@from-internal-1;1", "Uniqueid", "callhue-1", "Linkedid", "callhue-1"}, dest("PJSIP/trunk-5", "1.4", "callhue-1", "84950000011")[:6], []string{"DestContext", "from-trunk"}),
			with(event("DialEnd", "DialStatus", "ANSWER"), []string{"Channel", "Local/101@from-internal-1;1", "Uniqueid", "callhue-1", "Linkedid", "callhue-1"}, dest("PJSIP/trunk-5", "1.4", "callhue-1", "")[:6]),
			with(event("Hangup"), []string{"Channel", "PJSIP/101-4", "Uniqueid", "1.3", "Linkedid", "callhue-1"}),
		}, "ringing out 84950000011 101; answered out 84950000011 101; ended out 84950000011 101 "},
		{"an event that nobody has heard of", []Message{msg("Event", "MoonRising", "Uniqueid", "1.0"), msg("Event", "Hangup"), msg("Event", "DialBegin"), msg("Event", "DialEnd")}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			f := newFollower("from-internal")
			var got []string
			for _, m := range tt.said {
				for _, e := range f.Take(m) {
					line := fmt.Sprintf("%s %s %s %s", e.Kind, e.Direction, e.Number, e.Agent)
					if e.Kind == calls.Ended {
						line += " " + string(e.Result)
					}
					got = append(got, line)
				}
			}
			if strings.Join(got, "; ") != tt.want {
				t.Errorf("got  %s\nwant %s", strings.Join(got, "; "), tt.want)
			}
		})
	}
}

func FuzzStream(f *testing.F) {
	for _, stream := range recordings(f) {
		f.Add(stream[:min(len(stream), 6000)])
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		follower := newFollower("from-internal")
		events, err := follow(follower, bytes.NewReader(stream))
		if err == nil || !errors.Is(err, io.EOF) && !errors.Is(err, ErrTooLong) {
			t.Error(err)
		}
		for _, e := range events {
			if e.CallID == "" || e.Kind == "" || strings.ContainsAny(e.CallID+e.Number+e.Agent+e.Line+e.Leg, "\x00\r\n") {
				t.Errorf("%+v", e)
			}
		}
	})
}
