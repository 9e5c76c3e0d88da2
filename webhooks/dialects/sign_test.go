package dialects

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"callhue/internal/fault"
	"callhue/internal/secrets"
)

// genericQuery is a signed query of the generic dialect.
func genericQuery(body, header string, at time.Time) *Request {
	return &Request{Body: []byte(body), At: at, Header: func(name string) string {
		if name == secrets.SignatureHeader {
			return header
		}
		return ""
	}}
}

// TestGenericSignature: the sums come from openssl, not from our code:
//
//	printf %s '1773306965.{"event":"ringing"}' | openssl dgst -sha256 -hmac SECRET-of-generic
func TestGenericSignature(t *testing.T) {
	const (
		body  = `{"event":"ringing"}`
		right = "276a7a9f3f97715af0cddc0b8569bad23608f606bd7d2af91386624017913a27"
		old   = "0fe81fc64c182c10f857c2bd160206655bf163a0b835310f015bd4cbc0ea6624" // the same with the secret OLD-SECRET
	)
	tests := []struct {
		name, header, body string
		after              time.Duration
		why                string // "" is a proof
	}{
		{"right", "t=1773306965,v1=" + right, body, 0, ""},
		{"right in capitals", "t=1773306965,v1=" + strings.ToUpper(right), body, 0, ""},
		{"blanks and parts of later versions", "t=1773306965, v1=" + right + ", v2=abc", body, 0, ""},
		{"two sums of a sender who rotates", "t=1773306965,v1=" + strings.Repeat("0", 64) + ",v1=" + right, body, 0, ""},
		{"the old secret while it rotates", "t=1773306965,v1=" + old, body, 0, ""},
		{"clock 300 s ahead", "t=1773306965,v1=" + right, body, -300 * time.Second, ""},
		{"300 s old", "t=1773306965,v1=" + right, body, 300 * time.Second, ""},
		{"301 s old: sent again", "t=1773306965,v1=" + right, body, 301 * time.Second, "signature_too_old"},
		{"from the future", "t=1773306965,v1=" + right, body, -301 * time.Second, "signature_too_old"},
		{"another time than was signed", "t=1773306966,v1=" + right, body, 0, "wrong_signature"},
		{"changed body", "t=1773306965,v1=" + right, `{"event":"ringing" }`, 0, "wrong_signature"},
		{"cut sum", "t=1773306965,v1=" + right[:62], body, 0, "wrong_signature"},
		{"empty sum", "t=1773306965,v1=", body, 0, "wrong_signature"},
		{"no header", "", body, 0, "signature_missing"},
		{"no time", "v1=" + right, body, 0, "signature_malformed"},
		{"no sum", "t=1773306965", body, 0, "signature_malformed"},
		{"time is a word", "t=now,v1=" + right, body, 0, "signature_malformed"},
		{"a sum for every guess", "t=1773306965" + strings.Repeat(",v1="+strings.Repeat("0", 64), 5), body, 0, "signature_malformed"},
		{"nothing is signed", "t=1773306965,v1=" + right, "", 0, "signature_of_nothing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := authenticateGeneric(genericQuery(tt.body, tt.header, noon.Add(tt.after)), secrets.Set{"SECRET-of-generic", "OLD-SECRET"})
			wantRefusal(t, err, tt.why)
		})
	}
	t.Run("an old secret after the rotation", func(t *testing.T) {
		err := authenticateGeneric(genericQuery(body, "t=1773306965,v1="+old, noon), secrets.Set{"SECRET-of-generic"})
		wantRefusal(t, err, "wrong_signature")
	})
	t.Run("no secret at all", func(t *testing.T) {
		err := authenticateGeneric(genericQuery(body, secrets.Set{""}.Signature(time.Unix(1773306965, 0), []byte(body)), noon), nil)
		wantRefusal(t, err, "wrong_signature")
	})
}

