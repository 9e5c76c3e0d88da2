package web_test

import (
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"callhue/internal/access"
	"callhue/internal/web"
)

type said struct {
	Word string `json:"word"`
}

// BenchmarkManners compares a row of a table with a bare fiber handler that
// answers the same bytes: the difference is what the manners cost.
func BenchmarkManners(b *testing.B) {
	bare := fiber.New(fiber.Config{Immutable: true})
	bare.Get("/api/v1/word", func(c *fiber.Ctx) error { return c.JSON(said{"hello"}) })
	own := newServer(b, web.Options{}, []web.Route{row("GET", "/api/v1/word", access.Staff,
		web.Do(func(*web.Request, web.Nothing) (said, error) { return said{"hello"}, nil }))})
	for _, c := range []struct {
		name    string
		handler fasthttp.RequestHandler
	}{{"bare", bare.Handler()}, {"web", own.App().Handler()}} {
		b.Run(c.name, func(b *testing.B) {
			var ctx fasthttp.RequestCtx
			b.ReportAllocs()
			for b.Loop() {
				ctx.Request.Reset()
				ctx.Response.Reset()
				ctx.Request.SetRequestURI("/api/v1/word")
				ctx.Request.Header.Set("Authorization", "Bearer petrov")
				c.handler(&ctx)
			}
			if got := string(ctx.Response.Body()); got != `{"word":"hello"}` {
				b.Fatal(got)
			}
		})
	}
}
