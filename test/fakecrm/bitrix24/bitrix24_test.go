package bitrix24

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

// world is a portal that listens, and a clock.
type world struct {
	*testing.T
	*Portal
	now time.Time
}

func newWorld(t *testing.T, o Options) *world {
	t.Helper()
	w := &world{T: t, now: time.Date(2026, 3, 12, 9, 0, 0, 0, time.UTC)}
	o.Now = func() time.Time { return w.now }
	w.Portal = New(o)
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	w.Listens(server.URL)
	return w
}

// said is an answer of the portal.
type said struct {
	Status int
	Result any     `json:"result"`
	Total  float64 `json:"total"`
	Next   float64 `json:"next"`
	Error  *string `json:"error"`
	Words  string  `json:"error_description"`
	Time   map[string]any
}

// in digs a value out of a result.
func (s said) in(path ...any) any {
	value := s.Result
	for _, step := range path {
		switch v := value.(type) {
		case map[string]any:
			value = v[fmt.Sprint(step)]
		case []any:
			n, is := step.(int)
			if !is || n >= len(v) {
				return nil
			}
			value = v[n]
		default:
			return nil
		}
	}
	return value
}

func (s said) code() string {
	if s.Error == nil {
		return ""
	}
	return *s.Error
}

// hook asks as the webhook, with a form; app as an application, with JSON.
func (w *world) hook(method, form string) said {
	w.Helper()
	return w.send(http.MethodPost, w.Webhook()+method, "application/x-www-form-urlencoded", []byte(form))
}

func (w *world) app(token, method string, params map[string]any) said {
	w.Helper()
	body := map[string]any{"auth": token}
	for key, value := range params {
		body[key] = value
	}
	raw, err := json.Marshal(body)
	if err != nil {
		w.Fatal(err)
	}
	return w.send(http.MethodPost, w.Address()+"/rest/"+method, "application/json", raw)
}

func (w *world) send(verb, at, kind string, body []byte) (out said) {
	w.Helper()
	r, err := http.NewRequest(verb, at, bytes.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		w.Fatal(err)
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		w.Fatalf("%s: %v: %s", at, err, raw)
	}
	out.Status = got.StatusCode
	return out
}

func TestParametersAreReadAsPHPDoes(t *testing.T) {
	form, err := parseQuery("select[]=ID&select[]=PHONE&filter%5B%3EID%5D=7&filter[@ID][0]=1&filter[@ID][1]=2&start=-1&a[b][c]=d+e&x")
	if err != nil {
		t.Fatal(err)
	}
	sent, err := parseJSON([]byte(`{"select":["ID","PHONE"],"filter":{">ID":7,"@ID":[1,2]},"start":-1,"a":{"b":{"c":"d e"}},"x":null}`))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(form, sent) {
		t.Errorf("\n%+v\n%+v", form, sent)
	}
	if got := texts(form.array("FILTER").get("@id")); !reflect.DeepEqual(got, []string{"1", "2"}) {
		t.Error(got)
	}
}

