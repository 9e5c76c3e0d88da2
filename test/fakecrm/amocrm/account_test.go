package amocrm

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// client sends requests to an account whose clock stands still until it is moved.
type client struct {
	*testing.T
	account *Account
	now     time.Time
	token   string
}

func newClient(t *testing.T) *client {
	d := &client{T: t, now: time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC), token: "T"}
	d.account = New(Options{Now: func() time.Time { return d.now }, Token: "T", ClientID: "id", Secret: "S",
		Redirect: "r", Hooks: http.DefaultClient})
	return d
}

// ask makes a request a second after the one before.
func (d *client) ask(method, path, body string) (int, map[string]any) {
	d.now = d.now.Add(time.Second)
	return d.askNow(method, path, body)
}

func (d *client) askNow(method, path, body string) (int, map[string]any) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+d.token)
	w := httptest.NewRecorder()
	d.account.ServeHTTP(w, r)
	var got map[string]any
	_ = json.Unmarshal(w.Body.Bytes(), &got) // a page of HTML is none
	return w.Code, got
}

func TestUnknownTokenIsRefused(t *testing.T) {
	d := newClient(t)
	d.token = "stolen"
	for _, path := range []string{"/api/v4/account", "/api/v4/contacts", "/api/v4/users", "/nowhere"} {
		if status, _ := d.ask("GET", path, ""); status != 401 {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestListsArePaged(t *testing.T) {
	d := newClient(t)
	if status, _ := d.ask("GET", "/api/v4/contacts", ""); status != 204 {
		t.Errorf("an empty list: %d", status)
	}
	d.account.Fill(Contacts, make([]Record, 51)...)
	for _, c := range []struct {
		query        string
		status, many int
		next         bool
	}{
		{"", 200, 50, true}, {"?page=2", 200, 1, false}, {"?page=3", 204, 0, false}, {"?limit=51", 200, 51, false},
		{"?limit=251", 400, 0, false}, {"?limit=x", 400, 0, false}, {"?page=0", 400, 0, false},
		{"?filter[id][]=7001&filter[id][]=7003&filter[id][]=9999", 200, 2, false}, {"?query=nobody", 204, 0, false},
	} {
		status, got := d.ask("GET", "/api/v4/contacts"+c.query, "")
		embedded, _ := got["_embedded"].(map[string]any)
		records, _ := embedded["contacts"].([]any)
		links, _ := got["_links"].(map[string]any)
		if status != c.status || len(records) != c.many || (links["next"] != nil) != c.next {
			t.Errorf("%q: %d, %d records, %v", c.query, status, len(records), links)
		}
	}
}

func TestSearchLooksEverywhereAndKnowsNoPrefix(t *testing.T) {
	r := Record{Name: "Ivanov", Phones: []Value{{"+7 (495) 000-00-11", "WORK"}},
		Texts: map[int64]string{1: "order 4950000012"}}
	for query, want := range map[string]bool{
		"4950000011": true, "74950000011": true, "84950000011": false, "4950000012": true, "ivan": true,
		"petrov": false,
	} {
		if r.matches(query) != want {
			t.Errorf("%s: %v", query, !want)
		}
	}
}

func TestTooFastIsRefusedAndThenBlocked(t *testing.T) {
	d := newClient(t)
	seen := map[int]int{}
	for range 40 {
		status, _ := d.askNow("GET", "/api/v4/account", "")
		seen[status]++
	}
	if seen[200] != 7 || seen[429] != abuse || seen[403] != 40-7-abuse {
		t.Error(seen)
	}
	d.now = d.now.Add(blockTime)
	if status, _ := d.ask("GET", "/api/v4/account", ""); status != 200 {
		t.Errorf("after the block: %d", status)
	}
}

func TestTokensRotate(t *testing.T) {
	d := newClient(t)
	sign := func(more string) (int, map[string]any) {
		return d.ask("POST", "/oauth2/access_token",
			`{"client_id":"id","client_secret":"S","redirect_uri":"r",`+more+`}`)
	}
	code := d.account.Code()
	if status, _ := d.ask("POST", "/oauth2/access_token",
		`{"client_id":"id","client_secret":"wrong","redirect_uri":"r","grant_type":"authorization_code","code":"`+code+
			`"}`); status != 401 {
		t.Errorf("a stranger: %d", status)
	}
	status, first := sign(`"grant_type":"authorization_code","code":"` + code + `"`)
	if again, _ := sign(`"grant_type":"authorization_code","code":"` + code + `"`); status != 200 || again != 400 {
		t.Errorf("a code is good once: %d, %d", status, again)
	}
	refresh := `"grant_type":"refresh_token","refresh_token":"` + first["refresh_token"].(string) + `"`
	status, second := sign(refresh)
	if again, _ := sign(refresh); status != 200 || again != 400 || second["refresh_token"] == first["refresh_token"] {
		t.Errorf("a refresh token is good once: %d, %d", status, again)
	}
	d.token = second["access_token"].(string)
	if status, _ := d.ask("GET", "/api/v4/account", ""); status != 200 {
		t.Errorf("the token: %d", status)
	}
	d.now = d.now.Add(24 * time.Hour)
	if status, _ := d.ask("GET", "/api/v4/account", ""); status != 401 {
		t.Errorf("a day later: %d", status)
	}
}

func TestChangesArePosted(t *testing.T) {
	d := newClient(t)
	var got []url.Values
	us := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		got = append(got, r.PostForm)
	}))
	defer us.Close()
	if status, _ := d.ask("POST", "/api/v4/webhooks",
		`{"destination":"`+us.URL+`","settings":["nonsense"]}`); status != 400 {
		t.Errorf("an event that does not exist: %d", status)
	}
	body := `{"destination":"` + us.URL +
		`","settings":["add_contact","update_company","responsible_company","delete_lead","status_lead"]}`
	if status, _ := d.ask("POST", "/api/v4/webhooks", body); status != 201 {
		t.Fatalf("%d", status)
	}
	contact := d.account.Add(Contacts, Record{Name: "Ivanov", Phones: []Value{{"84950000011", "WORK"}}})
	company := d.account.Add(Companies, Record{Name: "Acme"}) // no one asked for
	lead := d.account.Add(Leads, Record{Name: "Deal", Status: 31001})
	d.account.Change(Companies, company, 301, func(r *Record) { r.Responsible = 302 })
	d.account.Change(Leads, lead, 301, func(r *Record) { r.Status = 142 })
	d.account.Remove(Leads, lead)
	var said []string
	for _, form := range got {
		for key := range form {
			if strings.HasSuffix(key, "][id]") && !strings.Contains(key, "custom") &&
				!strings.HasPrefix(key, "account") {
				said = append(said, key+" "+form.Get(strings.TrimSuffix(key, "[id]")+"[type]"))
			}
		}
	}
	want := "contacts[add][0][id] contact, contacts[update][0][id] company, contacts[responsible][0][id] company, leads[status][0][id] , leads[delete][0][id] "
	if s := strings.Join(said, ", "); s != want {
		t.Errorf("%s\nnot %s", s, want)
	}
	first := got[0]
	if first.Get("contacts[add][0][custom_fields][0][code]") != "PHONE" ||
		first.Get("contacts[add][0][custom_fields][0][values][0][value]") != "84950000011" ||
		first.Get("account[id]") != "12345" || contact == 0 || len(d.account.Deliveries()) != 5 {
		t.Error(first)
	}
}

