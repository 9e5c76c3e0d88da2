package staff

import (
	"slices"
	"testing"
	"time"

	"callhue/internal/access"
	"callhue/internal/store"
	"callhue/rules"
)

// The organisation of these tests:
//
//	1 company (head 1)
//	├── 2 sales (head 2)
//	│   ├── 4 north (head 4)     agents 5, 6; the head 4 himself
//	│   └── 5 south (no head)    agent 7
//	└── 3 support (head 3)       agent 8
//	6 branch (head 9, dismissed) agent 10; head 2 is a member of sales, 1 of nothing
func testOrg() *Org {
	department := func(id, parent, head int64) *Department {
		return &Department{ID: id, ParentID: parent, HeadID: head}
	}
	user := func(id, department int64, roles ...access.Role) *User {
		return &User{ID: id, Login: string(rune('a' + id - 1)), Name: "u", DepartmentID: department,
			Active: id != 9, Roles: roles}
	}
	day := func(d int) store.Moment { return store.MomentOf(time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC)) }
	return newOrg(orgParts{
		departments: []*Department{department(1, 0, 1), department(2, 1, 2), department(3, 1, 3), department(4, 2, 4),
			department(5, 2, 0), department(6, 0, 9)},
		users: []*User{user(1, 0), user(2, 2), user(3, 3), user(4, 4), user(5, 4), user(6, 4), user(7, 5),
			user(8, 3, access.Admin), user(9, 6, access.Admin), user(10, 6)},
		identities: []*Identity{{1, "", "101", 5, day(1)}, {2, "", "102", 6, day(1)}, {3, "office", "101", 7, day(1)},
			{4, "cloud", "сидоров иван", 7, day(1)},
			{5, "", "105", 5, day(1)}, {6, "sip", "sip:x@pbx", 8, day(1)}, {7, "", "109", 9, day(1)}},
		deputies: []Deputy{{1, 5, 6, day(10), day(20), day(1)}, {2, 7, 9, day(1), day(30), day(1)}},
	})
}

func TestHeadsAtEveryLevel(t *testing.T) {
	o := testOrg()
	for _, tc := range []struct {
		why  string
		of   int64
		want []int64
	}{
		{"the department, the one above, the one above that", 5, []int64{4, 2, 1}},
		{"a head's own department does not count for himself", 4, []int64{2, 1}},
		{"the middle head", 2, []int64{1}},
		{"a department without a head asks the one above", 7, []int64{2, 1}},
		{"the other branch", 8, []int64{3, 1}},
		{"nobody above the top, and he is in no department", 1, nil},
		{"a dismissed head is no head", 10, nil},
		{"a stranger", 99, nil},
	} {
		if got := o.HeadsOf(tc.of); !slices.Equal(got, tc.want) {
			t.Errorf("%s: heads of %d are %v, want %v", tc.why, tc.of, got, tc.want)
		}
		if got := o.HeadOf(tc.of); (got == nil) != (len(tc.want) == 0) || got != nil && got.ID != tc.want[0] {
			t.Errorf("%s: the nearest head of %d is %+v, want the first of %v", tc.why, tc.of, got, tc.want)
		}
		for user := int64(1); user <= 11; user++ {
			if got, want := o.IsHeadOf(user, tc.of), slices.Contains(tc.want, user); got != want {
				t.Errorf("%s: %d is head of %d: %v", tc.why, user, tc.of, got)
			}
		}
	}
}

func TestTeams(t *testing.T) {
	o := testOrg()
	for user, want := range map[int64][]int64{1: {1, 2, 3, 4, 5}, 2: {2, 4, 5}, 3: {3}, 4: {4}, 5: {}, 9: {}, 99: {}} {
		if got := o.TeamsOf(user); !slices.Equal(got, want) {
			t.Errorf("teams of %d: %v, want %v", user, got, want)
		}
	}
}

func TestACircleInTheTreeEnds(t *testing.T) {
	o := newOrg(orgParts{departments: []*Department{{ID: 1, ParentID: 2, HeadID: 2}, {ID: 2, ParentID: 1, HeadID: 2}},
		users: []*User{{ID: 1, DepartmentID: 1, Active: true}, {ID: 2, DepartmentID: 1, Active: true}}})
	if got := o.HeadsOf(1); !slices.Equal(got, []int64{2}) {
		t.Fatalf("heads %v", got)
	}
}

func TestRelation(t *testing.T) {
	o := testOrg()
	in, before, end := time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 9, 23, 59, 59, 0,
		time.UTC), time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		why          string
		agent, owner int64
		team         []int64
		at           time.Time
		want         rules.Relation
	}{
		{"no owner is never foreign", 5, 0, []int64{6}, in, rules.NoOwner},
		{"the team helps with a company that has no owner", 5, 0, []int64{5}, in, rules.Team},
		{"the owner himself, although he is in the team too", 5, 5, []int64{5}, in, rules.Own},
		{"team goes before deputy", 6, 5, []int64{6}, in, rules.Team},
		{"deputy within his period", 6, 5, nil, in, rules.Deputy},
		{"not yet", 6, 5, nil, before, rules.Foreign},
		{"the end is exclusive", 6, 5, nil, end, rules.Foreign},
		{"a dismissed deputy is none, nor an admin", 9, 7, nil, in, rules.Foreign},
		{"head", 4, 5, nil, in, rules.Supervisor},
		{"head of the department above", 2, 5, nil, in, rules.Supervisor},
		{"head of another branch", 3, 5, nil, in, rules.Foreign},
		{"admin and nothing else", 8, 5, nil, in, rules.Admin},
		{"a colleague", 5, 6, nil, in, rules.Foreign},
		{"an agent nobody knows", 99, 5, nil, in, rules.Foreign},
		{"an owner nobody knows any more", 5, 99, nil, in, rules.Foreign},
	} {
		if got := o.Relation(tc.agent, tc.owner, tc.team, tc.at); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.why, got, tc.want)
		}
	}
}

func TestByIdentity(t *testing.T) {
	o := testOrg()
	for _, tc := range []struct {
		why, source, value string
		want               int64
	}{
		{"the source's own identity before an extension", "office", "101", 7},
		{"an extension counts in every source", "cloud", "101", 5},
		{"the second extension too", "cloud", "105", 5},
		{"blanks and case do not matter", "cloud", "  Сидоров ИВАН ", 7},
		{"an identity of another source does not", "office", "сидоров иван", 0},
		{"a login is the last resort", "office", "H", 8},
		{"a SIP URI stands for its user", "office", "sip:102@pbx.example;transport=udp", 6},
		{"in angle brackets too", "office", "<SIP:102@pbx.example>", 6},
		{"a URI that somebody has as a whole", "sip", "sip:x@pbx", 8},
		{"behind a name too", "office", `"Иванов" <sip:102@pbx.example;user=phone>`, 6},
		{"a short number with its domain", "office", "102@pbx.example", 6},
		{"an e-mail is neither", "office", "h@pbx.example", 0},
		{"a dismissed user is not called any more", "office", "109", 0},
		{"nobody", "office", "999", 0},
		{"nothing", "office", " ", 0},
		{"an empty URI", "office", "sip:@pbx", 0},
	} {
		got := int64(0)
		if u := o.ByIdentity(tc.source, tc.value); u != nil {
			got = u.ID
		}
		if got != tc.want {
			t.Errorf("%s: %d, want %d", tc.why, got, tc.want)
		}
	}
}