func TestLists(t *testing.T) {
	w := newWorld(t, Options{Companies: 120, Contacts: 10})
	first := w.hook("crm.company.list", "order[ID]=ASC&select[]=ID&select[]=PHONE")
	if len(first.Result.([]any)) != 50 || first.Total != 120 || first.Next != 50 || first.in(0, "ID") != "1" ||
		first.in(0, "PHONE", 0, "VALUE") == nil {
		t.Errorf("%+v", first)
	}
	if last := w.hook("crm.company.list.json", "order[ID]=ASC&start=100"); len(last.Result.([]any)) != 20 ||
		last.Next != 0 || last.in(0, "PHONE") != nil {
		t.Errorf("the last page: %d rows, next %v; telephones come only when they are named: %v",
			len(last.Result.([]any)), last.Next, last.in(0, "PHONE"))
	}
	if fast := w.hook("crm.company.list", "order[ID]=ASC&start=-1&filter[>ID]=70"); fast.Total != 0 || fast.Next != 0 ||
		fast.in(0, "ID") != "71" || fast.in(49, "ID") != "120" {
		t.Errorf("without counting: %+v", fast)
	}
	if none := w.hook("crm.company.list", "filter[>ID]=999"); !reflect.DeepEqual(none.Result, []any{}) {
		t.Errorf("nothing: %v", none.Result)
	}
	if exact := w.hook("crm.company.list", "filter[PHONE]="+url.QueryEscape(phone(4))); exact.Total != 1 ||
		exact.in(0, "ID") != "4" {
		t.Errorf("a number as it was written: %+v", exact)
	}
	if other := w.hook("crm.company.list", "filter[PHONE]="+
		url.QueryEscape("+7495"+normal(phone(4))[4:])); other.Total != 0 {
		t.Errorf("in another spelling it is another number: %+v", other)
	}
	items := w.hook("crm.item.list", "entityTypeId=3&order[id]=ASC")
	if items.in("items", 4, "companyIds", 1) != 6.0 || items.in("items", 0, "fm", 0, "typeId") != "PHONE" ||
		items.in("items", 0, "id") != 1.0 {
		t.Errorf("%v", items.in("items", 4))
	}
	if some := w.hook("crm.item.list", "entityTypeId=3&select[]=id&select[]=fm&select[]=companyIds"); some.in("items",
		0, "fm") != nil || some.in("items", 0, "companyIds") == nil {
		t.Errorf("fm cannot be selected: %v", some.in("items", 0))
	}
	if uf := w.hook("crm.item.list", "entityTypeId=4&filter[@id][]=1"); uf.in("items", 0, "ufCrmState") != "WORK" {
		t.Errorf("names of user fields: %v", uf.in("items", 0))
	}
	if wrong := w.hook("crm.item.list", "entityTypeId=4&filter[fm]=1"); wrong.Status != 400 ||
		wrong.code() != "INVALID_ARG_VALUE" {
		t.Errorf("%+v", wrong)
	}
}

func TestBatch(t *testing.T) {
	w := newWorld(t, Options{Companies: 120})
	list := url.QueryEscape("crm.company.list?order[ID]=ASC&start=-1&filter[>ID]=")
	three := "&cmd[a]=" + list + "0&cmd[b]=" + list + url.QueryEscape("$result[a][49][ID]") + "&cmd[c]=" +
		list + url.QueryEscape("$result[b][49][ID]") +
		"&cmd[d]=" + list + url.QueryEscape("$result[c][49][ID]")
	got := w.hook("batch", "halt=0"+three)
	if got.in("result", "b", 0, "ID") != "51" || got.in("result", "c", 0, "ID") != "101" {
		t.Errorf("%v", got.Result)
	}
	if got.in("result", "d", 0, "ID") != "1" {
		t.Error("the trap is gone: a reference to nothing is an empty filter, and begins from the start")
	}
	if !reflect.DeepEqual(got.in("result_error"), []any{}) {
		t.Errorf("no errors are an empty array: %v", got.in("result_error"))
	}
	for halt, want := range map[string]any{"0": "1", "1": nil} {
		got := w.hook("batch", "halt="+halt+"&cmd[a]=no.such&cmd[b]=profile")
		if got.Status != 200 || got.in("result_error", "a", "error") != "ERROR_METHOD_NOT_FOUND" ||
			got.in("result", "b", "ID") != want {
			t.Errorf("halt %s: %+v", halt, got)
		}
	}
	if got := w.hook("batch", "cmd[a]=batch"); got.in("result_error", "a",
		"error") != "ERROR_BATCH_METHOD_NOT_ALLOWED" {
		t.Errorf("a batch in a batch: %+v", got)
	}
	if got := w.hook("batch", strings.Repeat("cmd[]=profile&", 51)); got.Status != 400 ||
		got.code() != "ERROR_BATCH_LENGTH_EXCEEDED" {
		t.Errorf("51 commands: %+v", got)
	}
	if got := w.hook("batch", strings.Repeat("cmd[]=profile&", 50)); got.Status != 200 ||
		len(got.in("result").(map[string]any)) != 50 {
		t.Errorf("50 commands: %+v", got)
	}
}

