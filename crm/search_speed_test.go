package crm

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"callhue/internal/store"
)

// TestSearchSpeed prints how long searches among many companies take. It runs when CALLHUE_SEARCH_RECORDS says how
// many, 1000000 for the figures of the decision.
func TestSearchSpeed(t *testing.T) {
	records, _ := strconv.Atoi(os.Getenv("CALLHUE_SEARCH_RECORDS"))
	if records == 0 {
		t.Skip("a measurement: CALLHUE_SEARCH_RECORDS is not set")
	}
	store.Test(t, func(t *testing.T, db *store.DB) {
		ctx, w := context.Background(), newWorld(t, db)
		words := vocabulary(60_000)
		start := time.Now()
		fillSearchable(t, db, words, records)
		t.Logf("%d companies in %v", records, time.Since(start).Round(time.Second))
		random := rand.New(rand.NewPCG(1, 2))
		pick := func() string { return words[zipf(random, len(words))] }
		cut := func(word string) string { return string([]rune(word + "  ")[:3]) }
		for _, c := range []struct {
			what string
			next func() string
		}{
			{"one word", pick},
			{"a beginning of 3 letters", func() string { return cut(pick()) }},
			{"two words", func() string { return pick() + " " + pick() }},
			{"three words", func() string { return pick() + " " + pick() + " " + cut(pick()) }},
			{"a rare word", func() string { return words[len(words)-1-random.IntN(1000)] }},
			{"common words", func() string {
				return [...]string{"торг", "строй", "сервис", "торговый дом", "торг сервис", "дом"}[random.IntN(6)]
			}},
			{"a number", func() string { return fmt.Sprintf("8 495 %07d", random.IntN(records)) }},
			{"a beginning of a number", func() string { return fmt.Sprintf("8495%05d", random.IntN(records)/100) }},
			{"last digits", func() string { return fmt.Sprintf("%04d", random.IntN(10000)) }},
			{"nothing", func() string { return "щъ" + pick() }},
		} {
			var searches, lists []time.Duration
			for range 60 {
				q := c.next()
				start := time.Now()
				_, err := w.Search(ctx, as(anna), SearchInput{Q: q})
				must(t, err)
				searches = append(searches, time.Since(start))
				start = time.Now()
				_, err = w.ListCompanies(ctx, Filter{Q: q})
				must(t, err)
				if took := time.Since(start); took > 100*time.Millisecond {
					t.Logf("slow: %q %v", q, took)
				}
				lists = append(lists, time.Since(start))
			}
			t.Logf("%-26s search %s   list %s", c.what, spread(searches), spread(lists))
		}
	})
}

func spread(list []time.Duration) string {
	slices.Sort(list)
	at := func(part float64) float64 { return float64(list[int(part*float64(len(list)-1))].Microseconds()) / 1000 }
	return fmt.Sprintf("min %.1f median %.1f p95 %.1f max %.1f ms", at(0), at(0.5), at(0.95), at(1))
}

// zipf returns a place, the first ones far more often.
func zipf(random *rand.Rand, n int) int {
	x := random.Float64()
	return min(n-1, int(float64(n)*x*x*x*x))
}

// vocabulary returns words of two to four syllables, common ones first.
func vocabulary(n int) []string {
	words := []string{"торг", "строй", "сервис", "дом", "торговый", "центр", "плюс", "вектор", "юг", "север"}
	syllables := []string{"ба", "ве", "ги", "до", "жу", "за", "ки", "лю", "мо", "не", "по", "ра", "си", "ту", "фа",
		"хо", "це", "чи", "шо", "ям"}
	random, seen := rand.New(rand.NewPCG(3, 4)), map[string]bool{}
	for len(words) < n {
		word := ""
		for range 2 + random.IntN(3) {
			word += syllables[random.IntN(len(syllables))]
		}
		if word += []string{"", "н", "р", "м"}[random.IntN(4)]; !seen[word] {
			seen[word] = true
			words = append(words, word)
		}
	}
	return words
}

// fillSearchable adds companies with a name of one to three words and a number each, in the rows that AddCompanies
// writes.
func fillSearchable(t *testing.T, db *store.DB, vocabulary []string, n int) {
	t.Helper()
	random := rand.New(rand.NewPCG(5, 6))
	texts := make([]string, n+1)
	var companies, words, ends, numbers, lines [][]any
	for id := 1; id <= n; id++ {
		name := "ООО"
		for range 1 + random.IntN(3) {
			name += " " + vocabulary[zipf(random, len(vocabulary))]
		}
		key := int64(74950000000 + id)
		texts[id] = searchText([]string{name}, []phoneLine{{Raw: "x", Key: key}}, nil)
		row := companyRow{base: base{Name: name, OwnerID: int64(1 + random.IntN(50)), Version: 1, Search: texts[id]},
			StatusID: 1, TeamIDs: "[]"}
		companies = append(companies, append([]any{id}, row.values()...))
		found, last := indexed(texts[id])
		for _, w := range found {
			words = append(words, []any{1, w.Word, w.Weight, id})
		}
		for _, e := range last {
			ends = append(ends, []any{1, e, id})
		}
		numbers = append(numbers, []any{key, 1, id, id, 0, false})
		lines = append(lines, []any{1, id, 0, fmt.Sprint("+", key), key, "", "work", 0})
	}
	slices.SortFunc(words, func(a, b []any) int {
		return cmp.Or(cmp.Compare(a[1].(string), b[1].(string)), cmp.Compare(a[2].(int64), b[2].(int64)),
			cmp.Compare(a[3].(int), b[3].(int)))
	})
	slices.SortFunc(ends, func(a, b []any) int { return cmp.Compare(a[1].(int64), b[1].(int64)) })
	withID := companiesTable
	withID.columns = "id, " + withID.columns
	for _, part := range []struct {
		table table
		rows  [][]any
	}{{withID, companies}, {wordsTable, words}, {endsTable, ends}, {numbersTable, numbers}, {phonesTable, lines}} {
		for rows := range slices.Chunk(part.rows, 50_000) {
			must(t, db.Write(context.Background(), func(tx *store.Tx) error {
				return insertRows(tx, part.table, rows)
			}))
		}
	}
}
