package web

import "github.com/gofiber/fiber/v2"

func (s *Server) openAPI(r *Request) error { return fiber.ErrNotFound }

func (s *Server) docs(r *Request) error { return fiber.ErrNotFound }
