package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"callhue/internal/store"
)

// The searches and reports that run beside calls. The first two look through all companies and find none.
var beside = []string{
	"/api/v1/companies?q=" + url.QueryEscape("ЗАО"),
	"/api/v1/search?q=" + url.QueryEscape("ЗАО"),
	"/api/v1/companies?q=" + url.QueryEscape("фирма 17"),
	"/api/v1/search?q=" + url.QueryEscape("торг фир"),
	"/api/v1/reports/data-quality",
}

// TestSearchesDoNotDelayCalls sends events of calls, first alone and then beside four searchers and a report in loops:
// no card becomes grey, and the median of an event stays. Both are measured in turns, because other work on the machine
// comes and goes; the best turn counts.
func TestSearchesDoNotDelayCalls(t *testing.T) {
	const companies, events, turns, most = 50_000, 40, 4, 1.5
	atTerminals(t, func(at *terminal) {
		p := at.stage()
		manyCompanies(t, at.db, companies)
		p.token = strings.TrimSpace(at.do("token", "add", "--login", "admin", "--name", "searches"))
		calls, best := 0, 0.0
		median := func() time.Duration {
			var took []time.Duration
			for range events {
				calls++
				time.Sleep(10 * time.Millisecond) // there are searches between two calls
				start := time.Now()
				status, answer := p.ask("POST", "/hooks/office/0123456789abcdef",
					fmt.Sprintf(ringing, fmt.Sprint("beside-", calls)))
				took = append(took, time.Since(start))
				if status != http.StatusOK || strings.Contains(answer, "check_failed") {
					t.Errorf("an event: %d %s", status, answer)
				}
			}
			slices.Sort(took)
			return took[len(took)/2]
		}
		for range turns {
			idle := median()
			stop, done := p.searching()
			busy := median()
			stop()
			ratio := float64(busy) / float64(idle)
			t.Logf("the median of an event: %v alone, %v beside %d searches and reports: %.2f", idle, busy, done(),
				ratio)
			if best == 0 || ratio < best {
				best = ratio
			}
			if best <= most {
				break
			}
		}
		if best > 2*most {
			t.Errorf("an event beside searches takes %.2f times as long, %.1f are wanted", best, most)
		}
		var grey int
		db, err := store.Open(context.Background(), at.db)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		err = db.Read(context.Background()).Get(&grey, "SELECT COUNT(*) FROM cards WHERE color = 'grey'")
		if err != nil {
			t.Fatal(err)
		}
		if grey != 0 {
			t.Errorf("%d cards are grey", grey)
		}
	})
}

// searching has four searchers and a report run in loops until stop is called. done returns how many answers came.
func (p *process) searching() (stop func(), done func() int64) {
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	var answers atomic.Int64
	for _, path := range beside {
		all.Go(func() {
			for ctx.Err() == nil {
				request, err := http.NewRequestWithContext(ctx, "GET", p.at+path, nil)
				if err != nil {
					return
				}
				request.Header.Set("Authorization", "Bearer "+p.token)
				answer, err := http.DefaultClient.Do(request)
				if err != nil {
					continue // it was stopped
				}
				_ = answer.Body.Close()
				answers.Add(1)
				if answer.StatusCode == http.StatusTooManyRequests {
					return
				}
			}
		})
	}
	return func() { cancel(); all.Wait() }, answers.Load
}

// manyCompanies adds companies that searches have to look through.
func manyCompanies(t *testing.T, url string, n int) {
	t.Helper()
	db, err := store.Open(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Write(context.Background(), func(tx *store.Tx) error {
		var companies, words [][]any
		for id := 1000; id < 1000+n; id++ {
			number := fmt.Sprintf("%06d", id)
			companies = append(companies, []any{id, "ООО Фирма " + number, 2, 1, 0, 0, 0, 0,
				" фирма " + number + " | | | ооо ", "[]", 1, 0, 0, 0, 0})
			words = append(words, []any{1, number, 1, id}, []any{1, "фирма", 1, id})
		}
		if err := tx.InsertAll("companies", "id, name, owner_id, version, created_at, created_by, updated_at, "+
			"updated_by, search, team_ids, status_id, status_at, status_by, holds, deleted_at", companies); err != nil {
			return err
		}
		return tx.InsertAll("search_words", "kind, word, weight, entity_id", words)
	}); err != nil {
		t.Fatal(err)
	}
}
