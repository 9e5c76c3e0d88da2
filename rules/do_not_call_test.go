package rules

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestTheListLiesOverEveryColour is the law of row 29: whatever the scene and the
// policy are, an entry of the list changes nothing of the verdict but the overlay.
func TestTheListLiesOverEveryColour(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scene, policy := anyScene(t), anyPolicy(t)
		scene.Number = rapid.SampledFrom([]NumberKind{"", External, External, Internal, Hidden,
			Invalid}).Draw(t, "number")
		scene.Failed, scene.AgentKnown = rapid.Bool().Draw(t, "failed"), rapid.Bool().Draw(t, "known")
		policy.DoNotCall = rapid.SampledFrom([]DoNotCallMode{DoNotCallWarn, DoNotCallBlock}).Draw(t, "list")
		without := Judge(scene, policy)
		if without.DoNotCall != "" {
			t.Fatalf("%s, but the number is not on the list", without.DoNotCall)
		}
		scene.DoNotCall = true
		with := Judge(scene, policy)
		want := DoNotCallWarn
		switch {
		case scene.Number != External && scene.Number != "":
			want = ""
		case scene.Direction == Out:
			want = policy.DoNotCall
		}
		if with.DoNotCall != want {
			t.Fatalf("%s call to a number that is %q: %q, want %q", scene.Direction, scene.Number, with.DoNotCall, want)
		}
		with.DoNotCall = ""
		if diff := cmp.Diff(without, with); diff != "" {
			t.Fatalf("the list changed the verdict itself:\n%s", diff)
		}
	})
}

func TestDoNotCallWords(t *testing.T) {
	const since, reason = "2026-03-12", "asked so himself."
	for _, tc := range []struct {
		why       string
		mode      DoNotCallMode
		direction Direction
		lang      string
		since     string
		reason    string
		want      string
	}{
		{"a warning", DoNotCallWarn, Out, "en", since, reason,
			"Do not call: the number is on the do-not-call list since 2026-03-12. Reason: asked so himself."},
		{"a block", DoNotCallBlock, Out, "en", since, reason,
			"Calling this number is forbidden: it is on the do-not-call list since 2026-03-12. Hang up. Reason: asked so himself."},
		{"he calls by himself", DoNotCallWarn, In, "en", since, reason,
			"The number is on the do-not-call list since 2026-03-12: talk now, but do not call back. Reason: asked so himself."},
		{"nothing known leaves no hole", DoNotCallWarn, Out, "en", "", "",
			"Do not call: the number is on the do-not-call list."},
		{"Russian", DoNotCallWarn, Out, "ru-RU", since, "сам попросил",
			"Не звоните: номер в списке «не звонить» с 2026-03-12. Причина: сам попросил."},
		{"Russian block", DoNotCallBlock, Out, "ru", "", "",
			"Звонить на этот номер запрещено: он в списке «не звонить». Положите трубку."},
		{"Russian, he calls by himself", DoNotCallWarn, In, "ru", since, "",
			"Номер в списке «не звонить» с 2026-03-12: поговорите сейчас, но не перезванивайте."},
		{"not on the list", "", Out, "ru", since, reason, ""},
	} {
		if got := DoNotCallWords(Verdict{DoNotCall: tc.mode, Direction: tc.direction},
			tc.lang, tc.since, tc.reason); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.why, got, tc.want)
		}
	}
}
