package journal_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"callhue/internal/access"
	"callhue/internal/fault"
	"callhue/internal/store"
	"callhue/internal/web"
	"callhue/journal"
)

// childOf makes the test binary a server process of its own, which can be killed. It
// holds the database's URL.
const childOf = "CALLHUE_TEST_JOURNAL_DATABASE"

func TestMain(m *testing.M) {
	if url := os.Getenv(childOf); url != "" {
		os.Exit(child(url))
	}
	os.Exit(m.Run())
}

// made is the answer of the test's writes.
type made struct {
	ID   int64  `json:"id"`
	Text string `json:"text"`
}

// acts are routes whose writes register their answers. then runs after the commit,
// before the answer is sent.
func acts(db *store.DB, then func(answer made) error) []web.Route {
	j := journal.New(db, quiet())
	write := func(r *web.Request, text string) (out made, err error) {
		err = db.Write(r.Context(), func(tx *store.Tx) error {
			id, err := j.Record(tx, journal.Entry{Actor: r.User.ID, Verb: journal.ChangeRefused})
			out = made{id, text}
			tx.Answer(out)
			return err
		})
		if err == nil {
			err = then(out)
		}
		return out, err
	}
	type textIn struct {
		Text string `json:"text"`
	}
	return []web.Route{
		{Method: "POST", Path: "/api/v1/acts", Roles: access.Heads, Summary: "Act", Status: 201,
			Do: web.Do(func(r *web.Request, in textIn) (made, error) { return write(r, in.Text) })},
		{Method: "DELETE", Path: "/api/v1/acts/:id", Roles: access.Heads, Summary: "Undo",
			Do: web.Do(func(r *web.Request, _ web.Nothing) (web.Nothing, error) {
				err := db.Write(r.Context(), func(tx *store.Tx) error {
					tx.Answer(nil)
					_, err := j.Record(tx, journal.Entry{Actor: r.User.ID, Verb: journal.ChangeRefused})
					return err
				})
				if err == nil {
					err = then(made{})
				}
				return web.Nothing{}, err
			})},
	}
}

// child serves one request and kills its own process between commit and answer.
func child(url string) int {
	db, err := store.Open(context.Background(), url)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	s, err := serverOf(db, acts(db, func(made) error {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}))
	if err != nil {
		fmt.Println(err)
		return 1
	}
	method, path, _ := strings.Cut(os.Getenv("CALLHUE_TEST_JOURNAL_REQUEST"), " ")
	answer, err := s.App().Test(actOf(method, path), -1)
	fmt.Println("it lives:", answer.Status, err)
	return 1
}

func actOf(method, path string) *http.Request {
	req := httptest.NewRequest(method, path, strings.NewReader(`{"text": "Заявка"}`))
	req.Header.Set("Authorization", "Bearer orlova")
	req.Header.Set("Idempotency-Key", method)
	return req
}

// TestARepeatAfterACrashGetsTheFirstAnswer kills a server between the commit of a write
// and its answer. Another process answers the repeat at once, with what the first one
// would have answered, and writes nothing.
func TestARepeatAfterACrashGetsTheFirstAnswer(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		entries := 0
		for _, c := range []struct {
			method, path string
			status       int
			body         string
		}{
			{"POST", "/api/v1/acts", 201, `{"id":%d,"text":"Заявка"}`},
			{"DELETE", "/api/v1/acts/1", 204, ""},
		} {
			command := exec.Command(os.Args[0])
			command.Env = append(os.Environ(), childOf+"="+db.URL, "CALLHUE_TEST_JOURNAL_REQUEST="+c.method+" "+c.path)
			out, err := command.CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != -1 {
				t.Fatalf("the other process was not killed: %v\n%s", err, out)
			}
			entries++
			s := newServer(t, db, acts(db, func(made) error { return nil }))
			begun := time.Now()
			status, header, body := ask(t, s, c.method, c.path, "orlova", c.method, `{"text": "Заявка"}`)
			list, err := journal.List(db.Read(t.Context()), journal.History{Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			want := c.body
			if want != "" {
				want = fmt.Sprintf(want, list[0].ID)
			}
			if status != c.status || body != want || header.Get("Idempotent-Replay") != "true" {
				t.Errorf("%s again: %d %q, want %d %q of the first request", c.method, status, body, c.status, want)
			}
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("%s again took %v", c.method, took)
			}
			if len(list) != entries {
				t.Errorf("%s was done %d times", c.method, len(list)-entries+1)
			}
		}
	})
}

