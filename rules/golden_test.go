package rules

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const goldenHeader = `The verdict for every possible call, under the policy that ships with the product.
Written by the test (go test ./rules -update); change the table, not this file.

How to read it: answer the question of a line, go to the lines indented below it,
until an arrow gives the verdict:
    -> ROW  COLOUR  why; relation of the agent to the owner; banner; incident
The relation is the answer to "claim" or to "standing" ("no owner" is spelled none).
A question that is not asked on a path does not matter there; "or" joins answers
that end alike. "incident" marks the outgoing calls on which a real conversation
is an incident; an incoming call never is. Colours of both directions are equal.

The questions
  number       what is the other party's number?
  check        was the lookup done in time?
  agent        do we know the agent?
  claim        does a protected company speak against the agent (link ages
               weighed), and what is he to its owner? none: nothing is red
  idle         has its owner's side not been in touch with it for so long that
               the policy lets the protection fade?
  cause        why is that company protected?
  via          how does the number reach it: it stands on the company (direct),
               or on a contact or lead of it?
  base         the kind of record that decides when nothing is red; hint: no
               record has the number, but some have one that ends alike
  shared       is a protected foreign company excused, because the agent's own
               has the number longer?
  contact      does the contact that decides lead to a company?
  companies    how many companies the number reaches; linked: only through
               contacts or leads; direct: the number stands on it; mixed: on
               one of several
  lead beside  was a lead found too?
  lead         does the lead that decides name a company?
  standing     what is the agent to the owner of the record that decides?
  all ours     is everything found the agent's own?
  status       can the status of the company that decides be relied on?
  effect       what does that status show to others?
  employee     is the number a colleague's own phone?

`

// TestGolden enumerates the whole fact space and writes it as a tree in which
// a question is asked only where its answer matters.
func TestGolden(t *testing.T) {
	facts := factSpace()
	var b strings.Builder
	b.WriteString(goldenHeader)
	fmt.Fprintf(&b, "%d forms, %d lines in the table\n\n", len(facts), len(table))
	forms := make([]form, 0, len(facts)/2)
	for _, f := range facts {
		if f.has(directionOut) {
			forms = append(forms, form{f &^ directionOut, ending(t, f)})
		}
	}
	asked := questions()
	asked = asked[:len(asked)-1] // the direction is part of the ending
	for _, line := range tree(forms, asked) {
		if path, ends, leaf := strings.Cut(line, "->"); leaf {
			line = fmt.Sprintf("%-76s->%s", path, ends)
		}
		b.WriteString(line + "\n")
	}
	golden(t, "verdicts.golden", b.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s differs (-want +got); if that is meant: go test ./rules -update\n%s", name, diff)
	}
}

type form struct {
	facts Facts
	ends  string
}

// ending writes the verdicts of a form for both directions in one line.
func ending(t *testing.T, f Facts) string {
	out, in := Decide(f, Default()), Decide(f&^directionOut|directionIn, Default())
	if in.Color != out.Color || in.Why != out.Why || in.Row != out.Row || in.Banner != out.Banner || in.Incident {
		t.Fatalf("an incoming call must look like an outgoing one and be no incident: %s", f)
	}
	words := []string{string(out.Why)}
	if table[lineOf(t, f)].speaksOfOwner() {
		if out.Relation != f.relation() {
			t.Errorf("relation %s, want %s: %s", out.Relation, f.relation(), f)
		}
		whose := "standing"
		if f.has(claimForeign | claimSupervisor | claimAdmin) {
			whose = "claim"
		}
		words = append(words, "relation as "+whose)
	} else if out.Relation != NoOwner {
		t.Errorf("relation %s without an owner: %s", out.Relation, f)
	}
	if out.Banner {
		words = append(words, "banner")
	}
	if out.Incident {
		words = append(words, "incident")
	}
	color := string(out.Color)
	if out.Color != None {
		color = strings.ToUpper(color)
	}
	return fmt.Sprintf("-> %-4s %-6s  %s", out.Row, color, strings.Join(words, "; "))
}

