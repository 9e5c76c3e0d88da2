package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// variant is one way to ask, measured in every round.
type variant struct {
	name      string
	yardstick *variant // nil: it is one itself, or only for information
	promise   string   // what the goal is called in our quality table
	goal      float64  // of its rate to the yardstick's
	numbers   int      // how many different ones are asked for
	open      func() (asker, error)

	askers []asker
	turns  []turn
}

// variants are the yardsticks and what is held against them.
func (b *bench) variants() []*variant {
	bareName := &variant{name: "fiber alone, GET /cid", numbers: b.hot,
		open: over(b.bare.address, b.remembers.nameRequest)}
	bareCheck := &variant{name: "fiber alone, POST /check", numbers: b.hot,
		open: over(b.bare.address, b.remembers.checkRequest)}
	list := []*variant{bareName, bareCheck,
		{name: "GET /cid, in memory", yardstick: bareName, promise: "P1", goal: 0.75, numbers: b.hot,
			open: over(b.remembers.address, b.remembers.nameRequest)},
		{name: "POST /check, in memory", yardstick: bareCheck, promise: "P1", goal: 0.75, numbers: b.hot,
			open: over(b.remembers.address, b.remembers.checkRequest)},
		{name: "GET /cid, SQLite", yardstick: bareName, promise: "P2", goal: 0.40, numbers: b.numbers,
			open: over(b.forgets.address, b.remembers.nameRequest)},
		{name: "POST /check, SQLite", yardstick: bareCheck, promise: "P2", goal: 0.40, numbers: b.numbers,
			open: over(b.forgets.address, b.remembers.checkRequest)},
	}
	if b.maria != nil {
		raw := &variant{name: "driver alone, MariaDB", numbers: b.numbers,
			open: func() (asker, error) { return b.driver.asker(), nil }}
		list = append(list, raw,
			&variant{name: "GET /cid, MariaDB", yardstick: raw, promise: "P3", goal: 0.90, numbers: b.numbers,
				open: over(b.maria.address, b.maria.nameRequest)},
			&variant{name: "POST /check, MariaDB", yardstick: raw, promise: "P3", goal: 0.90, numbers: b.numbers,
				open: over(b.maria.address, b.maria.checkRequest)})
	}
	return wanted(list, b.only)
}

// wanted are the variants whose name holds a text, and their yardsticks.
func wanted(list []*variant, text string) []*variant {
	keep := map[*variant]bool{}
	for _, v := range list {
		if strings.Contains(v.name, text) {
			keep[v] = true
			keep[v.yardstick] = true
		}
	}
	var some []*variant
	for _, v := range list {
		if keep[v] {
			some = append(some, v)
		}
	}
	return some
}

func over(address string, request func(to []byte, place int) []byte) func() (asker, error) {
	return func() (asker, error) { return newHTTPAsker(address, request) }
}

// nameRequest asks for a caller name as a FreePBX does.
func (a *app) nameRequest(to []byte, place int) []byte {
	to = append(to, "GET /cid/"+sourceName+"/"...)
	to = append(to, a.secret...)
	to = append(to, "?number="...)
	to = strconv.AppendInt(to, number(place), 10)
	return append(to, " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\n\r\n"...)
}

// checkRequest asks for a card as an integrator's program does, on behalf of
// a seller who is no head.
func (a *app) checkRequest(to []byte, place int) []byte {
	const body = `{"number":"+70000000000","agent":"` + someSeller + `"}`
	to = append(to,
		"POST /api/v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer "...)
	to = append(to, a.token...)
	to = append(to, "\r\nContent-Length: "...)
	to = strconv.AppendInt(to, int64(len(body)), 10)
	to = append(to, "\r\n\r\n"+`{"number":"+`...)
	to = strconv.AppendInt(to, number(place), 10)
	return append(to, `","agent":"`+someSeller+`"}`...)
}

// measure returns every variant its turns, one round after the other.
func (b *bench) measure(ctx context.Context, variants []*variant) error {
	for _, v := range variants {
		for range b.connections {
			a, err := v.open()
			if err != nil {
				return fmt.Errorf("%s: %w", v.name, err)
			}
			defer a.close()
			v.askers = append(v.askers, a)
		}
		if v.numbers == b.hot { // fills the memory
			for place := range v.numbers {
				if err := v.askers[0].ask(place); err != nil {
					return fmt.Errorf("%s: %w", v.name, err)
				}
			}
		}
		if _, err := load(ctx, v.askers, v.numbers, b.each/4, 0); err != nil {
			return fmt.Errorf("%s: %w", v.name, err)
		}
	}
	start := time.Now()
	for round := range b.rounds {
		for _, v := range variants {
			t, err := load(ctx, v.askers, v.numbers, b.each, uint64(round)+1)
			if err != nil {
				return fmt.Errorf("%s: %w", v.name, err)
			}
			v.turns = append(v.turns, t)
		}
	}
	fmt.Printf("loaded:  %d connections, %d rounds of %v, in turns, %.0f s\n\n", b.connections, b.rounds, b.each,
		time.Since(start).Seconds())
	return nil
}
