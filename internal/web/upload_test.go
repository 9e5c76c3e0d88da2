package web_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"callhue/internal/access"
	"callhue/internal/web"
)

type uploaded struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
	Kind string `json:"kind"`
}

// uploads serves a route for files of 3 MiB at most, and one for JSON.
func uploads(t *testing.T, folder string) string {
	save := func(r *web.Request, _ web.Nothing) (uploaded, error) {
		up, err := r.SaveUpload(folder, 3<<20)
		if err != nil {
			return uploaded{}, err
		}
		return uploaded{up.Name, up.Size, up.Values["kind"]}, os.Remove(up.Path)
	}
	echo := func(_ *web.Request, in struct {
		Text string `json:"text"`
	}) (map[string]int, error) {
		return map[string]int{"length": len(in.Text)}, nil
	}
	s := newServer(t, web.Options{}, []web.Route{
		{Method: "POST", Path: "/api/v1/files", Roles: access.Admins, Summary: "Upload", Upload: &web.Form{},
			Do: web.Do(save)},
		{Method: "POST", Path: "/api/v1/echo", Roles: access.Admins, Summary: "Echo", Do: web.Do(echo)},
	})
	on, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.ServeOn(ctx, on) }()
	t.Cleanup(func() { stop(); <-done })
	return "http://" + on.Addr().String()
}

func formOf(t *testing.T, size int) (io.Reader, string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("kind", "company")
	file, err := form.CreateFormFile("file", `C:\lists\клиенты.csv`)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = file.Write(bytes.Repeat([]byte("x"), size))
	_ = form.Close()
	return &body, form.FormDataContentType()
}

func TestFilesAreLongerThanOtherBodies(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	at := uploads(t, folder)
	client := &http.Client{}
	send := func(path, kind, user string, body io.Reader) (int, string) {
		t.Helper()
		r, _ := http.NewRequest("POST", at+path, body)
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Authorization", "Bearer "+user)
		answer, err := client.Do(r)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		return answer.StatusCode, string(text)
	}
	chunked := func(r io.Reader) io.Reader { return struct{ io.Reader }{r} } // hides the length
	for _, c := range []struct {
		why, user string
		size      int
		hidden    bool
		status    int
		want      string
	}{
		{"a small file", "root", 10, false, 200, `{"name":"клиенты.csv","size":10,"kind":"company"}`},
		{"a file longer than other bodies", "root", 2 << 20, false, 200, `"size":2097152`},
		{"one of unknown length", "root", 2 << 20, true, 200, `"size":2097152`},
		{"one that is too large", "root", 3<<20 + 1, false, 422, "too_large"},
		{"one of a user who may not", "petrov", 2 << 20, false, 403, "role_missing"},
	} {
		body, kind := formOf(t, c.size)
		if c.hidden {
			body = chunked(body)
		}
		status, text := send("/api/v1/files", kind, c.user, body)
		if status != c.status || !strings.Contains(text, c.want) {
			t.Errorf("%s: %d %.200s, want %d %s", c.why, status, text, c.status, c.want)
		}
	}
	if status, text := send("/api/v1/files", "application/json", "root", strings.NewReader("{}")); status != 422 ||
		!strings.Contains(text, "multipart_expected") {
		t.Errorf("no form: %d %s", status, text)
	}
	for _, length := range []int{1, prefetch - 11, prefetch, 100_000, 1<<20 - 20, 1<<20 + 1, 3 << 20} {
		for _, hidden := range []bool{false, true} {
			var body io.Reader = strings.NewReader(fmt.Sprintf(`{"text":"%s"}`, strings.Repeat("x", length)))
			if hidden {
				body = chunked(body)
			}
			status, text := send("/api/v1/echo", "application/json", "root", body)
			if length < 1<<20 && (status != 200 || text != fmt.Sprintf(`{"length":%d}`, length)) ||
				length > 1<<20 && status != 413 {
				t.Errorf("a JSON text of %d bytes, hidden %v: %d %.100s", length, hidden, status, text)
			}
		}
	}
	if left, _ := os.ReadDir(folder); len(left) != 0 {
		t.Errorf("%d files are left", len(left))
	}
}

// prefetch is how much of a body is read before the handler.
const prefetch = 8 << 10