// TestZadarmaSignature: the header was made with openssl:
//
//	printf %s '+74950000011749500000012026-03-12 12:16:04' | openssl dgst -sha1 -hmac SECRET-of-zadarma -r | cut -c1-40 | tr -d '\n' | base64
func TestZadarmaSignature(t *testing.T) {
	const right = "MzZiODE3MGVhZTZlYWMyODAzMmUyMWJhOTk2NjU1OTExNWUyYjdhNg=="
	start := map[string]string{"event": "NOTIFY_START", "caller_id": "+74950000011", "called_did": "74950000001",
		"call_start": "2026-03-12 12:16:04", "pbx_call_id": "in_aaa111"}
	with := func(name, value string) map[string]string {
		changed := map[string]string{}
		for k, v := range start {
			changed[k] = v
		}
		changed[name] = value
		return changed
	}
	tests := []struct {
		name, header string
		fields       map[string]string
		after        time.Duration
		why          string
	}{
		{"right", right, start, 0, ""},
		{"the end of a long call", right, with("event", "NOTIFY_END"), 5 * time.Hour, ""},
		{"sent again after days", right, start, 49 * time.Hour, "signature_too_old"},
		{"changed caller", right, with("caller_id", "+74950000012"), 0, "wrong_signature"},
		{"changed line", right, with("called_did", "74950000002"), 0, "wrong_signature"},
		{"changed time", right, with("call_start", "2026-03-12 12:16:05"), 0, "wrong_signature"},
		{"of another event", right, with("event", "NOTIFY_RECORD"), 0, "wrong_signature"},
		{"of the raw sum", "NrgXDq5urCgDLiG6mWZVkRXit6Y=", start, 0, "wrong_signature"},
		{"hex only", "36b8170eae6eac28032e21ba9966559115e2b7a6", start, 0, "wrong_signature"},
		{"missing", "", start, 0, "signature_missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := &Request{Method: "POST", Query: url.Values{}, At: noon.Add(tt.after), Form: &Form{values: tt.fields},
				Settings: map[string]string{"timezone": "Europe/Moscow"},
				Header:   func(string) string { return tt.header }}
			wantRefusal(t, authenticateZadarma(req, secrets.Set{"SECRET-of-zadarma"}), tt.why)
		})
	}
}

// TestARecordingOfNovofonIsAskedForThere: the same API, at another address.
func TestARecordingOfNovofonIsAskedForThere(t *testing.T) {
	for address, want := range map[string]string{"": "https://api.zadarma.com/v1/", "https://api.novofon.com/": "https://api.novofon.com/v1/"} {
		req := &Request{Method: "POST", Query: url.Values{}, Settings: map[string]string{apiURL: address},
			Form: &Form{values: map[string]string{"event": "NOTIFY_RECORD", "pbx_call_id": "in_1", "call_id_with_rec": "rec 1"}}}
		parsed, err := parseZadarma(req)
		if err != nil || len(parsed.Events) != 1 || parsed.Events[0].Recording != want+"pbx/record/request/?call_id=rec+1" {
			t.Errorf("%q: %+v %v", address, parsed.Events, err)
		}
	}
}

// TestZadarmaUsesOnlyWhatIsSigned: an event without a signature yields no call events.
func TestZadarmaUsesOnlyWhatIsSigned(t *testing.T) {
	for _, event := range []string{"NOTIFY_SMS", "NOTIFY_REDIRECT", "", "notify_start", "NOTIFY_START "} {
		req := &Request{Method: "POST", Query: url.Values{}, At: noon, Header: func(string) string { return "anything" },
			Form: &Form{values: map[string]string{"event": event, "pbx_call_id": "in_1", "caller_id": "+74950000011", "call_start": "2026-03-12 12:16:04"}}}
		if authenticateZadarma(req, secrets.Set{"SECRET-of-zadarma"}) != nil {
			continue
		}
		if parsed, _ := parseZadarma(req); len(parsed.Events) != 0 {
			t.Errorf("%q was parsed without a signature", event)
		}
	}
}

func wantRefusal(t *testing.T, err error, why string) {
	t.Helper()
	if why == "" {
		if err != nil {
			t.Fatalf("refused: %v", err)
		}
		return
	}
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.KindUnauthorised || f.Key != why {
		t.Fatalf("got %v, want the refusal %s", err, why)
	}
}

