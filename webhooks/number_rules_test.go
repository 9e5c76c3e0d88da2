package webhooks

import (
	"strings"
	"testing"

	"callhue/internal/store"
	"callhue/phone"
	"callhue/webhooks/sources"
)

// TestAPrefixIsNoWayRoundTheCard: a colleague's client who is dialled with a prefix has a red card.
func TestAPrefixIsNoWayRoundTheCard(t *testing.T) {
	t.Parallel()
	store.Test(t, func(t *testing.T, db *store.DB) {
		h := realApp(t, db)
		rules := sources.NumberRules{{Pattern: `7812#(.+)`, Replacement: "$1"}, phone.OutsideLine("1")}
		h.add(sources.NewSource{Name: "office", Dialect: "generic", Secret: secretOfOffice, Rules: rules})
		numbers := []string{"84950000011", "984950000011", "9+74950000011", "184950000011", "7812#84950000011"}
		for n, number := range numbers {
			event := `{"event":"ringing","call_id":"p-` + itoa(int64(n)) + `","direction":"out","agent":"102",` +
				`"number":"` + number + `"}`
			status, said := h.signed("/hooks/office", secretOfOffice, event)
			isRed := strings.Contains(said, `"color":"red"`)
			if status != 200 || !isRed || !strings.Contains(said, `"e164":"+74950000011"`) {
				t.Errorf("%s: %d %s", number, status, said)
			}
		}
	})
}
