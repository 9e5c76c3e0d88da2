package rules

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// withTexts is the shipped policy with words for one reason.
func withTexts(why Why, w Wording) *Policy {
	p := policyWith(func(p *Policy) { p.Texts = map[Why]Wording{why: w} })
	return &p
}

func TestThePolicysWords(t *testing.T) {
	names := Names{Owner: "Ivanov", Company: "Acme"}
	red := Verdict{Why: WhyForeignInWork, Relation: Foreign, Direction: Out}
	in := Verdict{Why: WhyForeignInWork, Relation: Foreign, Direction: In}
	for _, tc := range []struct {
		why     string
		policy  *Policy
		verdict Verdict
		lang    string
		want    [2]string // "": as shipped
	}{
		{"a title of its own", withTexts(WhyForeignInWork, Wording{EN: Saying{Title: "Hands off[, {owner} has it]"}}),
			red, "en", [2]string{"Hands off, Ivanov has it", ""}},
		{"the other language stays", withTexts(WhyForeignInWork, Wording{EN: Saying{Title: "Hands off"}}), red,
			"ru", [2]string{}},
		{"Russian", withTexts(WhyForeignInWork, Wording{RU: Saying{Title: "Не трогать", Text: "Спросите {owner}"}}),
			red, "ru-RU", [2]string{"Не трогать", "Спросите Ivanov"}},
		{"words for outgoing calls are not said of incoming ones",
			withTexts(WhyForeignInWork, Wording{EN: Saying{Title: "Hands off"}}), in, "en", [2]string{}},
		{"they have their own", withTexts(WhyForeignInWork,
			Wording{EN: Saying{Title: "Hands off", InText: "Put through[ to {contact}]"}}), in, "en",
			[2]string{"", "Put through"}},
		{"where the product makes no difference, one word does for both",
			withTexts(WhyHidden, Wording{EN: Saying{Title: "Somebody"}}), Verdict{Why: WhyHidden, Direction: In}, "en",
			[2]string{"Somebody", ""}},
		{"another reason stays", withTexts(WhyHidden, Wording{EN: Saying{Title: "Somebody"}}), red, "en", [2]string{}},
		{"a title that hangs on a missing name", withTexts(WhyForeignInWork, Wording{EN: Saying{Title: "[{lead}] "}}),
			red, "en", [2]string{}},
		{"whatever the agent is to the owner", withTexts(WhyLeadOnly, Wording{EN: Saying{Title: "A lead"}}),
			Verdict{Why: WhyLeadOnly, Relation: Own}, "en", [2]string{"A lead", ""}},
	} {
		title, text := tc.policy.Words(tc.verdict, tc.lang, names)
		wantTitle, wantText := Words(tc.verdict, tc.lang, names)
		if tc.want[0] != "" {
			wantTitle = tc.want[0]
		}
		if tc.want[1] != "" {
			wantText = tc.want[1]
		}
		if title != wantTitle || text != wantText {
			t.Errorf("%s:\n got %q, %q\nwant %q, %q", tc.why, title, text, wantTitle, wantText)
		}
	}
}