// TestProofs goes through every dialect with one good request of testdata: the
// present and the old secret open, no other does, and nothing may be changed
// where the body is signed.
func TestProofs(t *testing.T) {
	bySource := testSources(t)
	type proof struct {
		dialect Dialect
		file    string
		header  string // that carries the signature; "" where a field or the path does
		signed  string // a part of the body that is signed; "" where nothing is
	}
	tests := []proof{
		{generic(), "ringing-out", secrets.SignatureHeader, "ringing"},
		{bitrix24(), "start", "", ""},
		{bitrix24Sync(), "crm-update", "", ""},
		{itoolabs(), "incoming", "", ""},
		{mango(), "appeared", "", "ENTRY1"},
		{zadarma(), "start", "Signature", "74950000011"},
		{telphin(), "dial-in", "", ""},
		{uis(), "ringing", "", ""},
		{sipuni(), "call", "", ""},
		{amocrm(), "contact-update", "", ""},
		{amocrmSync(), "contact-update", "", ""},
		{zammad(), "new-call", "", ""},
		{sqlLookup(), "changed", "", ""},
		{httpLookup(), "changed", "", ""},
		{sipgate(), "new-call", "", ""},
		{placetel(), "incoming", placetelHeader, "IncomingCall"},
		{twilio(), "inbound", twilioHeader, "inbound"},
		{threecx(), "inbound", "Authorization", ""},
		{yeastar(), "in-2-ring", "X-Signature", "RING"},
	}
	for _, d := range All() {
		if d.Authenticate != nil && !slices.ContainsFunc(tests, func(p proof) bool { return p.dialect.Name == d.Name }) {
			t.Errorf("%s is not proved here", d.Name)
		}
	}
	for _, tt := range tests {
		t.Run(tt.dialect.Name, func(t *testing.T) {
			name := tt.dialect.Name
			r := readRequest(t, "testdata/"+name+"/"+tt.file+".http")
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Fatal(err)
			}
			prove := func(body string, header http.Header, opening ...string) error {
				parts := strings.SplitN(strings.TrimPrefix(r.URL.Path, "/hooks/"), "/", 2)
				req := &Request{Source: name, Settings: bySource[name].Settings, Method: r.Method, Body: []byte(body), At: noon,
					Query: r.URL.Query(), Header: header.Get, URL: func() string { return "https://callhue.example" + r.URL.RequestURI() }}
				if len(parts) == 2 {
					req.Rest = strings.Trim(parts[1], "/")
				}
				if tt.dialect.ReadsBody == nil || !tt.dialect.ReadsBody(req.Settings) {
					if err := req.ReadForm(nil); err != nil {
						return err
					}
				}
				return tt.dialect.Authenticate(req, opening)
			}
			right := bySource[name].Secret
			if err := prove(string(body), r.Header, right); err != nil {
				t.Errorf("the right secret: %v", err)
			}
			if err := prove(string(body), r.Header, "a new secret", right); err != nil {
				t.Errorf("the old secret while it rotates: %v", err)
			}
			if err := prove(string(body), r.Header, "another secret"); !fault.Is(err, fault.KindUnauthorised) {
				t.Errorf("another secret: %v", err)
			}
			if err := prove(string(body), r.Header); !fault.Is(err, fault.KindUnauthorised) {
				t.Errorf("no secret: %v", err)
			}
			if tt.header != "" {
				bare := r.Header.Clone()
				bare.Del(tt.header)
				if err := prove(string(body), bare, right); !fault.Is(err, fault.KindUnauthorised) {
					t.Errorf("without %s: %v", tt.header, err)
				}
			}
			if tt.signed != "" {
				if !strings.Contains(string(body), tt.signed) {
					t.Fatalf("the body has no %q", tt.signed)
				}
				changed := strings.Replace(string(body), tt.signed, tt.signed+"x", 1)
				if err := prove(changed, r.Header, right); !fault.Is(err, fault.KindUnauthorised) {
					t.Errorf("a changed body: %v", err)
				}
			}
		})
	}
}
