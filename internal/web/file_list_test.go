package web_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/web"
)

type filesQuery struct {
	Q string `query:"q" json:"-"`
	web.Paging
	web.Sheet
}

// fileList lists 450 numbers, in pages of at most 200.
func fileList(_ context.Context, in filesQuery) (out web.List[int], err error) {
	if in.Q == "bad" {
		return out, fault.Invalid("q", "malformed")
	}
	from, _ := strconv.Atoi(in.PageToken)
	for n := from; n < 450 && n < from+in.Size(); n++ {
		out.Items = append(out.Items, n)
	}
	if next := from + in.Size(); next < 450 {
		out.NextPageToken = strconv.Itoa(next)
	}
	return out, nil
}

func TestAListAsAFileHasAllPages(t *testing.T) {
	t.Parallel()
	table := web.Table[int]{Name: "things", Header: []string{"id", "phone", "formula", "at"},
		Cells: func(n int) []any { return []any{n, fmt.Sprintf("+7495%07d", n), "=1+1", noon} }}
	s := newServer(t, web.Options{}, []web.Route{{Method: "GET", Path: "/api/v1/things", Roles: access.Admins,
		Summary: "List things", Do: web.DoFileList(fileList, table)}})
	get := func(query, accept string) (int, string, []byte) {
		t.Helper()
		r := httptest.NewRequest("GET", "/api/v1/things"+query, nil)
		r.Header.Set("Authorization", "Bearer root")
		if accept != "" {
			r.Header.Set("Accept", accept)
		}
		answer, err := s.App().Test(r, -1)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		return answer.StatusCode, answer.Header.Get("Content-Type"), body
	}
	if status, _, body := get("", ""); status != 200 || bytes.Count(body, []byte(",")) != 50 {
		t.Errorf("the list: %d %.100s", status, body)
	}
	for _, c := range [][2]string{{"?format=csv&limit=3", ""}, {"", "text/csv"}} {
		status, kind, body := get(c[0], c[1])
		if status != 200 || !strings.HasPrefix(kind, "text/csv") || bytes.Count(body, []byte("\r\n")) != 451 ||
			!bytes.Contains(body, []byte("449,'+74950000449,'=1+1,")) {
			t.Errorf("csv %v: %d %s %.200s", c, status, kind, body)
		}
	}
	status, kind, body := get("?format=xlsx", "")
	book, err := excelize.OpenReader(bytes.NewReader(body))
	if status != 200 || !strings.Contains(kind, "spreadsheetml") || err != nil {
		t.Fatalf("xlsx: %d %s %v", status, kind, err)
	}
	rows, err := book.GetRows("Sheet1", excelize.Options{})
	if err != nil || len(rows) != 451 || fmt.Sprint(rows[450]) != "[449 +74950000449 =1+1 2026-03-12 12:00:00]" {
		t.Errorf("xlsx: %d rows, the last %v, %v", len(rows), rows[len(rows)-1], err)
	}
	for cell, want := range map[string]excelize.CellType{"A451": excelize.CellTypeUnset,
		"B451": excelize.CellTypeInlineString, "C451": excelize.CellTypeInlineString} {
		if got, _ := book.GetCellType("Sheet1", cell); got != want {
			t.Errorf("cell %s has the type %v, want %v", cell, got, want)
		}
	}
	if formula, _ := book.GetCellFormula("Sheet1", "C451"); formula != "" {
		t.Errorf("a text became a formula: %s", formula)
	}
	for _, query := range []string{"?format=doc", "?format=xlsx&q=bad"} {
		if status, _, body := get(query, ""); status != 422 {
			t.Errorf("%s: %d %s", query, status, body)
		}
	}
}