// TestAnswersOfWrites: a stored answer is the one that was sent, a refusal is none, and
// a fault after the commit does not let the write be done again.
func TestAnswersOfWrites(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		var fails error
		s := newServer(t, db, acts(db, func(made) error { return fails }))
		act := func(key, text string) (int, string, bool) {
			status, header, body := ask(t, s, "POST", "/api/v1/acts", "orlova", key, `{"text": "`+text+`"}`)
			return status, body, header.Get("Idempotent-Replay") == "true"
		}
		_, first, _ := act("sent", "a")
		if status, again, replay := act("sent", "a"); status != 201 || again != first || !replay {
			t.Errorf("again: %d %s, first %s", status, again, first)
		}
		fails = fault.Busy("later", time.Second)
		if status, _, _ := act("failed", "b"); status != 429 {
			t.Fatalf("a fault after the commit: %d", status)
		}
		fails = nil
		if status, body, replay := act("failed", "b"); status != 201 || !replay || !strings.Contains(body, `"b"`) {
			t.Errorf("after a fault behind the commit: %d %s", status, body)
		}
	})
}

// TestARefusalReleasesItsKey: the entry that a refusal leaves in the journal is not the
// work of the request, so the request may be tried again.
func TestARefusalReleasesItsKey(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		j, refuses := journal.New(db, quiet()), true
		s := newServer(t, db, []web.Route{{Method: "POST", Path: "/api/v1/acts", Roles: access.Heads, Summary: "Act",
			Do: web.Do(func(r *web.Request, _ web.Nothing) (made, error) {
				return made{ID: 7}, j.Write(r.Context(), db, r.User, func(a *journal.Act) error {
					a.Tx.Answer(made{ID: 7})
					if refuses {
						return a.Refuse(fault.Forbidden("not_now"), journal.Entry{}, map[string]any{})
					}
					return nil
				})
			})}})
		if status, _, body := ask(t, s, "POST", "/api/v1/acts", "orlova", "k", ""); status != 403 {
			t.Fatalf("%d %s", status, body)
		}
		refuses = false
		if status, header, body := ask(t, s, "POST", "/api/v1/acts", "orlova", "k", ""); status != 200 ||
			header.Get("Idempotent-Replay") != "" || body != `{"id":7,"text":""}` {
			t.Errorf("tried again: %d %s", status, body)
		}
	})
}

// TestAWriteRecordsItsKey looks at the row of the key from within a handler that has just
// written: it is there before the answer is.
func TestAWriteRecordsItsKey(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		s := newServer(t, db, []web.Route{{Method: "POST", Path: "/api/v1/acts", Roles: access.Heads, Summary: "Act.",
			Do: web.Do(func(r *web.Request, _ web.Nothing) (map[string]int, error) {
				n := -1
				if err := db.Write(r.Context(), func(*store.Tx) error { return nil }); err != nil {
					return nil, err
				}
				err := db.Read(r.Context()).Get(&n, "SELECT COALESCE(MAX(status), -1) FROM answers")
				return map[string]int{"status": n}, err
			})}})
		for _, c := range []struct{ key, want string }{{"", `{"status":-1}`}, {"k", `{"status":1}`}} {
			if _, _, body := ask(t, s, "POST", "/api/v1/acts", "orlova", c.key, "{}"); body != c.want {
				t.Errorf("key %q: %s, want %s", c.key, body, c.want)
			}
		}
	})
}

// TestAWriteWithoutAnAnswerIsNotDoneAgain: a process dies between the commit of a write
// that registers no answer, and its answer. A repeat is refused, not done again.
func TestAWriteWithoutAnAnswerIsNotDoneAgain(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		now := time.Now()
		db.Clock = func() time.Time { return now }
		answers, ctx := journal.NewIdempotencyStore(db), context.Background()
		var reserved web.Reservation
		none := func(any) *web.Answer { return nil }
		begin := func() string {
			_, r, err := answers.Begin(ctx, 1, "k", "r")
			if err == nil {
				reserved = r
				return ""
			}
			return fault.Of(err).Key
		}
		if got := begin(); got != "" {
			t.Fatal(got)
		}
		failed := errors.New("failed")
		if err := db.Write(reserved.Within(ctx, none), func(*store.Tx) error { return failed }); !errors.Is(err,
			failed) {
			t.Fatal(err)
		}
		now = now.Add(2 * time.Minute)
		if got := begin(); got != "" {
			t.Errorf("nothing was written: %s", got)
		}
		if err := db.Write(reserved.Within(ctx, none), func(*store.Tx) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if got := begin(); got != "key_in_use" {
			t.Errorf("it may still be answered: %q", got)
		}
		now = now.Add(2 * time.Minute)
		if got := begin(); got != "key_done" {
			t.Errorf("it was done, and its process died: %q", got)
		}
		if err := reserved.Finish(ctx, nil); err != nil {
			t.Fatal(err)
		}
		if got := begin(); got != "" {
			t.Errorf("a refusal gives the key back: %q", got)
		}
	})
}

