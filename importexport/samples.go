package importexport

import (
	"slices"
	"strings"
)

// mostSamples is how many values of a column are shown.
const mostSamples = 5

// samples gathers the first different values of each column, while it is asked to.
type samples struct {
	wanted bool
	values [][]string // by column
}

// sampled returns the samples of a reader.
func (h *header) sampled() *samples { return &h.samples }

func (s *samples) addRow(row []string) {
	if !s.wanted {
		return
	}
	for i, text := range row {
		s.add(i, text)
	}
}

// add notes a value of a column; -1 is no column.
func (s *samples) add(column int, text string) {
	if !s.wanted || column < 0 {
		return
	}
	for len(s.values) <= column {
		s.values = append(s.values, nil)
	}
	text = shorten(strings.TrimSpace(text))
	if text != "" && len(s.values[column]) < mostSamples && !slices.Contains(s.values[column], text) {
		s.values[column] = append(s.values[column], text)
	}
}

// of returns the samples of a column, an empty list for none.
func (s *samples) of(column int) []string {
	if column >= len(s.values) || s.values[column] == nil {
		return []string{}
	}
	return s.values[column]
}
