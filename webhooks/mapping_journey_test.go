package webhooks

import (
	"encoding/json"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callhue/internal/store"
	"callhue/webhooks/sources"
)

// mappedJourney plays requests to a source with a mapping, against the real calls.
type mappedJourney struct {
	*app
	path, source string
}

func journeyOf(h *app, preset string) *mappedJourney {
	h.add(sources.NewSource{Name: preset, Dialect: "generic", Preset: preset, Secret: "SECRET-of-" + preset})
	return &mappedJourney{h, "/hooks/" + preset + "/SECRET-of-" + preset, preset}
}

// form posts fields by pairs.
func (j *mappedJourney) form(fields ...string) {
	j.t.Helper()
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	j.post(formType, values.Encode())
}

func (j *mappedJourney) json(body any) {
	j.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		j.t.Fatal(err)
	}
	j.post("application/json", string(raw))
}

func (j *mappedJourney) post(kind, body string) {
	j.t.Helper()
	j.now = j.now.Add(2 * time.Second)
	if status, said := j.app.post(j.path, kind, body); status != 200 || said != "{}" {
		j.t.Fatalf("%s: %d %s", body, status, said)
	}
}

// stands compares a call with its state, result and cards.
func (j *mappedJourney) stands(id, state, result, cards string) {
	j.t.Helper()
	o := j.call(j.source, id)
	want := []string{state, result, cards}
	if diff := cmp.Diff(want, []string{o.State, o.Result, o.Cards}); diff != "" {
		j.t.Errorf("%s (-want +got)\n%s", id, diff)
	}
}

// TestOneTelephoneIsNotTheCall: where one telephone stops ringing, the call goes on at the others.
func TestOneTelephoneIsNotTheCall(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := realApp(t, db)
		k := journeyOf(h, "kazoo")
		leg := func(event, id, owner string, more ...string) {
			t.Helper()
			k.form(append([]string{"hook_event", event, "call_id", id, "other_leg_call_id", "a", "call_direction",
				"outbound",
				"caller_id_number", "+74950000011", "owner_id", owner}, more...)...)
		}
		leg("channel_create", "b", "101")
		leg("channel_create", "c", "102")
		leg("channel_destroy", "c", "102", "hangup_cause", "LOSE_RACE")
		k.stands("a", "ringing", "", "101 none ringing, 102 red ended")
		leg("channel_bridge", "b", "101")
		leg("channel_destroy", "b", "101", "hangup_cause", "NORMAL_CLEARING")
		k.stands("a", "ended", "answered", "101 none ended, 102 red ended")

		v := journeyOf(h, "verimor")
		tells := func(event string, more ...string) {
			t.Helper()
			v.form(append([]string{"event_type", event, "direction", "inbound", "caller_id_number", "0074950000011",
				"destination_number", "0074950000001", "call_uuid", "v"}, more...)...)
		}
		tells("ringing", "dialed_user", "101")
		tells("user_hangup", "dialed_user", "101", "hangup_cause", "NO_ANSWER")
		v.stands("v", "ringing", "", "101 none ended") // the queue looks for the next one
		tells("ringing", "dialed_user", "102")
		tells("answer", "dialed_user", "102", "connected_user", "102")
		tells("hangup", "connected_user", "102", "answered", "true", "duration", "2", "hangup_cause", "NORMAL_CLEARING")
		v.stands("v", "ended", "answered", "101 none ended, 102 red ended")
	})
}

// TestACallWhoseIDChanges is one call: the id under which it goes on is said when it is transferred.
func TestACallWhoseIDChanges(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		j := journeyOf(realApp(t, db), "ringcentral")
		tells := func(session string, sequence int, party, agent, code string, more map[string]any) {
			t.Helper()
			status := map[string]any{"code": code}
			for name, value := range more {
				status[name] = value
			}
			j.json(map[string]any{"body": map[string]any{"sequence": sequence, "telephonySessionId": session,
				"parties": []any{map[string]any{"id": party, "extensionId": agent, "direction": "Inbound",
					"status": status,
					"from":   map[string]any{"phoneNumber": "+74950000011"},
					"to":     map[string]any{"phoneNumber": "+74950000001"}}}}})
		}
		tells("s1", 1, "p1", "101", "Proceeding", nil)
		tells("s1", 2, "p1", "101", "Answered", nil)
		tells("s1", 5, "p1", "101", "Gone", map[string]any{"peerId": map[string]any{"telephonySessionId": "s2"}})
		tells("s1", 3, "p1", "101", "Hold", nil) // late
		tells("s2", 1, "p2", "102", "Answered", nil)
		j.stands("s1", "talking", "", "101 none ended, 102 red talking")
		tells("s2", 2, "p2", "102", "Disconnected", nil)
		j.stands("s1", "ended", "answered", "101 none ended, 102 red ended")
	})
}

// TestTheDirectionIsKnownAfterARestart: what another process was told stands in the database.
func TestTheDirectionIsKnownAfterARestart(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := realApp(t, db)
		h.add(sources.NewSource{Name: "pbx", Dialect: "generic", Secret: "SECRET-of-pbx", Settings: map[string]string{
			"mapping": `{"event":{"of":"e","map":{"ring":"ringing","up":"answered"}},"call_id":"id",
				"direction":"way","number":{"in":"from","out":"to"},"agent":{"in":"to","out":"from"}}`}})
		j := &mappedJourney{h, "/hooks/pbx/SECRET-of-pbx", "pbx"}
		j.form("e", "ring", "id", "c", "way", "in", "from", "+74950000011", "to", "102")
		h.receiver.memory = callMemory{}
		j.form("e", "up", "id", "c", "from", "+74950000011", "to", "102")
		j.stands("c", "talking", "", "102 red talking")
	})
}

// TestTheMemoryIsBounded and forgets the oldest first.
func TestTheMemoryIsBounded(t *testing.T) {
	m := callMemory{}
	for n := range int64(maxRemembered + maxRemembered/2) {
		m.put(itoa(n), "text")
	}
	if len(m.newer)+len(m.older) > 2*maxRemembered || m.get("0") == "" {
		t.Error("the last generation is forgotten too soon")
	}
	for n := range int64(2 * maxRemembered) {
		m.put("again "+itoa(n), "text")
	}
	if m.get("1") != "" || m.get("again "+itoa(2*maxRemembered-1)) == "" {
		t.Error("the oldest is still remembered, or the newest is not")
	}
	m.put("long", string(make([]byte, maxRememberedText)))
	if m.get("long") != "" {
		t.Error("a long text is remembered")
	}
}