// tree asks the questions one by one. Answers whose branches look alike are
// joined; a question whose answers all look alike is not asked.
func tree(forms []form, ask []question) []string {
	same := func(f form) bool { return f.ends == forms[0].ends }
	if !slices.ContainsFunc(forms, func(f form) bool { return !same(f) }) {
		return []string{forms[0].ends}
	}
	type branch struct {
		words []string
		lines []string
	}
	var branches []branch
	var blank []form
	for _, a := range ask[0].answers {
		var with []form
		for _, f := range forms {
			if f.facts.has(a.bit) {
				with = append(with, f)
			}
		}
		if len(with) == 0 {
			continue
		}
		lines := tree(with, ask[1:])
		at := slices.IndexFunc(branches, func(b branch) bool { return slices.Equal(b.lines, lines) })
		if at < 0 {
			branches, at = append(branches, branch{lines: lines}), len(branches)
		}
		branches[at].words = append(branches[at].words, a.words)
	}
	for _, f := range forms {
		if !f.facts.has(ask[0].all()) {
			blank = append(blank, f)
		}
	}
	if len(branches) == 0 {
		return tree(blank, ask[1:])
	}
	if len(blank) == 0 && len(branches) == 1 {
		return branches[0].lines
	}
	if len(blank) > 0 {
		branches = append(branches, branch{[]string{"not asked"}, tree(blank, ask[1:])})
	}
	var lines []string
	for _, b := range branches {
		head := ask[0].name + " " + strings.Join(b.words, " or ")
		if len(b.lines) == 1 && strings.HasPrefix(b.lines[0], "->") {
			lines = append(lines, head+" "+b.lines[0])
			continue
		}
		lines = append(lines, head)
		for _, l := range b.lines {
			lines = append(lines, "    "+l)
		}
	}
	return lines
}

// factSpace returns every form that can be filled in without contradiction. It is
// written from the meaning of the questions, not from Weigh: a property test
// checks that Weigh stays inside it.
func factSpace() []Facts {
	call := cross([]Facts{0}, numberExternal, numberInternal, numberHidden, numberInvalid)
	call = cross(call, checkDone, checkFailed)
	call = cross(call, agentKnown, agentUnknown)
	call = cross(call, employeeNo, employeeYes)
	call = cross(call, directionOut, directionIn)
	var all []Facts
	for _, f := range append(claimSpace(), calmSpace()...) {
		for _, c := range call {
			all = append(all, c|f)
		}
	}
	return all
}

// cross extends each form by each answer of a question.
func cross(forms []Facts, answers ...Facts) []Facts {
	out := make([]Facts, 0, len(forms)*len(answers))
	for _, f := range forms {
		for _, a := range answers {
			out = append(out, f|a)
		}
	}
	return out
}

// claimSpace returns the forms in which a company makes the card red. The number
// stands on it, or on a contact or lead that then exists too.
func claimSpace() []Facts {
	onNumber := cross([]Facts{viaDirect}, oneDirect, severalMixed, severalDirect)
	onNumber = cross(onNumber, baseCompany, baseContact, baseLead)
	onContact := cross([]Facts{viaContact}, oneLinked, severalLinked, severalMixed, severalDirect)
	onContact = cross(onContact, baseContact, baseCompany, baseLead)
	onLead := cross([]Facts{viaLead}, oneLinked, severalLinked, severalMixed, severalDirect)
	onLead = cross(onLead, baseLead, baseContact, baseCompany)
	var all []Facts
	for _, f := range slices.Concat(onNumber, onContact, onLead) {
		if f.has(baseCompany) && f.has(oneLinked|severalLinked) {
			continue // a company decides only if the number stands on one
		}
		all = append(all, f)
	}
	all = cross(all, claimForeign, claimSupervisor, claimAdmin)
	all = cross(all, idleNo, idleYes)
	return cross(all, causeInWork, causeOwnerLeft, causeNoStatus, causeLostStatus)
}

