package main

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestSlowRoutesAreDeclared requires Slow of every route that searches, makes a file, reports or tries out: the card
// path shares no connection with these.
func TestSlowRoutesAreDeclared(t *testing.T) {
	// few, and kept in memory; and one number, in JSON or as text
	inMemory := []string{"/api/v1/users", "/route/:source", "/route/:source/*"}
	var out, stderr bytes.Buffer
	if exit := run(context.Background(), []string{"openapi"}, &out, &stderr); exit != 0 {
		t.Fatalf("callhue openapi: exit %d, %s", exit, stderr.String())
	}
	var api struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name string }
		}
	}
	if err := json.Unmarshal(out.Bytes(), &api); err != nil {
		t.Fatal(err)
	}
	parameter := regexp.MustCompile(`:(\w+)`)
	seen := 0
	for _, r := range allRoutes() {
		path := parameter.ReplaceAllString(r.Path, "{$1}")
		long := strings.Contains(path, "/reports/") || strings.HasSuffix(path, "/dry-run") && r.Status != 202 // no job
		for _, p := range api.Paths[path][strings.ToLower(r.Method)].Parameters {
			long = long || p.Name == "q" || p.Name == "format"
		}
		if !long || slices.Contains(inMemory, r.Path) {
			continue
		}
		if seen++; !r.Slow {
			t.Errorf("%s %s may read long and is not Slow", r.Method, r.Path)
		}
	}
	if seen < 8 {
		t.Errorf("only %d routes were found that may read long", seen)
	}
}
