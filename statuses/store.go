package statuses

import "callhue/internal/store"

var table = store.NewTable[Status]("statuses", "status")

// takeTurn makes this transaction wait for an earlier one with the same turn: that of the whole directory, or that of one
// status.
func takeTurn(tx *store.Tx, name string) error { return tx.TakeTurn("statuses_turns", name) }

// directory is the turn that every change of the directory takes.
const directory = "directory"

// turnOf is the turn of one status.
func turnOf(code string) string { return "status " + code }
