package oracle

import "time"

// World is everything that the rule may look at, at one moment.
type World struct {
	Departments []Department
	Users       []User
	Deputies    []Deputy
	Permits     []Permit
	Statuses    []Status
	Companies   []Company
	Contacts    []Contact
	Leads       []Lead
	DoNotCall   []Barred
	Talks       []Talk // that were had, of everyone
	Policy      Policy
}

// Department is a node of the tree of departments. Parent 0 is the top, Head 0
// is no one.
type Department struct{ ID, Parent, Head int64 }

// User is an employee. Phones are his own numbers.
type User struct {
	ID, Department int64
	Admin, Active  bool
	Phones         []string
}

// Deputy stands in for an owner from a moment until before another one.
type Deputy struct {
	Owner, Deputy int64
	From, Until   time.Time
}

// Permit lets an agent work a company from a moment until before another one.
type Permit struct {
	Agent, Company int64
	From, Until    time.Time
}

// Status is an entry of the directory of company statuses. Effect is "none",
// "banner", "yellow" or "red".
type Status struct {
	Code            string
	Effect          string
	Default, Active bool
}

// Phone is a number of a record, and since when it has it.
type Phone struct {
	Number string
	Since  time.Time
}

// Company is a client firm. Owner 0 is no one; Status may be empty, or name an
// entry that the directory has not.
type Company struct {
	ID, Owner int64
	Team      []int64
	Status    string
	Phones    []Phone

	Owned     time.Time // since when it has its owner
	Protected time.Time // since when its status protects it
}

// Talk is a conversation of an agent with a number, by when it ended and how long it was.
type Talk struct {
	Agent   int64
	Number  string
	Ended   time.Time
	Seconds int
}

// Contact is a person. Companies come in the order of the contact, the first is
// the primary one.
type Contact struct {
	ID, Owner int64
	Phones    []Phone
	Companies []Link
}

// Link ties a contact to a company since a moment.
type Link struct {
	Company int64
	Since   time.Time
}

// Lead is an enquiry. Stage is "open", "lost" or "converted". Company 0 is none.
type Lead struct {
	ID, Owner        int64
	Stage            string
	Company          int64
	Linked           time.Time // to the company
	Phones           []Phone
	Created, Changed time.Time
}

// Barred is a number of the do-not-call list. A zero end is for ever.
type Barred struct {
	Number      string
	From, Until time.Time
}

// Policy is what an admin may turn (1.10), as far as colours go.
type Policy struct {
	Priority       []string // of "contact", "company", "lead"
	InheritContact bool     // a contact's companies count as reached
	InheritLead    bool     // a lead's company counts as reached
	Missing        string   // a company without a usable status counts as: "default" or "protected"
	Shared         string   // "oldest", "strictest" or "own_first"
	Leads          string   // "open_and_lost" or "open"
	Team, Deputy   bool     // a member of the team, a deputy, counts as the owner
	OwnContact     string   // the colour of row 9: "yellow" or "none"
	Supervisor     string   // for red, to the owner's head: "red", "yellow" or "none"
	Admin          string   // the same, to one who is an admin only
	Incoming       string   // the same, on incoming calls
	DoNotCall      string   // "warn" or "block"
	IdleDays       int      // after how many days without a contact protection fades; 0: never
	Suffix         bool     // numbers that end in the same ten digits are a hint
	Enforcement    string   // wanted of who sees red: "warn", "reason", "permit" or "block"
}

// Question is one call. Agent 0 is someone that we do not know.
type Question struct {
	Agent    int64
	Number   string
	Kind     string // "external", "internal", "hidden" or "invalid"
	Incoming bool
	At       time.Time
	Failed   bool // the lookup failed or came too late
}

// Record names a lead, contact or company.
type Record struct {
	Kind string
	ID   int64
}

// Answer is what the agent is to see, and what is to be remembered.
type Answer struct {
	Row       string // of the decision table
	Color     string // "none", "yellow", "red", "blue" or "grey"
	Why       string
	Relation  string
	Banner    bool
	Subject   Record
	Company   int64 // the one that the card names; 0: none
	Incident  bool  // a real conversation would be an incident
	Matches   []Record
	DoNotCall string // the mode, if the number is on the list
	Wanted    string // what is wanted before the agent goes on; "" where nothing is red for them
	Met       bool   // nothing more is wanted
	Dial      string // why the program does not dial the number for them; "" where it does
}
