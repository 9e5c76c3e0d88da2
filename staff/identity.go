package staff

import "time"

// Identity is what a PBX or CRM calls a user: login, extension, user id, SIP
// user, display name.
type Identity struct {
	ID        int64     `json:"id"`
	Source    string    `json:"source"` // the source's name; "" is an extension, which counts in every source
	Value     string    `json:"value"`  // lower case, without blanks around
	UserID    int64     `json:"user_id"`
	CreatedAt time.Time `json:"created_at"`
}

// Deputy is a user who stands in for another one for a while.
type Deputy struct {
	ID        int64     `json:"id"`
	UserID    int64     `json:"user_id"`   // who is stood in for
	DeputyID  int64     `json:"deputy_id"` // who stands in
	From      time.Time `json:"from"`
	Till      time.Time `json:"till"` // exclusive
	CreatedAt time.Time `json:"created_at"`
}
