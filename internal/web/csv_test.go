package web_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/web"
)

func TestNoCellIsAFormula(t *testing.T) {
	for text, want := range map[string]string{
		"Acme":                      "Acme",
		"":                          "",
		`=cmd|'/c calc'!A1`:         `'=cmd|'/c calc'!A1`,
		"+7 495 000-00-11":          "'+7 495 000-00-11",
		"-2+3":                      "'-2+3",
		"@SUM(1)":                   "'@SUM(1)",
		"\t=1":                      "'\t=1",
		"\r=1":                      "'\r=1",
		"\n=1":                      "'\n=1",
		"＝1+1":                      "'＝1+1",
		"'=1":                       "''=1",
		"'quoted' is no formula":    "'quoted' is no formula",
		"a = b is none either, is+": "a = b is none either, is+",
	} {
		if got := web.SafeCell(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func TestAFileComesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// "\r" is left out: a reader of CSV takes "\r\n" inside a cell for "\n".
		cell := rapid.StringOf(rapid.RuneFrom([]rune("=+-@'\t;,\"аЯ ＝a\n")))
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, 2, 2), 1, 5).Draw(t, "rows")
		var file bytes.Buffer
		w := web.NewCSVWriter(&file)
		for _, r := range rows {
			if err := w.Row(r[0], r[1]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		text, marked := strings.CutPrefix(file.String(), "\ufeff")
		if !marked {
			t.Fatal("no byte order mark")
		}
		got, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			for k := range got[i] {
				if c := got[i][k]; c != "" && strings.ContainsAny(c[:1], "=+-@\t") {
					t.Fatalf("a formula: %q", c)
				}
				got[i][k] = web.PlainCell(got[i][k])
			}
		}
		if diff := cmp.Diff(rows, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestCellsAreWrittenByTheirKind(t *testing.T) {
	at := time.Date(2026, 3, 12, 10, 5, 0, 0, time.FixedZone("", 3*3600))
	var file bytes.Buffer
	w := web.NewCSVWriter(&file)
	if err := errors.Join(w.Row("id", "at"), w.Row(-7, int64(8), true, at, &at, (*time.Time)(nil), time.Time{},
		nil, Colour("=red")), w.Flush()); err != nil {
		t.Fatal(err)
	}
	want := "\ufeffid,at\r\n-7,8,true,2026-03-12T07:05:00Z,2026-03-12T07:05:00Z,,,,'=red\r\n"
	if diff := cmp.Diff(want, file.String()); diff != "" {
		t.Error(diff)
	}
}

type boatsInput struct {
	web.Paging
	web.Sheet
}

// boatsSheet answers rows until one fails.
func boatsSheet(rows int, fails error) []web.Route {
	list := func(*web.Request, boatsInput) (web.List[string], error) {
		return web.List[string]{Items: []string{"Aurora"}}, nil
	}
	file := func(*web.Request, boatsInput) (web.CSV, error) {
		return web.CSV{Name: "boats", Header: []string{"id", "name"},
			Rows: func(ctx context.Context) iter.Seq2[[]any, error] {
				return func(yield func([]any, error) bool) {
					for i := range rows {
						if err := ctx.Err(); err != nil || !yield([]any{i, strings.Repeat("=", 100)}, nil) {
							return
						}
					}
					if fails != nil {
						yield(nil, fails)
					}
				}
			}}, nil
	}
	return []web.Route{row("GET", "/api/v1/boats", access.Staff, web.DoSheet(list, file))}
}

func TestAListIsAlsoAFile(t *testing.T) {
	s := newServer(t, web.Options{}, boatsSheet(5000, nil))
	answer, body := call{method: "GET", path: "/api/v1/boats"}.as("petrov").to(t, s)
	if answer.StatusCode != 200 || !strings.Contains(body, `"Aurora"`) {
		t.Errorf("the list: %d %s", answer.StatusCode, body)
	}
	answer, body = call{method: "GET", path: "/api/v1/boats?format=csv"}.as("petrov").to(t, s)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 5001 || rows[0][1] != "name" || rows[5000][0] != "4999" {
		t.Errorf("the file has %d rows, %v", len(rows), err)
	}
	if kind, as := answer.Header.Get("Content-Type"), answer.Header.Get("Content-Disposition"); kind != "text/csv; charset=utf-8" || as != `attachment; filename="boats.csv"` {
		t.Errorf("the file comes as %q, %q", kind, as)
	}
	answer, body = call{method: "GET", path: "/api/v1/boats?format=xml"}.as("petrov").to(t, s)
	refused(t, answer, body, 422, "invalid_input")
	if answer, _ := (call{method: "GET", path: "/api/v1/boats?format=csv"}).to(t, s); answer.StatusCode != 401 {
		t.Errorf("a stranger gets %d", answer.StatusCode)
	}
}

func TestHalfAFileIsNoFile(t *testing.T) {
	away := fault.Unavailable("database_away", time.Second)
	s := newServer(t, web.Options{}, boatsSheet(0, away))
	answer, body := call{method: "GET", path: "/api/v1/boats?format=csv"}.as("petrov").to(t, s)
	refused(t, answer, body, 503, "database_away")

	var err error
	var log bytes.Buffer
	s = newServer(t, web.Options{Log: slog.New(slog.NewTextHandler(&log, nil))}, boatsSheet(5000, away))
	req := httptest.NewRequest("GET", "/api/v1/boats?format=csv", nil)
	req.Header.Set("Authorization", "Bearer petrov")
	answer, err = s.App().Test(req, -1) // gives the fault of the connection itself
	if err == nil {
		_, err = io.ReadAll(answer.Body)
		_ = answer.Body.Close()
	}
	if err == nil {
		t.Error("a file that broke off looks whole")
	}
	if !strings.Contains(log.String(), "cut off") {
		t.Errorf("nobody is told: %q", log.String())
	}
}

func TestAPanicInAFileEndsOnlyTheFile(t *testing.T) {
	file := func(*web.Request, boatsInput) (web.CSV, error) {
		return web.CSV{Name: "boats", Header: []string{"id"}, Rows: func(context.Context) iter.Seq2[[]any, error] {
			return func(yield func([]any, error) bool) { panic("a mistake") }
		}}, nil
	}
	list := func(*web.Request, boatsInput) (web.List[string], error) { return web.List[string]{}, nil }
	s := newServer(t, web.Options{}, []web.Route{row("GET", "/api/v1/boats", access.Staff, web.DoSheet(list, file))})
	answer, body := call{method: "GET", path: "/api/v1/boats?format=csv"}.as("petrov").to(t, s)
	refused(t, answer, body, 500, "internal")
}
