package main

import (
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"callhue/assistants"
	"callhue/internal/fault"
)

type mcpCmd struct {
	Server string `env:"CALLHUE_SERVER" default:"http://127.0.0.1:8080" placeholder:"URL" help:"The server to ask."`
	Token  string `env:"CALLHUE_TOKEN" placeholder:"TOKEN" help:"A token of the user (callhue token add)."`
}

func (mcpCmd) Help() string {
	return "An assistant starts this command and speaks the Model Context Protocol with it.\n\n" +
		"Example: callhue mcp --server https://callhue.example\n\n" +
		"The token is better in CALLHUE_TOKEN than on the command line."
}

// Run answers the assistant until it leaves.
func (c *mcpCmd) Run(e *env) error {
	if c.Token == "" {
		return fault.Invalid("token", "required")
	}
	return assistants.Bridge(e.ctx, &mcp.StdioTransport{}, strings.TrimRight(c.Server, "/"), c.Token)
}
