package rules

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

var fullNames = Names{
	Agent: "agent-name", Owner: "owner-name", OwnerHead: "head-name", Company: "company-name",
	Contact: "contact-name", Lead: "lead-name", Status: "status-name", Colleague: "colleague-name", Until: "till-name",
}

// allWhys reads the reason codes out of the source, so that a new one without
// words fails here.
func allWhys(t *testing.T) []Why {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "rules.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []Why
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Why") {
			return true
		}
		code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, Why(code))
		return true
	})
	if len(all) < 30 {
		t.Fatalf("only %d reason codes found in rules.go", len(all))
	}
	return all
}

func TestWordsAreComplete(t *testing.T) {
	for _, why := range allWhys(t) {
		for _, direction := range []Direction{Out, In} {
			for _, relation := range []Relation{Own, Team, Deputy, Permit, Supervisor, Admin, Foreign, NoOwner} {
				for _, lang := range []string{"ru", "en"} {
					for i, names := range []Names{fullNames, {}} {
						title, text := Words(Verdict{Why: why, Direction: direction, Relation: relation}, lang, names)
						where := fmt.Sprintf("%s, %s, %s, %s, names %v", why, direction, relation, lang, i == 0)
						checkWords(t, where+", title", lang, title)
						checkWords(t, where+", text", lang, text)
					}
				}
			}
		}
	}
}

// checkWords looks for what goes wrong in templates: nothing said, brackets
// left over, a hole where a name is missing, the other language.
func checkWords(t *testing.T, where, lang, words string) {
	t.Helper()
	if words == "" {
		t.Errorf("%s: nothing is said", where)
	}
	for _, bad := range []string{"[", "]", "{", "}", "  ", " .", " ,", ",,", "..", ": .", " :"} {
		if strings.Contains(words, bad) {
			t.Errorf("%s: %q in %q", where, bad, words)
		}
	}
	first := []rune(words + " ")[0]
	if !unicode.IsUpper(first) {
		t.Errorf("%s: starts with %q: %q", where, first, words)
	}
	cyrillic := strings.ContainsFunc(words, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) })
	if cyrillic != (lang == "ru") {
		t.Errorf("%s: not in the language: %q", where, words)
	}
}

// Both languages say the same: they have the same phrases in the same order and
// use the same names.
func TestLanguagesAgree(t *testing.T) {
	if len(english) != len(russian) {
		t.Fatalf("%d English phrases, %d Russian", len(english), len(russian))
	}
	for i := range english {
		en, ru := english[i], russian[i]
		if en.why != ru.why || en.relation != ru.relation {
			t.Errorf("phrase %d: %s %s against %s %s", i, en.why, en.relation, ru.why, ru.relation)
			continue
		}
		for _, pair := range [][2]say{{en.out, ru.out}, {en.in, ru.in}} {
			for _, name := range []string{"{agent}", "{owner}", "{head}", "{company}", "{contact}", "{lead}",
				"{status}", "{until}", "{colleague}"} {
				if strings.Contains(pair[0].title+pair[0].text, name) != strings.Contains(pair[1].title+pair[1].text,
					name) {
					t.Errorf("%s %s: %s is named in one language only", en.why, en.relation, name)
				}
			}
		}
	}
}

// An incoming call has other words: it is the client who calls.
func TestIncomingHasOtherWords(t *testing.T) {
	for _, row := range Table() {
		if !row.speaksOfOwner() {
			continue
		}
		for _, lang := range []string{"ru", "en"} {
			out, _ := Words(Verdict{Why: row.Why, Direction: Out, Relation: Foreign}, lang, fullNames)
			in, _ := Words(Verdict{Why: row.Why, Direction: In, Relation: Foreign}, lang, fullNames)
			if out == in {
				t.Errorf("row %s, %s, %s: %q for both directions", row.Name, row.Why, lang, out)
			}
		}
	}
}

func TestWords(t *testing.T) {
	red := Verdict{Why: WhyForeignInWork, Relation: Foreign, Direction: Out}
	for _, tc := range []struct {
		why         string
		verdict     Verdict
		lang        string
		names       Names
		title, text string
	}{
		{"all names known", red, "en", Names{Owner: "Ivanov", Company: "Acme"},
			"Not your client. Owner: Ivanov",
			"In work with a colleague: Acme. Do not work this client: pass it to the owner."},
		{"a missing name leaves no hole", red, "en", Names{Company: "Acme"},
			"Not your client", "In work with a colleague: Acme. Do not work this client: pass it to the owner."},
		{"Russian", red, "ru-RU", Names{Owner: "Иванов", Company: "Вектор"},
			"Чужой клиент. Ответственный: Иванов",
			"С компанией уже работает коллега: Вектор. Не работайте с этим клиентом, передайте его ответственному."},
		{"an unknown language is English", Verdict{Why: WhyUnknown}, "de", Names{},
			"Unknown number", "It is on no record. Create a lead or a contact."},
		{"a name is never taken for a template", Verdict{Why: WhyInternal}, "en",
			Names{Colleague: "[{owner}]", Owner: "X"}, "Colleague: [{owner}]",
			"An internal call. Nothing was looked up."},
		{"the head is told that he is the head", Verdict{Why: WhyForeignFree, Relation: Supervisor}, "en",
			Names{Owner: "Ivanov", Status: "Waiting"}, "Client of your employee: Ivanov",
			"Status: Waiting. Not protected. You are the owner's head."},
	} {
		t.Run(tc.why, func(t *testing.T) {
			title, text := Words(tc.verdict, tc.lang, tc.names)
			if title != tc.title || text != tc.text {
				t.Errorf("got  %q, %q\nwant %q, %q", title, text, tc.title, tc.text)
			}
		})
	}
}

// TestC43EveryLineOfTheTableIsRussianToo: the Russian sentences are those of the lines of the table, in its order.
func TestC43EveryLineOfTheTableIsRussianToo(t *testing.T) {
	if len(russianLines) != len(table) {
		t.Fatalf("%d Russian sentences for %d lines", len(russianLines), len(table))
	}
	for i, row := range table {
		if RuleText(row.Says, "ru") == row.Says || RuleText(row.Says, "en") != row.Says {
			t.Errorf("line %d, row %s: %q", i, row.Name, RuleText(row.Says, "ru"))
		}
	}
}
