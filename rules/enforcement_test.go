package rules

import (
	"testing"

	"pgregory.net/rapid"
)

func TestWhatEnforcementWants(t *testing.T) {
	for _, c := range []struct {
		mode                  EnforcementMode
		metBefore, metWithWhy bool
		says                  bool
	}{
		{EnforceWarn, true, true, false},
		{EnforceReason, false, true, true},
		{EnforcePermit, false, false, true},
		{EnforceBlock, false, false, true},
	} {
		if c.mode.Met("") != c.metBefore || c.mode.Met("he asked for me") != c.metWithWhy {
			t.Errorf("%s: met %v without a reason, %v with one", c.mode, c.mode.Met(""), c.mode.Met("he asked for me"))
		}
		for _, lang := range []string{"ru", "en"} {
			words := c.mode.Words(lang)
			if (words != "") != c.says {
				t.Errorf("%s, %s: says %q", c.mode, lang, words)
			}
			if words != "" {
				checkWords(t, string(c.mode), lang, words)
			}
		}
	}
}

// Whatever is enforced, the verdict stays the same.
func TestEnforcementTouchesNoColour(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scene, policy := anyScene(t), anyPolicy(t)
		want := Judge(scene, policy)
		policy.Enforcement = Enforcement{Mode: rapid.SampledFrom([]EnforcementMode{EnforceReason,
			EnforcePermit}).Draw(t, "mode"), PermitHours: 1}
		if got := Judge(scene, policy); !equal(got, want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
	})
}
