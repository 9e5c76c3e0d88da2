//go:build !race

package mirror

// histories is how many the property test invents on each database.
const histories = 100