// calmSpace returns the forms in which nothing is red.
func calmSpace() []Facts {
	return slices.Concat(
		[]Facts{claimNone | sharedNo | companiesNone | baseNothing, claimNone | baseHint},
		companySpace(), contactSpace(), leadSpace())
}

var (
	allStandings = []Facts{standingOwn, standingTeam, standingDeputy, standingPermit, standingSupervisor, standingAdmin,
		standingForeign, standingNone}
	ourStandings = allStandings[:4]
	notOurs      = allStandings[4:7]
)

// statuses lists what a company can show to others.
func statuses(forms []Facts) []Facts {
	return cross(cross(forms, statusSet, statusMissing, statusUnknown), effectNone, effectBanner, effectYellow)
}

func companySpace() []Facts {
	number := cross([]Facts{claimNone | baseCompany}, oneDirect, severalMixed, severalDirect)
	calm := cross(number, sharedNo)
	shared := cross([]Facts{claimNone | baseCompany | sharedYes}, severalMixed, severalDirect)
	// On a shared number the agent's own company ranks first, unless a status
	// asks for yellow: that company's link is older still.
	return slices.Concat(
		cross(calm, standingOwn, standingTeam, standingDeputy, standingPermit, standingNone),
		statuses(cross(calm, notOurs...)),
		cross(shared, ourStandings...),
		cross(cross(cross(shared, notOurs...), statusSet, statusMissing, statusUnknown), effectYellow))
}

func contactSpace() []Facts {
	var all []Facts
	for _, companies := range []Facts{companiesNone, oneLinked, oneDirect, severalLinked, severalMixed, severalDirect} {
		base := cross([]Facts{claimNone | baseContact | companies}, leadBesideNo, leadBesideYes)
		calm := cross(base, sharedNo)
		alone := cross(cross(calm, contactAlone|oursNo), allStandings...)
		all = append(all, alone...)
		if companies == companiesNone {
			continue
		}
		all = append(all, cross(cross(calm, contactLinked|oursNo), allStandings...)...)
		all = append(all, cross(cross(calm, contactLinked|oursYes), ourStandings...)...)
		if companies.has(severalLinked | severalMixed | severalDirect) {
			shared := cross(base, sharedYes|oursNo|contactAlone, sharedYes|oursNo|contactLinked)
			all = append(all, cross(shared, ourStandings...)...)
		}
	}
	return all
}

func leadSpace() []Facts {
	base := []Facts{claimNone | baseLead}
	several := cross(base, severalLinked, severalMixed, severalDirect)
	calm := append(several, cross(base, companiesNone, oneLinked, oneDirect)...)
	return cross(append(
		cross(cross(calm, sharedNo), allStandings...),
		cross(cross(several, sharedYes), ourStandings...)...), leadPlain, leadOfCompany)
}

// Each line of the table decides some form of the space, and each form is
// decided by some line.
func TestEveryRowIsReachable(t *testing.T) {
	decided := make([]int, len(table))
	for _, f := range factSpace() {
		decided[lineOf(t, f)]++
	}
	for i, n := range decided {
		if n == 0 {
			t.Errorf("line %d can never decide: row %s, %s", i, table[i].Name, table[i].Says)
		}
	}
}

// A line must not hide behind an earlier one by chance: conditions name known
// answers only, and every line explains itself.
func TestTableIsWellFormed(t *testing.T) {
	var known Facts
	for _, q := range questions() {
		if known&q.all() != 0 {
			t.Errorf("question %q shares an answer with another", q.name)
		}
		known |= q.all()
	}
	for i, r := range table {
		if r.When == 0 || r.When&^known != 0 {
			t.Errorf("line %d, row %s: condition %x", i, r.Name, uint64(r.When))
		}
		if r.Says == "" || r.Color == "" || r.Why == "" || r.Name == "" {
			t.Errorf("line %d, row %s is incomplete", i, r.Name)
		}
	}
}