func TestLimits(t *testing.T) {
	w := newWorld(t, Options{Cost: 100})
	for i := range 50 {
		if got := w.hook("user.admin", ""); got.Status != 200 && got.Status != 429 {
			t.Fatalf("request %d: %+v", i, got)
		}
	}
	if got := w.hook("profile", ""); got.Status != 503 || got.code() != "QUERY_LIMIT_EXCEEDED" || w.Busy() != 1 {
		t.Errorf("the 51st: %+v", got)
	}
	w.now = w.now.Add(time.Second)
	got := w.hook("user.admin", "")
	if got.Status != 429 || got.code() != "OPERATION_TIME_LIMIT" ||
		got.Time["operating_reset_at"] != float64(w.now.Add(10*time.Minute-time.Second).Unix()) {
		t.Errorf("500 seconds of a method: %+v", got)
	}
	if w.Blocked() == 0 {
		t.Error("the refusal was not counted")
	}
	if got := w.hook("profile", ""); got.Status != 200 {
		t.Errorf("another method: %+v", got)
	}
	w.now = w.now.Add(10 * time.Minute)
	if got := w.hook("user.admin", ""); got.Status != 200 || got.Time["operating"] != 100.0 {
		t.Errorf("ten minutes later: %+v", got)
	}
}

func TestTokens(t *testing.T) {
	w := newWorld(t, Options{})
	token := w.Tokens(2)
	renew := func(refresh, secret string) map[string]any {
		query := url.Values{"grant_type": {"refresh_token"}, "client_id": {ClientID}, "client_secret": {secret},
			"refresh_token": {refresh}}
		got, err := http.Get(w.OAuth() + "?" + query.Encode())
		if err != nil {
			t.Fatal(err)
		}
		defer got.Body.Close()
		var out map[string]any
		if err := json.NewDecoder(got.Body).Decode(&out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got := w.app(token.Access, "user.current", nil); got.in("ID") != "2" {
		t.Errorf("%+v", got)
	}
	w.now = w.now.Add(time.Hour)
	if got := w.app(token.Access, "user.current", nil); got.Status != 401 || got.code() != "expired_token" {
		t.Errorf("an hour later: %+v", got)
	}
	if got := renew(token.Refresh, "wrong"); got["error"] != "invalid_client" {
		t.Error(got)
	}
	next := renew(token.Refresh, ClientSecret)
	if next["member_id"] != Member || next["client_endpoint"] != w.Address()+"/rest/" {
		t.Error(next)
	}
	if got := renew(token.Refresh, ClientSecret); got["error"] != "invalid_grant" {
		t.Errorf("a refresh token is good for once: %v", got)
	}
	if got := w.app(next["access_token"].(string), "user.admin", nil); got.Result != false {
		t.Errorf("%+v", got)
	}
	w.Revoke()
	if got := w.app(next["access_token"].(string), "user.admin", nil); got.code() != "NO_AUTH_FOUND" {
		t.Errorf("revoked: %+v", got)
	}
	if got := w.send(http.MethodPost, w.Address()+"/rest/1/wrong/profile", "", nil); got.Status != 401 ||
		got.code() != "INVALID_CREDENTIALS" {
		t.Errorf("a wrong webhook: %+v", got)
	}
}

func TestFindByComm(t *testing.T) {
	w := newWorld(t, Options{})
	if got := w.hook("crm.duplicate.findbycomm", "type=PHONE&values[]=1"); !reflect.DeepEqual(got.Result, []any{}) {
		t.Errorf("nobody is an empty array: %v", got.Result)
	}
	w.Add(Contact, 1, Record{Name: "A", Phones: []Multi{{Type: "WORK", Value: "8 (495) 000-00-11 #12"}}})
	if got := w.hook("crm.duplicate.findbycomm", "type=PHONE&values[]=%2B74950000011"); got.in("CONTACT", 0) != 1.0 ||
		got.in("LEAD") != nil {
		t.Errorf("%v", got.Result)
	}
	for range 20 {
		w.Add(Lead, 1, Record{Title: "L", Phones: []Multi{{Type: "WORK", Value: "+74950000011"}}})
	}
	if got := w.hook("crm.duplicate.findbycomm", "type=PHONE&values[]=74950000011"); got.in("CONTACT") != nil ||
		len(got.in("LEAD").([]any)) != 20 {
		t.Errorf("twenty leads keep the contact back: %v", got.Result)
	}
	if got := w.send(http.MethodGet, w.Webhook()+"crm.duplicate.findbycomm", "application/json",
		[]byte(`{"type":"PHONE","values":["1"]}`)); got.Status != 400 || got.Error == nil || got.code() != "" {
		t.Errorf("GET with JSON: %+v", got)
	}
}

func TestTelephony(t *testing.T) {
	w := newWorld(t, Options{})
	token := w.Tokens(1).Access
	call := map[string]any{"USER_ID": 2, "PHONE_NUMBER": "+74950000011", "TYPE": 2, "SHOW": 1}
	if got := w.hook("telephony.externalcall.register",
		"USER_ID=2&PHONE_NUMBER=74950000011&TYPE=2"); got.Status != 403 || got.code() != "WRONG_AUTH_TYPE" {
		t.Errorf("a webhook: %+v", got)
	}
	first := w.app(token, "telephony.externalcall.register", call)
	id := first.in("CALL_ID").(string)
	w.now = w.now.Add(29 * time.Minute)
	if again := w.app(token, "telephony.externalcall.register", call); again.in("CALL_ID") != id {
		t.Errorf("within half an hour it is the same call: %v", again.Result)
	}
	call["EXTERNAL_CALL_ID"] = "7"
	if other := w.app(token, "telephony.externalcall.register", call); other.in("CALL_ID") == id {
		t.Error("an id of its own makes it another one")
	}
	if got := w.app(token, "telephony.externalCall.finish",
		map[string]any{"CALL_ID": id, "USER_ID": 2, "DURATION": 5}); got.in("CALL_FAILED_CODE") != "200" {
		t.Errorf("%+v", got)
	}
	if got := w.app(token, "telephony.externalcall.finish",
		map[string]any{"CALL_ID": id, "USER_ID": 2}); got.Status != 400 || !strings.Contains(got.Words, "not found") {
		t.Errorf("finished twice: %+v", got)
	}
	w.app(token, "crm.company.update", map[string]any{"id": 1, "fields": map[string]any{"TITLE": "x"}})
	if w.Writes() != 1 {
		t.Errorf("%d writes", w.Writes())
	}
}

func TestEvents(t *testing.T) {
	w := newWorld(t, Options{Companies: 1})
	var mu sync.Mutex
	var heard []url.Values
	ear := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, r.PostForm)
		rw.WriteHeader(http.StatusInternalServerError) // it is not sent again
	}))
	defer ear.Close()
	token := w.Tokens(1).Access
	bind := map[string]any{"event": "OnCrmCompanyUpdate", "handler": ear.URL}
	if got := w.app(token, "event.bind", bind); got.Result != true {
		t.Fatalf("%+v", got)
	}
	if got := w.app(token, "event.bind", bind); got.Status != 400 || !strings.Contains(got.Words, "already binded") {
		t.Errorf("bound twice: %+v", got)
	}
	if got := w.app(w.Tokens(2).Access, "placement.bind",
		map[string]any{"PLACEMENT": "CALL_CARD", "HANDLER": ear.URL}); got.code() != "ACCESS_DENIED" {
		t.Errorf("somebody who is no admin: %+v", got)
	}
	w.Change(Company, 1, 1, func(r *Record) { r.Title = "before" })
	if len(w.Deliveries()) != 0 {
		t.Error("told before the installation was finished")
	}
	w.Finish()
	w.Change(Company, 1, 1, func(r *Record) { r.Title = "Acme" })
	w.Change(Company, 1, 99, func(r *Record) {})
	got := w.Deliveries()
	if len(got) != 1 || got[0].Status != 500 {
		t.Fatalf("%+v", got)
	}
	form := heard[0]
	for key, want := range map[string]string{"event": "ONCRMCOMPANYUPDATE", "data[FIELDS][ID]": "1",
		"auth[application_token]": ApplicationToken, "auth[member_id]": Member} {
		if form.Get(key) != want {
			t.Errorf("%s is %q, want %q", key, form.Get(key), want)
		}
	}
}

