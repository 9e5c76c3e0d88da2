// Package oracle is the ownership rule written a second time: slowly, plainly
// and straight from its specification, to be the witness against rules. No part
// of the product imports it.
//
// A World holds everything that the rule may look at; Judge answers one
// Question about it. There is a function for each row of the decision table,
// named after it, in the order of precedence. Nothing here is shared with the
// product, nothing is fast, and nothing is remembered between two questions.
// Where the specification leaves something open the comment says "The spec is
// silent", and then which answer was taken.
//
// Read next: judge.go, rows.go, contact.go, reach.go, rank.go, world.go.
package oracle
