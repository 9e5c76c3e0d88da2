package dialects

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	portal "callhue/crmsync/bitrix24"
)

// bitrix24Event matches the name of an event of a portal.
var bitrix24Event = regexp.MustCompile(`\bON[A-Z]{6,}\b`)

// printedEvents returns the events that the steps of a dialect name.
func printedEvents(d Dialect, settings map[string]string) (names []string) {
	setup := d.Setup(Address{PublicURL: "https://callhue.example", Source: "b24", Secret: "SECRET", Settings: settings})
	for _, step := range setup.Steps {
		names = append(names, bitrix24Event.FindAllString(step.Copy, -1)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// TestPrintedEventsOfBitrix24: the events that an administrator selects are all that the sentence before them promises,
// and each of them is handled.
func TestPrintedEventsOfBitrix24(t *testing.T) {
	callEvents := strings.Split(bitrix24CallEvents, ", ")
	var all []string
	for _, record := range []string{"LEAD", "CONTACT", "COMPANY"} {
		for _, action := range []string{"ADD", "UPDATE", "DELETE"} {
			all = append(all, "ONCRM"+record+action)
		}
	}
	all = append(all, callEvents...)
	slices.Sort(all)
	slices.Sort(callEvents)
	if got := printedEvents(bitrix24Sync(), map[string]string{}); !slices.Equal(got, all) {
		t.Errorf("two webhooks: %v, want %v", got, all)
	}
	if got := printedEvents(bitrix24(), nil); !slices.Equal(got, callEvents) {
		t.Errorf("an outgoing webhook: %v, want %v", got, callEvents)
	}
	recipe, err := os.ReadFile("../../docs/recipes/bitrix24.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range all {
		if !strings.Contains(string(recipe), event) {
			t.Errorf("the recipe lacks %s", event)
		}
	}
	for _, event := range append(all, portal.Events...) {
		req := &Request{Settings: map[string]string{}, Form: &Form{values: map[string]string{"event": event,
			"data[FIELDS][ID]": "7", "data[CALL_ID]": "a", "data[CALL_TYPE]": "2"}}}
		d := bitrix24Sync()
		parsed, err := d.Read(req)
		handled := len(parsed.Events)+len(parsed.Changes) > 0 || parsed.Note != "" || parsed.Uninstalled
		if err != nil || !handled || parsed.Ignored != "" {
			t.Errorf("%s is not handled: %+v, %v", event, parsed, err)
		}
		if strings.HasPrefix(event, "ONCRM") && len(parsed.Changes) != 1 {
			t.Errorf("%s changes %v", event, parsed.Changes)
		}
	}
}

// TestEventsOfAnAmocrmAccount: each action that an account is subscribed to is one that a form may report.
func TestEventsOfAnAmocrmAccount(t *testing.T) {
	for _, action := range amocrmActions {
		for _, entity := range amocrmEntities {
			name := entity + "[" + action + "][0]"
			req := &Request{Form: &Form{values: map[string]string{name + "[id]": "7", name + "[type]": "contact"}}}
			d := amocrmSync()
			if parsed, err := d.Read(req); err != nil || len(parsed.Changes) != 1 {
				t.Errorf("%s %s: %+v, %v", entity, action, parsed.Changes, err)
			}
		}
	}
}