func TestTheWordsAreChecked(t *testing.T) {
	for _, tc := range []struct {
		why   string
		texts map[Why]Wording
		want  []Problem
	}{
		{"every name, in brackets or not", map[Why]Wording{WhyOwn: {Icon: "own",
			EN: Saying{Title: "{agent}[ {owner} {head}][{company}]", Text: "{contact}{lead}[{status}] {colleague}"}}},
			nil},
		{"nothing at all", map[Why]Wording{WhyOwn: {}}, nil},
		{"no row gives such a reason", map[Why]Wording{"foreign": {}, WhyAnsweredElsewhere: {}},
			[]Problem{{Field: "texts.answered_elsewhere", Code: ProblemUnknownReason},
				{Field: "texts.foreign", Code: ProblemUnknownReason}}},
		{"no such shape", map[Why]Wording{WhyOwn: {Icon: "skull"}},
			[]Problem{{Field: "texts.own.icon", Code: ProblemUnknownValue}}},
		{"no such name", map[Why]Wording{WhyOwn: {RU: Saying{Title: "{owner} {boss}"}}},
			[]Problem{{Field: "texts.own.ru.title", Code: ProblemUnknownName}}},
		{"a name of the list, not of a verdict", map[Why]Wording{WhyOwn: {RU: Saying{Title: "{reason}"}}},
			[]Problem{{Field: "texts.own.ru.title", Code: ProblemUnknownName}}},
		{"a brace that does not close", map[Why]Wording{WhyOwn: {EN: Saying{Text: "{owner"}}},
			[]Problem{{Field: "texts.own.en.text", Code: ProblemMalformed}}},
		{"a brace that does not open", map[Why]Wording{WhyOwn: {EN: Saying{Text: "owner}"}}},
			[]Problem{{Field: "texts.own.en.text", Code: ProblemMalformed}}},
		{"a bracket that does not close", map[Why]Wording{WhyOwn: {EN: Saying{InTitle: "[a"}}},
			[]Problem{{Field: "texts.own.en.in_title", Code: ProblemMalformed}}},
		{"a bracket that does not open", map[Why]Wording{WhyOwn: {EN: Saying{InText: "a]"}}},
			[]Problem{{Field: "texts.own.en.in_text", Code: ProblemMalformed}}},
		{"brackets in brackets", map[Why]Wording{WhyOwn: {EN: Saying{Title: "[a[b]]"}}},
			[]Problem{{Field: "texts.own.en.title", Code: ProblemMalformed}}},
		{"a bracket in a brace", map[Why]Wording{WhyOwn: {EN: Saying{Title: "{[owner]}"}}},
			[]Problem{{Field: "texts.own.en.title", Code: ProblemMalformed}}},
		{"two lines", map[Why]Wording{WhyOwn: {EN: Saying{Title: "a\nb"}}},
			[]Problem{{Field: "texts.own.en.title", Code: ProblemMalformed}}},
		{"a title must be short", map[Why]Wording{WhyOwn: {EN: Saying{Title: strings.Repeat("ё", maxTitle+1),
			Text: strings.Repeat("ё", maxTitle+1)}}}, []Problem{{Field: "texts.own.en.title", Code: ProblemTooLong}}},
	} {
		if diff := cmp.Diff(tc.want, policyWith(func(p *Policy) { p.Texts = tc.texts }).Validate()); diff != "" {
			t.Errorf("%s: -want +got\n%s", tc.why, diff)
		}
	}
}

// The words that ship with the product pass the check that a policy's must.
func TestTheShippedWordsPassTheCheck(t *testing.T) {
	for _, p := range slices.Concat(english, russian) {
		for _, words := range []string{p.out.title, p.out.text, p.in.title, p.in.text} {
			if code := templateProblem(words, maxText); code != "" {
				t.Errorf("%s: %q is %s", p.why, words, code)
			}
		}
	}
}

// The card can draw exactly the icons that a policy may name.
func TestTheCardKnowsTheIcons(t *testing.T) {
	source, err := os.ReadFile("../ui/src/card/icons.ts")
	if err != nil {
		t.Fatal(err)
	}
	_, shapes, _ := strings.Cut(string(source), "const shapes = {")
	shapes, _, _ = strings.Cut(shapes, "} satisfies")
	var drawn []string
	for _, line := range regexp.MustCompile(`(?m)^  ([a-z]+): \[`).FindAllStringSubmatch(shapes, -1) {
		drawn = append(drawn, line[1])
	}
	if want := Icons(); !slices.Equal(slices.Sorted(slices.Values(drawn)), slices.Sorted(slices.Values(want))) {
		t.Errorf("the card draws %v, a policy may name %v", drawn, want)
	}
}

// TestStoredTextsKeepTheirPlaceholders reads a policy that was stored before {until} had its name.
func TestStoredTextsKeepTheirPlaceholders(t *testing.T) {
	stored := `{"texts": {"permit": {"ru": {"title": "[До {till}]"}, "en": {"in_text": "until {till}"}}}}`
	p, err := ReadPolicy([]byte(stored))
	if err != nil {
		t.Fatal(err)
	}
	got := p.Texts[WhyPermit]
	if got.RU.Title != "[До {until}]" || got.EN.InText != "until {until}" {
		t.Errorf("read as %+v", got)
	}
	if problems := p.Validate(); len(problems) != 0 {
		t.Errorf("a stored text is refused: %v", problems)
	}
}
