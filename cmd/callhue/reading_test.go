package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestNoOneCopiesTheClientBase lets an agent take what they can get through every door that tells who owns what. All
// doors together open for no more records than the agent's budget has, and the head reads of it.
func TestNoOneCopiesTheClientBase(t *testing.T) {
	atTerminals(t, func(at *terminal) {
		const clients = 800
		file := t.TempDir() + "/clients.csv"
		var rows strings.Builder
		rows.WriteString("Company;Phone;Owner\n")
		for i := range clients {
			fmt.Fprintf(&rows, "Client %d;+7495%07d;ivanov\n", i, i)
		}
		if err := os.WriteFile(file, []byte(rows.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		p := at.stage()
		at.do("import", file, "--kind", "company")
		read, shut := 0, map[string]bool{}
		ask := func(door, method, path, body string) {
			status, answer := p.ask(method, path, body)
			switch status {
			case 429:
				shut[door] = true
			case 200:
				read += recordsTold(t, answer)
			default:
				t.Fatalf("%s: %d %.200s", door, status, answer)
			}
		}
		for i := range 40 {
			ask("object", "GET", fmt.Sprintf("/api/v1/companies/%d", i+1), "")
			ask("client page", "GET", fmt.Sprintf("/api/v1/clients/company/%d", i+41), "")
			ask("check", "POST", "/api/v1/check", fmt.Sprintf(`{"number":"+7495%07d"}`, i+100))
		}
		next := ""
		for i := 0; len(shut) < 3 && i < 5; i++ {
			ask("list", "GET", "/api/v1/companies?limit=100&q=Client&page_token="+next, "")
			ask("list of contacts", "GET", "/api/v1/contacts?limit=200", "")
			numbers := make([]string, 60)
			for n := range numbers {
				numbers[n] = fmt.Sprintf(`"+7495%07d"`, i*60+n)
			}
			ask("batch", "POST", "/api/v1/check/batch", `{"numbers":[`+strings.Join(numbers, ",")+`]}`)
		}
		for i := range 600 - read + 1 {
			ask("object", "GET", fmt.Sprintf("/api/v1/companies/%d", i+1), "")
		}
		if read > 600 || read < 500 {
			t.Errorf("%d records left the house, want 600 at most and not much less", read)
		}
		for _, door := range []string{"list", "list of contacts", "batch", "object"} {
			if !shut[door] {
				t.Errorf("the door %q stayed open", door)
			}
		}
		p.token = strings.TrimSpace(at.do("token", "add", "--login", "admin", "--name", "journal"))
		if status, answer := p.ask("GET", "/api/v1/journal?verb=reading.limited", ""); status != 200 ||
			strings.Count(answer, `"reading.limited"`) != 1 {
			t.Errorf("the journal: %d %s", status, answer)
		}
	})
}

// recordsTold counts the records that an answer tells about.
func recordsTold(t *testing.T, answer string) int {
	t.Helper()
	var told struct {
		Items []struct {
			Matches []json.RawMessage `json:"matches"`
			Verdict json.RawMessage   `json:"verdict"`
		} `json:"items"`
		Matches []json.RawMessage `json:"matches"`
		Verdict json.RawMessage   `json:"verdict"`
	}
	if err := json.Unmarshal([]byte(answer), &told); err != nil {
		t.Fatal(err)
	}
	switch {
	case told.Verdict != nil:
		return len(told.Matches)
	case told.Items == nil:
		return 1
	}
	n := 0
	for _, item := range told.Items {
		n += len(item.Matches)
		if item.Verdict == nil {
			n++
		}
	}
	return n
}
