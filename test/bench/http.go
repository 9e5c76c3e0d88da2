package main

import (
	"context"
	"net"

	"github.com/gofiber/fiber/v2"
)

// bareServer is the yardstick of HTTP: fiber as it comes, with one handler a
// door that answers bytes which it holds already.
type bareServer struct {
	app     *fiber.App
	address string
}

// newBareServer answers what the product answers about the first number.
func newBareServer(_ context.Context, a *app) (*bareServer, error) {
	name, err := answerOf(a.address, a.nameRequest)
	if err != nil {
		return nil, err
	}
	card, err := answerOf(a.address, a.checkRequest)
	if err != nil {
		return nil, err
	}
	s := &bareServer{app: fiber.New(fiber.Config{DisableStartupMessage: true})}
	s.app.Get("/cid/:source/:secret", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
		return c.Send(name)
	})
	s.app.Post("/api/v1/check", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		return c.Send(card)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.address = listener.Addr().String()
	go func() { _ = s.app.Listener(listener) }()
	return s, nil
}

func (s *bareServer) close() { _ = s.app.Shutdown() }

// answerOf returns the body that a server answers about the first number.
func answerOf(address string, request func(to []byte, place int) []byte) ([]byte, error) {
	a, err := newHTTPAsker(address, request)
	if err != nil {
		return nil, err
	}
	defer a.close()
	if err := a.ask(0); err != nil {
		return nil, err
	}
	return append([]byte(nil), a.body...), nil
}
