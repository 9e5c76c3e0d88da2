package webhooks

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"callhue/calls"
	"callhue/crmsync/calllog"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/phone"
	"callhue/webhooks/sources"
)

// fakeNotifier knows one call that was logged in CRMs, and which CRMs it runs for.
type fakeNotifier struct {
	theirs string // the CRM's id of our call 7; "" for none

	mu      sync.Mutex
	attends []calllog.Source
	n       phone.Number // of the last event that was asked about
	rings   bool
	asked   int
	removed []int64 // sources
}

func (f *fakeNotifier) Run(ctx context.Context, s calllog.Source) {
	f.mu.Lock()
	f.attends = append(f.attends, s)
	f.mu.Unlock()
	<-ctx.Done()
}

func (f *fakeNotifier) IsEcho(_ context.Context, theirs string, n phone.Number, rings bool) (bool, error) {
	f.n, f.rings = n, rings
	f.asked++
	return theirs == f.theirs, nil
}

func (f *fakeNotifier) RemoveSource(_ *store.Tx, source int64) error {
	f.removed = append(f.removed, source)
	return nil
}

// attended returns the CRM of a name as calllog got it; nil when it did not.
func (f *fakeNotifier) attended(name string) *calllog.Source {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.attends {
		if s.Name == name {
			return &s
		}
	}
	return nil
}

// connects keeps the links of the receiver until the test ends.
func (h *app) connects() {
	h.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.receiver.Connect(ctx) }()
	h.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			h.t.Error(err)
		}
	})
}

func TestWhichCallsAreLoggedInACRM(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newApp(t, db)
		portal := func(name, dialect string, settings map[string]string) {
			h.add(sources.NewSource{Name: name, Dialect: dialect, Secret: "SECRET-of-" + name, Settings: settings})
		}
		portal("crm", "bitrix24-sync", map[string]string{"portal": "https://Portal.example", "client_id": "local.1", "show_calls": "true"})
		portal("same", "bitrix24", map[string]string{"portal": "portal.example"})
		portal("any", "bitrix24", nil)
		portal("other", "bitrix24", map[string]string{"portal": "other.example"})
		portal("amo", "amocrm-sync", map[string]string{"account": "acme.amocrm.ru", "token": "TOKEN-of-the-account"})
		portal("office", "generic", nil)
		h.connects()
		var crm, amo *calllog.Source
		until(t, "both are attended to", func() bool {
			crm, amo = h.notifier.attended("crm"), h.notifier.attended("amo")
			return crm != nil && amo != nil
		})
		if crm.Phone == nil || amo.Phone != nil {
			t.Errorf("told of calls: %v %v", crm.Phone, amo.Phone)
		}
		for _, c := range []struct {
			why, source, call string
			crm, amo          bool // whether it is their own
		}{
			{"its own", "crm", "c1", true, false},
			{"the same portal's events", "same", "c1", true, false},
			{"events of whichever portal", "any", "c1", true, false},
			{"another portal's", "other", "c1", false, false},
			{"the account's", "amo", "c1", false, true},
			{"a PBX's", "office", "c1", false, false},
			{"a test", "office", testCallPrefix + "x", true, true},
			{"a source that is gone", "gone", "c1", false, false},
		} {
			p := &calls.Progress{Source: c.source, CallID: c.call}
			for of, want := range map[*calllog.Source]bool{crm: c.crm, amo: c.amo} {
				if own, err := of.Own(t.Context(), p); err != nil || own != want {
					t.Errorf("%s, of %s: %v %v", c.why, of.Name, own, err)
				}
			}
		}
		crm.Refused("register call 7", fault.Conflict("crm_refused"))
		if line := h.lastLine(sources.Source{ID: crm.ID}); line.Method != "TELL" || line.Path != "register call 7" || line.Refused != "crm_refused" || line.Status != http.StatusBadGateway {
			t.Errorf("the log says %+v", line)
		}
		if err := h.sources.Remove(t.Context(), administrator, crm.ID); err != nil || !slices.Equal(h.notifier.removed, []int64{crm.ID}) {
			t.Errorf("removed: %v, forgotten %v", err, h.notifier.removed)
		}
	})
}

// The portal tells us of the calls that we tell it of: they are no calls of its own.
func TestAnEchoIsNoCall(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newApp(t, db)
		s := h.application()
		h.notifier.theirs = "externalCall.7"
		tell := func(event string) {
			t.Helper()
			if status, body := h.bitrix24("GRANTED-TOKEN", event); status != http.StatusOK {
				t.Errorf("%s: %d %s", event, status, body)
			}
		}
		tell("event=ONVOXIMPLANTCALLINIT&data[CALL_ID]=externalCall.7&data[CALL_TYPE]=2&data[CALLER_ID]=%2B74950000011&data[REST_APP_ID]=1")
		if h.notifier.n.String() != "+74950000011" || !h.notifier.rings {
			t.Errorf("asked of %v, rings: %v", h.notifier.n, h.notifier.rings)
		}
		tell("event=ONVOXIMPLANTCALLEND&data[CALL_ID]=externalCall.7&data[CALL_TYPE]=2&data[PHONE_NUMBER]=%2B74950000011&data[PORTAL_USER_ID]=1&data[CALL_DURATION]=1&data[CALL_FAILED_CODE]=200")
		if events := h.tracker.events(); len(events) != 0 || h.notifier.rings {
			t.Errorf("heard %+v", events)
		}
		if line := h.lastLine(s); !strings.Contains(string(line.Understood), "a call of ours") {
			t.Errorf("the log says %s", line.Understood)
		}
		tell("event=ONVOXIMPLANTCALLINIT&data[CALL_ID]=externalCall.another&data[CALL_TYPE]=2&data[CALLER_ID]=%2B74950000012&data[REST_APP_ID]=2")
		if events := h.tracker.events(); len(events) != 1 {
			t.Errorf("another application's call: heard %+v", events)
		}
		asked := h.notifier.asked
		tell("event=ONVOXIMPLANTCALLINIT&data[CALL_ID]=A1B2.1&data[CALL_TYPE]=2&data[CALLER_ID]=%2B74950000012")
		if events := h.tracker.events(); len(events) != 2 || h.notifier.asked != asked {
			t.Errorf("the portal's own call: heard %+v", events)
		}
	})
}
