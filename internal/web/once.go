package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/gofiber/fiber/v2"

	"callhue/internal/fault"
)

// IdempotencyStore remembers the answers to writes that carried an Idempotency-Key, for 24
// hours.
type IdempotencyStore interface {
	// Begin reserves a key for a user's request. It gives the answer when the
	// very same request was answered before; the conflict "key_reused" when the
	// key stood over another request; "key_in_use" while the first one runs;
	// "key_done" when the request was done and its answer is lost.
	Begin(ctx context.Context, user int64, key, request string) (*Answer, error)
	// Within gives a context whose writes note, in their own transactions, that the
	// request of a key was done: should this process die before Finish, nobody does
	// it a second time.
	Within(ctx context.Context, user int64, key string) context.Context
	// Finish stores the answer; a nil one gives the key back.
	Finish(ctx context.Context, user int64, key string, answer *Answer) error
}

// Answer is what was said to a write.
type Answer struct {
	Status int
	Body   string
}

// maxKey is the longest Idempotency-Key in bytes.
const maxKey = 200

// onlyOnce runs a write, or repeats the answer that the same key got before.
// Only good answers are kept: a refused write changed nothing and may be tried
// again.
func (s *Server) onlyOnce(r *Request, route Route, do func() error) error {
	c := r.C
	key := c.Get("Idempotency-Key")
	if key == "" || s.opt.Once == nil || r.User == nil || route.NoIdempotencyRecord || c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead {
		return do()
	}
	if len(key) > maxKey {
		return fault.Invalid("Idempotency-Key", "too_long")
	}
	sum := sha256.Sum256(append([]byte(c.Method()+" "+c.OriginalURL()+"\n"), c.BodyRaw()...))
	before, err := s.opt.Once.Begin(r.Context(), r.User.ID, key, hex.EncodeToString(sum[:]))
	if err != nil {
		return err
	}
	if before != nil {
		c.Set("Idempotent-Replay", "true")
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		return c.Status(before.Status).SendString(before.Body)
	}
	r.noted = s.opt.Once.Within(&r.ctx, r.User.ID, key)
	var said *Answer
	defer func() { // also when do panics: the key must not stay reserved
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second) // the request's own may be over
		defer cancel()
		if err := s.opt.Once.Finish(ctx, r.User.ID, key, said); err != nil {
			s.opt.Log.Error("answer not remembered", "route", route.Path, "error", err)
		}
	}()
	if err := do(); err != nil {
		return err
	}
	said = &Answer{c.Response().StatusCode(), string(c.Response().Body())}
	return nil
}
