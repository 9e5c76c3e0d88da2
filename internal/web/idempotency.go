package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"callhue/internal/fault"
)

// IdempotencyStore keeps the answers to writes with an Idempotency-Key for 24 hours.
type IdempotencyStore interface {
	// Begin reserves a key for a request of a user. If the same request was answered
	// before, it returns that answer and no reservation. Faults: key_reused if the key
	// belongs to another request, key_in_use while the first request runs, key_done if
	// the request was done and its answer is lost.
	Begin(ctx context.Context, user int64, key, request string) (*Answer, Reservation, error)
}

// Reservation is a key whose request is running.
type Reservation interface {
	// Within returns a context whose writes store, in their own transactions, that the
	// request was done, with the answer that render makes of what they registered (see
	// store.Tx.Answer). render returns nil for what is not an answer of the route. If
	// this process dies before Finish, a repeat gets that answer.
	Within(ctx context.Context, render func(value any) *Answer) context.Context
	// Finish stores the answer unless a write has stored it already. A nil answer
	// releases the key, unless a write has stored an answer.
	Finish(ctx context.Context, answer *Answer) error
}

// Answer is the answer to a write.
type Answer struct {
	Status int
	Body   string
}

// maxKey limits an Idempotency-Key in bytes.
const maxKey = 200

// idempotent runs a write, or repeats the answer of an earlier request with the same
// key. Faults are not stored: a refused write changed nothing and may be tried again.
func (s *Server) idempotent(r *Request, route Route, do func() error) error {
	c := r.C
	key := c.Get("Idempotency-Key")
	reads := c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead
	if key == "" || s.opt.Idempotency == nil || r.User == nil || reads || !route.recordsAnswers() {
		return do()
	}
	return s.onceUnder(key, r, route, do)
}

// recordsAnswers reports whether answers of a route are kept for an Idempotency-Key.
func (r Route) recordsAnswers() bool { return !r.NoIdempotencyRecord && r.Upload == nil }

// onceUnder is idempotent for a request that has a key. It is a function of its own because it keeps the route: most
// requests have no key, and need no copy of it on the heap.
func (s *Server) onceUnder(key string, r *Request, route Route, do func() error) error {
	c := r.C
	if len(key) > maxKey {
		return fault.Invalid("Idempotency-Key", "too_long")
	}
	if !isPrintable(key) {
		return fault.Invalid("Idempotency-Key", "malformed")
	}
	sum := sha256.Sum256(append([]byte(c.Method()+" "+c.OriginalURL()+"\n"), c.BodyRaw()...))
	before, reserved, err := s.opt.Idempotency.Begin(r.Context(), r.User.ID, key, hex.EncodeToString(sum[:]))
	if err != nil {
		return err
	}
	if before != nil {
		c.Set("Idempotent-Replay", "true")
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		return c.Status(before.Status).SendString(before.Body)
	}
	r.recorded = reserved.Within(&r.ctx, func(value any) *Answer { return route.answerOf(value) })
	var answer *Answer
	defer func() { // also when do panics: the key must not stay reserved
		// The request's own context may be over.
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := reserved.Finish(ctx, answer); err != nil {
			s.opt.Log.Error("answer not stored", "route", route.Path, "error", err)
		}
	}()
	if err := do(); err != nil {
		return err
	}
	answer = &Answer{c.Response().StatusCode(), string(c.Response().Body())}
	return nil
}

// isPrintable reports whether a header has the characters alone that RFC 9110 (5.5) recommends, which every database
// takes: ASCII without control characters.
func isPrintable(header string) bool {
	return strings.IndexFunc(header, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// answerOf renders a value as this route answers it, nil if it is of another type than
// the route's answers. A nil value is an answer without a body.
func (r Route) answerOf(value any) *Answer {
	if waits, ok := value.(Waiting); ok {
		return answerWith(waits, r.Status)
	}
	if r.Do.out == reflect.TypeFor[Nothing]() {
		if value != nil {
			return nil
		}
		return &Answer{Status: noContent(r.Status)}
	}
	if value == nil || reflect.TypeOf(value) != r.Do.out {
		return nil
	}
	return answerWith(value, r.Status)
}

func answerWith(value any, status int) *Answer {
	body, err := encode(value)
	if err != nil {
		return nil
	}
	return &Answer{statusOf(value, status), string(body)}
}
