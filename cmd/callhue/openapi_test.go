package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write ui/openapi.json anew")

// The browser application's client is generated from this file.
const document = "../../ui/openapi.json"

func TestTheUIKnowsTheAPIAsItIs(t *testing.T) {
	var out, stderr bytes.Buffer
	if exit := run(context.Background(), []string{"openapi"}, &out, &stderr); exit != 0 {
		t.Fatalf("callhue openapi: exit %d, %s", exit, stderr.String())
	}
	if *update {
		if err := os.WriteFile(document, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, out.Bytes()) {
		t.Errorf("%s is not the API of this program: go test ./cmd/callhue -update, then npm run schema in ui",
			document)
	}
}
