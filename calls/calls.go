// Package calls is a call's life: ringing, talking, ended; and the card that
// each agent on it sees.
//
// Machines tell it events (Desk.Hear), people ask it before they dial
// (Desk.Check). It finds out who the number is (lookup), what the agent is to
// the owner (staff), lets rules decide, and writes call, card and journal in
// one transaction. It keeps every verdict as it was shown. It never dials,
// drops or routes a call by itself, and it never changes a client.
//
// Read next: event.go, card.go, hear.go, judge.go.
package calls