// TestAKeyOfADeadProcessIsFreeSoon: a process dies before it has written. A repeat has the key after three seconds, and
// the first request, which was only very slow, cannot write after all.
func TestAKeyOfADeadProcessIsFreeSoon(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		now := time.Now()
		db = db.At(func() time.Time { return now })
		ctx, none := t.Context(), func(any) *web.Answer { return nil }
		_, first, err := journal.NewIdempotencyStore(db).Begin(ctx, 1, "k", "r")
		if err != nil {
			t.Fatal(err)
		}
		other := journal.NewIdempotencyStore(db)
		now = now.Add(2 * time.Second)
		if _, _, err := other.Begin(ctx, 1, "k", "r"); !isKeyInUse(err) {
			t.Fatalf("it may still run: %v", err)
		}
		now = now.Add(1500 * time.Millisecond)
		_, second, err := other.Begin(ctx, 1, "k", "r")
		if err != nil {
			t.Fatalf("after 3.5 s: %v", err)
		}
		write := func(r web.Reservation) error {
			return db.Write(r.Within(ctx, none), func(*store.Tx) error { return nil })
		}
		if err := write(first); !isKeyInUse(err) {
			t.Errorf("a request that lost its key has written: %v", err)
		}
		for range 2 {
			if err := write(second); err != nil {
				t.Errorf("the request that has the key: %v", err)
			}
		}
		if err := first.Finish(ctx, nil); err != nil {
			t.Error(err)
		}
		if err := second.Finish(ctx, &web.Answer{Status: 201, Body: "{}"}); err != nil {
			t.Error(err)
		}
		if before, _, err := other.Begin(ctx, 1, "k", "r"); err != nil || before == nil || before.Status != 201 {
			t.Errorf("the answer of the second: %+v, %v", before, err)
		}
	})
}

func isKeyInUse(err error) bool { return err != nil && fault.Of(err).Key == "key_in_use" }

// TestASlowRequestKeepsItsKey: a request that runs for longer than keys wait for a sign of life is not repeated.
func TestASlowRequestKeepsItsKey(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		_, slow, err := journal.NewIdempotencyStore(db).Begin(t.Context(), 1, "k", "r")
		if err != nil {
			t.Fatal(err)
		}
		other := journal.NewIdempotencyStore(db)
		for begun := time.Now(); time.Since(begun) < 5*time.Second; time.Sleep(50 * time.Millisecond) {
			if _, _, err := other.Begin(t.Context(), 1, "k", "r"); !isKeyInUse(err) {
				t.Fatalf("after %v: %v", time.Since(begun), err)
			}
		}
		if err := slow.Finish(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	})
}

func TestIdempotencyKeysDoNotWaitForEachOther(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		if db.Engine() == "sqlite" {
			t.Skip("SQLite has one writer: everybody waits")
		}
		answers, ctx, now := journal.NewIdempotencyStore(db), context.Background(), time.Now()
		db.Clock = func() time.Time { return now }
		// enough for an index to be worth it
		for _, key := range append(strings.Split("abcdefghijklmnopqrstuvwxyz", ""), "old") {
			_, reserved, err := answers.Begin(ctx, 1, key, "r")
			if err != nil {
				t.Fatal(err)
			}
			if err := reserved.Finish(ctx, &web.Answer{Status: 201}); err != nil {
				t.Fatal(err)
			}
		}
		now = now.Add(time.Hour)
		err := db.Write(ctx, func(tx *store.Tx) error { // the first request's answer is being stored
			if _, err := tx.Exec("UPDATE answers SET body = '{}' WHERE user_id = 1 AND repeat_key = 'old'"); err != nil {
				return err
			}
			soon, cancel := context.WithTimeout(ctx, 40*time.Second) // the database itself gives up a lock after 50
			defer cancel()
			before, _, err := answers.Begin(soon, 1, "new", "r")
			if before != nil {
				t.Error("a new key has an answer")
			}
			return err
		})
		if err != nil {
			t.Error("another key waited:", err)
		}
	})
}

func TestAnswersWhoseTimeIsOverAreSwept(t *testing.T) {
	store.Test(t, func(t *testing.T, db *store.DB) {
		answers, ctx, now := journal.NewIdempotencyStore(db), context.Background(), time.Now()
		db.Clock = func() time.Time { return now }
		for _, key := range []string{"0", "1"} {
			if _, _, err := answers.Begin(ctx, 1, key, "r"); err != nil {
				t.Fatal(err)
			}
			now = now.Add(13 * time.Hour)
		}
		if err := answers.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		var left []string
		if err := db.Read(ctx).Select(&left, "SELECT repeat_key FROM answers"); err != nil ||
			!slices.Equal(left, []string{"1"}) {
			t.Errorf("left %v, %v", left, err)
		}
	})
}
