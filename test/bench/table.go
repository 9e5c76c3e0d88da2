package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// printTable writes a line for each variant. A ratio is taken within a round,
// and a goal counts as met when the middle one of the rounds reaches it.
func printTable(to io.Writer, variants []*variant) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\tanswers/s\t\t\tratio to its yardstick\t\t\tgoal\t\tCPU each\theap each\tp99")
	fmt.Fprintln(w, "\tmin\tmedian\tmax\tmin\tmedian\tmax\t\t\t\t\t")
	for _, v := range variants {
		rates := spread(v.turns, func(i int) float64 { return v.turns[i].rate })
		fmt.Fprintf(w, "%s\t%.0f\t%.0f\t%.0f\t", v.name, rates[0], rates[1], rates[2])
		if v.yardstick == nil {
			fmt.Fprint(w, "yardstick\t\t\t\t\t")
		} else {
			ratios := spread(v.turns, func(i int) float64 { return v.turns[i].rate / v.yardstick.turns[i].rate })
			mark := "missed"
			if ratios[1] >= v.goal {
				mark = "met"
			}
			fmt.Fprintf(w, "%.2f\t%.2f\t%.2f\t%s >= %.2f\t%s\t", ratios[0], ratios[1], ratios[2], v.promise, v.goal,
				mark)
		}
		cpu := spread(v.turns, func(i int) float64 { return float64(v.turns[i].cpu) / float64(time.Microsecond) })
		heap := spread(v.turns, func(i int) float64 { return v.turns[i].bytes })
		slow := spread(v.turns, func(i int) float64 {
			return float64(v.turns[i].slowest99) / float64(time.Millisecond)
		})
		fmt.Fprintf(w, "%.1f µs\t%.0f B\t%.1f ms\n", cpu[1], heap[1], slow[1])
	}
	_ = w.Flush()
	fmt.Fprintln(to,
		"\nClosed loop over loopback, client and server in one process: CPU each is both of them, MariaDB's own is not in it.")
}

// spread returns the least, the middle and the greatest of what the turns have.
func spread[T cmp.Ordered](turns []turn, of func(i int) T) [3]T {
	values := make([]T, len(turns))
	for i := range turns {
		values[i] = of(i)
	}
	slices.Sort(values)
	return [3]T{values[0], values[len(values)/2], values[len(values)-1]}
}
