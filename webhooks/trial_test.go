package webhooks

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/webhooks/sources"
)

// tryMapping tries a mapping over the API and returns the answer.
func (h *app) tryMapping(s sources.Source, trial MappingTrial) (tried MappingTried, understood Understanding) {
	h.t.Helper()
	raw, err := json.Marshal(trial)
	if err != nil {
		h.t.Fatal(err)
	}
	status, body := h.post("/api/v1/sources/"+itoa(s.ID)+"/mapping/try", "application/json", string(raw),
		"Authorization", "Bearer root")
	if status != 200 {
		h.t.Fatal(status, body)
	}
	if err := json.Unmarshal([]byte(body), &tried); err != nil {
		h.t.Fatal(err)
	}
	if tried.Understood != nil {
		if err := json.Unmarshal(tried.Understood, &understood); err != nil {
			h.t.Fatal(err)
		}
	}
	return tried, understood
}

const trialMapping = `{"event":{"of":"e","map":{"ring":"ringing","up":"answered"}},"call_id":"id",
	"direction":{"of":"way","map":{"1":"in"}},"number":{"in":"from","out":"to"},"agent":{"in":"to"}}`

// TestAMappingIsTriedOnTheLog: the direction was reported by an earlier request; the fields are listed; nothing is
// handled.
func TestAMappingIsTriedOnTheLog(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newApp(t, db)
		s := h.add(sources.NewSource{Name: "pbx", Dialect: "generic", Secret: "SECRET-of-pbx",
			Settings: map[string]string{"mapping": `{"event":"e","call_id":"id"}`}})
		for _, body := range []string{"e=ring&id=c&way=1&from=%2B74950000011&to=101",
			"e=up&id=c&from=%2B74950000011&to=101"} {
			if status, said := h.post("/hooks/pbx/SECRET-of-pbx", formType, body); status != 200 {
				t.Fatal(status, said)
			}
		}
		handled := len(h.tracker.events())
		line := h.lastLine(s)
		tried, understood := h.tryMapping(s, MappingTrial{Mapping: trialMapping, LogID: line.ID})
		if len(tried.Fields) != 4 || tried.Fields[2].Path != "from" || tried.Fields[2].Text != "+74950000011" {
			t.Errorf("%+v", tried.Fields)
		}
		if len(understood.Events) != 1 {
			t.Fatalf("%+v", tried)
		}
		e := understood.Events[0]
		if e.Event != "answered" || e.Direction != "in" || e.Number != "+74950000011" || e.Agent != "101" {
			t.Errorf("%+v", e)
		}
		if len(h.tracker.events()) != handled {
			t.Error("a trial was handled")
		}
		if _, err := h.receiver.TryMapping(context.Background(), s.ID,
			MappingTrial{LogID: line.ID + 1}); !fault.Is(err, fault.KindMissing) {
			t.Error(err)
		}
	})
}

// TestAMappingIsTriedOnAPastedRequest: whole, or its body alone; what is wrong is named by its place.
func TestAMappingIsTriedOnAPastedRequest(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newApp(t, db)
		s := h.add(sources.NewSource{Name: "pbx", Dialect: "generic", Preset: "telnyx", Secret: "SECRET-of-pbx"})
		whole := "POST /hooks/pbx?way=1 HTTP/1.1\r\nContent-Type: application/json\r\n" +
			"X-Token: t\r\n\r\n{\"e\":\"ring\",\"id\":7}\n"
		tried, understood := h.tryMapping(s,
			MappingTrial{Mapping: `{"event":{"of":"e","map":{"ring":"ringing"}},"call_id":"id",
			"direction":{"of":"way","map":{"1":"in"}},"agent":"$header.X-Token"}`, Raw: whole})
		if e := understood.Events[0]; e.CallID != "7" || e.Agent != "t" || e.Direction != "in" {
			t.Errorf("%+v", tried)
		}
		tried, _ = h.tryMapping(s, MappingTrial{Mapping: `{"event":"e["}`, Raw: `{"e":"ring"}`})
		want := []fault.Field{{Field: "mapping.call_id", Code: "required"}, {Field: "mapping.event",
			Code: "malformed_path"}}
		if len(tried.Fields) != 1 || !slices.Equal(tried.Faults, want) {
			t.Errorf("%+v", tried)
		}
		tried, _ = h.tryMapping(s, MappingTrial{Mapping: trialMapping, Raw: `{"e":"ring"`})
		if len(tried.Faults) == 0 || tried.Faults[0].Field != "body" {
			t.Errorf("%+v", tried)
		}
		status, body := h.post("/api/v1/sources/"+itoa(s.ID)+"/mapping/try", "application/json", "{}",
			"Authorization", "Bearer petrov")
		if status != 403 {
			t.Error(status, body)
		}
	})
}

// TestPresetsCanBeChosen: a preset becomes the document of the source, its faults name the place, and where the vendor
// chooses the secret it is required.
func TestPresetsCanBeChosen(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := newApp(t, db)
		s := h.add(sources.NewSource{Name: "pbx", Dialect: "generic", Preset: "ringcentral"})
		if !strings.Contains(s.Settings["mapping"], "telephonySessionId") {
			t.Error(s.Settings)
		}
		refused := []struct {
			draft       sources.NewSource
			field, code string
		}{
			{sources.NewSource{Name: "a", Dialect: "generic", Preset: "nonsense"}, "preset", "unknown_value"},
			{sources.NewSource{Name: "a", Dialect: "zammad", Preset: "zoom"}, "preset", "unknown_value"},
			{sources.NewSource{Name: "a", Dialect: "generic", Preset: "zoom"}, "secret", "required"},
			{sources.NewSource{Name: "a", Dialect: "generic",
				Settings: map[string]string{"mapping": `{"event":"e","call_id":"i","x":1}`}},
				"settings.mapping.x", "unknown_field"},
			{sources.NewSource{Name: "a", Dialect: "generic", Settings: map[string]string{"mapping": `{`}},
				"settings.mapping", "malformed_json"},
		}
		for _, tt := range refused {
			_, _, err := h.sources.Add(context.Background(), administrator, tt.draft)
			f := fault.Of(err)
			if f == nil || len(f.Fields) == 0 || f.Fields[0] != (fault.Field{Field: tt.field, Code: tt.code}) {
				t.Errorf("%+v: %v", tt.draft, err)
			}
		}
	})
}
