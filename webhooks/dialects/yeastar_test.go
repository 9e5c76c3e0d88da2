package dialects

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"callhue/internal/fault"
	"callhue/webhooks/dialects/mapping"
)

// TestYeastarGivesItsTokenBack: a PBX has 8 tokens at most, so none is kept, whatever the PBX says of the call.
func TestYeastarGivesItsTokenBack(t *testing.T) {
	for refused, want := range map[bool]string{false: "1773306964.1", true: ""} {
		var asked []string
		send := func(r *http.Request) (Response, error) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Fatal(err)
			}
			asked = append(asked, r.URL.Path+" "+r.URL.RawQuery+" "+string(body))
			if r.Header.Get("User-Agent") == "" {
				t.Error("the PBX would not answer")
			}
			switch {
			case strings.HasSuffix(r.URL.Path, "/get_token"):
				return Response{200, []byte(`{"errcode":0,"errmsg":"SUCCESS","access_token":"T"}`)}, nil
			case strings.HasSuffix(r.URL.Path, "/dial") && refused:
				return Response{200, []byte(`{"errcode":40002,"errmsg":"PARAMETER ERROR"}`)}, nil
			}
			return Response{200, []byte(`{"errcode":0,"errmsg":"SUCCESS","call_id":"1773306964.1"}`)}, nil
		}
		d := DialRequest{Extension: "101", Dialled: "74950000011", Settings: map[string]string{
			yeastarClient: "ID", yeastarKey: "KEY", apiURL: "https://pbx.example:8088/"}}
		id, err := dialYeastar(d, send)
		if id != want || refused != fault.Is(err, fault.KindConflict) {
			t.Errorf("%q %v", id, err)
		}
		const api = "/openapi/v1.0/"
		wanted := []string{
			api + `get_token  {"password":"KEY","username":"ID"}`,
			api + "call/dial access_token=T " +
				`{"auto_answer":"no","callee":"74950000011","caller":"101","dial_permission":"101"}`,
			api + `del_token access_token=T {}`,
		}
		if diff := cmp.Diff(wanted, asked); diff != "" {
			t.Error(diff)
		}
	}
}

// TestYeastarMembersAreRemembered: an event lists only those that changed; who answered an outgoing call is known when
// the trunk answers, whichever comes first.
func TestYeastarMembersAreRemembered(t *testing.T) {
	memory := mapping.Scratch{}
	var got []string
	for _, members := range []string{
		`{"extension":{"number":"101","channel_id":"a","member_status":"ALERT"}}`,
		`{"outbound":{"from":"101","to":"74950000011","channel_id":"t","member_status":"RING"}}`,
		`{"extension":{"number":"101","channel_id":"a","member_status":"ANSWERED"}}`,
		`{"outbound":{"channel_id":"t","member_status":"ANSWER"}}`,
		`{"extension":{"number":"102","channel_id":"b","member_status":"ANSWER"}}`,
		`{"extension":{"number":"101","channel_id":"a","member_status":"BYE"}}`,
		`{"outbound":{"channel_id":"t","member_status":"BYE"}}`,
		`{"outbound":{"channel_id":"t","member_status":"BYE"}}`,
	} {
		req := &Request{Body: []byte(`{"type":30011,"msg":{"call_id":"c","members":[` + members + `]}}`),
			Memory: memory}
		parsed, err := parseYeastar(req)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range parsed.Events {
			got = append(got, strings.Join([]string{string(e.Kind), e.Agent, string(e.Direction), e.Number}, " "))
		}
	}
	want := []string{"ringing 101 out 74950000011", "answered 101 out 74950000011", "answered 102 out 74950000011",
		"ended 101 out 74950000011", "ended  out 74950000011"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
