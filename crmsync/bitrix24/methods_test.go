package bitrix24

import (
	"regexp"
	"strings"
	"testing"
)

// TestNoMethodChangesARecord proves that the client changes no record: it can call the methods of its list
// and no others.
func TestNoMethodChangesARecord(t *testing.T) {
	reads := regexp.MustCompile(
		`^(profile|batch|[a-z.]+\.(get|list|findbycomm)|telephony\.externalCall\.searchCrmEntities)$`,
	)
	changes := map[string]bool{
		"telephony.externalCall.register": true, "telephony.externalCall.show": true,
		"telephony.externalCall.hide": true, "telephony.externalCall.finish": true,
		"event.bind": true, "placement.bind": true,
	}
	for method := range methods {
		if !reads.MatchString(method) && !changes[method] {
			t.Errorf("%s is neither a reading method nor one of those that tell of calls and bind", method)
		}
		for _, word := range []string{".add", ".update", ".delete", ".set", ".merge", ".import"} {
			if strings.Contains(strings.ToLower(method), word) {
				t.Errorf("%s changes what is in the portal", method)
			}
		}
	}
	for _, method := range batched {
		if _, known := methods[method]; !known || !reads.MatchString(method) || method == "batch" {
			t.Errorf("a batch may not hold %s", method)
		}
	}
}

func TestAddresses(t *testing.T) {
	app := Options{Portal: "portal.example", ClientID: "local.1", ClientSecret: "s"}
	for _, c := range []struct {
		why    string
		change func(*Options)
		wrong  string // invalid field; "" for none
		rest   string
	}{
		{"an application", func(*Options) {}, "", "https://portal.example/rest/"},
		{
			"with its scheme", func(o *Options) { o.Portal = "http://portal.example:8080/crm/" }, "",
			"http://portal.example:8080/rest/",
		},
		{
			"a webhook", func(o *Options) { *o = Options{Webhook: "https://portal.example/rest/1/abc123"} }, "",
			"https://portal.example/rest/1/abc123/",
		},
		{
			"a webhook with a slash",
			func(o *Options) { *o = Options{Webhook: " https://portal.example/rest/1/abc123/ "} }, "",
			"https://portal.example/rest/1/abc123/",
		},
		{
			"a webhook with a method",
			func(o *Options) { o.Webhook = "https://portal.example/rest/1/abc123/profile.json" }, "webhook", "",
		},
		{
			"a webhook with a name and password",
			func(o *Options) { o.Webhook = "https://a:b@portal.example/rest/1/abc123/" }, "webhook", "",
		},
		{
			"a webhook of another scheme", func(o *Options) { o.Webhook = "ftp://portal.example/rest/1/abc123/" },
			"webhook", "",
		},
		{"no portal", func(o *Options) { o.Portal = "" }, "portal", ""},
		{"a query", func(o *Options) { o.Portal = "https://portal.example/?x=1" }, "portal", ""},
		{"no client", func(o *Options) { o.ClientID = "" }, "client_id", ""},
		{"no client secret", func(o *Options) { o.ClientSecret = "" }, "client_secret", ""},
		{"a wrong OAuth server", func(o *Options) { o.OAuth = "://" }, "oauth", ""},
		{"other lists", func(o *Options) { o.Lists = "both" }, "lists", ""},
	} {
		o := app
		c.change(&o)
		p, err := New(o)
		switch {
		case c.wrong == "" && err != nil:
			t.Errorf("%s: %v", c.why, err)
		case c.wrong == "" && p.rest != c.rest:
			t.Errorf("%s: asks at %s, want %s", c.why, p.rest, c.rest)
		case c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong+": ") || p != nil):
			t.Errorf("%s: %v, want a fault that names %s", c.why, err, c.wrong)
		}
	}
}

func TestQueryEncodingForPHP(t *testing.T) {
	got := encodeQuery(
		map[string]any{
			"select": []string{"ID", "UF_CRM_1"},
			"filter": map[string]any{">ID": "$result[c00][49][ID]"},
			"start":  -1,
		},
	)
	want := "filter%5B%3EID%5D=%24result%5Bc00%5D%5B49%5D%5BID%5D&select%5B0%5D=ID&select%5B1%5D=UF_CRM_1&start=-1"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