func TestFaults(t *testing.T) {
	for _, kind := range []string{Garbage, HTML, Empty, Error500, Redirect, Half, Nothing} {
		w := newWorld(t, Options{})
		w.Break(Fault{Kind: kind, Method: "profile", Skip: 1, Times: 1})
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}
		whole := func() bool {
			got, err := client.Post(w.Webhook()+"profile", "", nil)
			if err != nil {
				return false
			}
			defer got.Body.Close()
			raw, err := io.ReadAll(got.Body)
			return err == nil && got.StatusCode == 200 && json.Valid(raw)
		}
		if before, at, behind := whole(), whole(), whole(); !before || at || !behind {
			t.Errorf("%s: %v %v %v", kind, before, at, behind)
		}
	}
}

func TestPagesAndControl(t *testing.T) {
	w := newWorld(t, Options{})
	page := func(at string) string {
		got, err := http.Get(w.Address() + at)
		if err != nil {
			t.Fatal(err)
		}
		defer got.Body.Close()
		raw, err := io.ReadAll(got.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	w.app(w.Tokens(1).Access, "placement.bind", map[string]any{"PLACEMENT": "CALL_CARD",
		"HANDLER": "http://callhue.example/bitrix24/card"})
	card := page("/crm/call?user=2&number=%2B74950000011")
	for _, want := range []string{`action="http://callhue.example/bitrix24/card?APP_SID=appsid&amp;DOMAIN=`,
		`name="AUTH_ID"`, `name="PLACEMENT" value="CALL_CARD"`, `&#34;PHONE_NUMBER&#34;:&#34;&#43;74950000011&#34;`,
		`target="application"`} {
		if !strings.Contains(card, want) {
			t.Errorf("the card has no %s: %s", want, card)
		}
	}
	if install := page("/app/install?to=http://callhue.example/bitrix24/install"); !strings.Contains(install,
		`value="DEFAULT"`) {
		t.Error(install)
	}
	if !strings.Contains(page("/bx24.js"), "installFinish") {
		t.Error("no script")
	}
	order := func(name, body string) string {
		got, err := http.Post(w.Address()+"/sim/"+name, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer got.Body.Close()
		raw, _ := io.ReadAll(got.Body)
		return strings.TrimSpace(string(raw))
	}
	if got := order("add",
		`{"kind":"COMPANY","title":"Acme","owner":2,"phone":"+74950000011","state":"WORK"}`); got != `{"id":1}` {
		t.Error(got)
	}
	order("change", `{"kind":"COMPANY","id":1,"by":3,"owner":4}`)
	if r, _ := w.Record(Company, 1); r.Title != "Acme" || r.Owner != 4 || r.ChangedBy != 3 ||
		r.UF["UF_CRM_STATE"] != "WORK" {
		t.Errorf("%+v", r)
	}
	if order("remove", `{"kind":"COMPANY","id":1}`) != "true" ||
		order("remove", `{"kind":"COMPANY","id":1}`) != "false" || order("sing", "{}") != "no such order" {
		t.Error("orders")
	}
	if seen := page("/sim/seen"); !strings.Contains(seen, `"finished":false`) {
		t.Error(seen)
	}
}
