// Package callhue is the root of the module: the tests here hold what is true of all packages, as docs/house.md has it.
package callhue
