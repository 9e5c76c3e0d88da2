package amocrm

import "testing"

func TestConsentPage(t *testing.T) {
	for address, want := range map[string]string{
		"https://acme.amocrm.ru": "https://www.amocrm.ru/oauth?client_id=a+b&mode=post_message&state=s%261",
		"https://acme.kommo.com": "https://www.kommo.com/oauth?client_id=a+b&mode=post_message&state=s%261",
		"http://127.0.0.1:8081":  "http://127.0.0.1:8081/oauth?client_id=a+b&mode=post_message&state=s%261",
	} {
		if got := New(Options{Address: address, ClientID: "a b"}).ConsentPage("s&1"); got != want {
			t.Errorf("%s: %s", address, got)
		}
	}
}

func TestIsAccount(t *testing.T) {
	p := New(Options{Address: "https://acme.amocrm.ru"})
	for referer, is := range map[string]bool{
		"acme.amocrm.ru": true, "ACME.amocrm.ru": true, "https://acme.amocrm.ru": true, "https://acme.amocrm.ru/": true,
		"": false, "amocrm.ru": false, "other.amocrm.ru": false, "acme.amocrm.ru.portal.example": false,
		"acme.kommo.com": false, "https://": false,
	} {
		if p.IsAccount(referer) != is {
			t.Errorf("%q: %v", referer, !is)
		}
	}
}