func TestWritesAreCounted(t *testing.T) {
	d := newClient(t)
	d.ask("PATCH", "/api/v4/contacts", "[]")
	d.ask("POST", "/api/v4/leads/complex", "[]")
	d.ask("GET", "/api/v4/nowhere", "")
	d.ask("POST", "/api/v2/events", `{"add":[{"type":"phone_call","phone_number":"74950000011"}]}`)
	if n := d.account.Writes(); n != 2 {
		t.Errorf("%d", n)
	}
	if p := d.account.Popups(); len(p) != 1 || p[0].Users != nil {
		t.Errorf("%+v", p)
	}
}

func TestCallsGoToWhoeverHasTheNumber(t *testing.T) {
	d := newClient(t)
	d.account.Fill(Companies, Record{ID: 310, Phones: []Value{{"8 495 000-00-11", "WORK"}}})
	call := func(phone string) string {
		return `{"direction":"inbound","duration":0,"source":"pbx","phone":"` + phone + `","call_status":6}`
	}
	for body, want := range map[string]int{
		"[" + call("+74950000011") + "]": 200, "[" + call("+74950000099") + "]": 400,
		"[" + call("+74950000011") + "," + call("+74950000099") + "]": 200,
		`[{"direction":"inbound"}]`:                                   400, "nonsense": 400,
	} {
		if status, got := d.ask("POST", "/api/v4/calls", body); status != want {
			t.Errorf("%s: %d, %v", body, status, got)
		}
	}
	if n := len(d.account.Calls()); n != 2 {
		t.Errorf("%d calls", n)
	}
}

func TestControl(t *testing.T) {
	d := newClient(t)
	d.account.FillSample(SampleSize{Users: 2, Companies: 3, Contacts: 4, Leads: 2})
	control := func(method, name, body string) (int, string) {
		w := httptest.NewRecorder()
		d.account.Control().ServeHTTP(w, httptest.NewRequest(method, "/sim/"+name, strings.NewReader(body)))
		return w.Code, w.Body.String()
	}
	for _, c := range []struct {
		method, name, body string
		status             int
		says               string
	}{
		{"POST", "add", `{"kind":"contacts","name":"Petrov","phone":"84950000077","company":1001}`, 200, `"id":7001`},
		{"POST", "change", `{"kind":"companies","id":1001,"by":302,"owner":302,"field":9200,"entry":77002}`, 200,
			"true"},
		{"POST", "trouble", `{"trouble":"500","times":1}`, 200, "true"}, {"POST", "peace", "", 200, "true"},
		{"POST", "code", "", 200, `"code":"code-1"`},
		{"GET", "seen", "", 200, `"writes":0`}, {"POST", "nonsense", "", 400, ""}, {"GET", "add", "", 400, ""},
		{"POST", "add", "nonsense", 400, ""},
	} {
		if status, said := control(c.method, c.name, c.body); status != c.status || !strings.Contains(said, c.says) {
			t.Errorf("%s %s: %d %s", c.method, c.name, status, said)
		}
	}
	for path, want := range map[string]string{
		"/api/v4/companies?filter[id][]=1001": `"enum_id":77002`,
		"/api/v4/contacts?query=4950000077":   `"name":"Petrov"`, "/api/v4/contacts?query=4950005001": `"id":2002`,
		"/api/v4/leads?with=contacts": `"is_main":true`,
	} {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Authorization", "Bearer T")
		w := httptest.NewRecorder()
		d.now = d.now.Add(time.Second)
		d.account.Control().ServeHTTP(w, r)
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %s", path, w.Body)
		}
	}
}
