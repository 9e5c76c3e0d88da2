package main

import (
	"callhue/internal/web"
)

type openapiCmd struct{}

func (openapiCmd) Help() string { return "Example: callhue openapi > openapi.json" }

// Run prints the document. It needs the route tables, not a database.
func (c *openapiCmd) Run(e *env) error {
	var h house
	raw, err := web.Document(version, h.routes()...)
	if err != nil {
		return err
	}
	_, err = e.out.Write(append(raw, '\n'))
	return err
}
