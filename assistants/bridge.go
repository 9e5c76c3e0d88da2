package assistants

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"golang.org/x/sync/errgroup"
)

// Bridge carries messages between an assistant at one transport and a server's /mcp until the assistant leaves. server
// is the address of the server without a trailing slash.
func Bridge(ctx context.Context, assistant mcp.Transport, server, token string) error {
	near, err := assistant.Connect(ctx)
	if err != nil {
		return err
	}
	defer near.Close()
	far, err := (&mcp.StreamableClientTransport{Endpoint: server + "/mcp", DisableStandaloneSSE: true,
		HTTPClient: &http.Client{Transport: bearer(token)}}).Connect(ctx)
	if err != nil {
		return err
	}
	defer far.Close()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return carry(ctx, near, far) })
	group.Go(func() error { return carry(ctx, far, near) })
	if err := group.Wait(); !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// carry passes messages on until one of the sides ends.
func carry(ctx context.Context, from, to mcp.Connection) error {
	for {
		message, err := from.Read(ctx)
		if err == nil {
			err = to.Write(ctx, message)
		}
		if err != nil {
			return err
		}
	}
}

// bearer is an HTTP transport that shows a token.
type bearer string

// RoundTrip sends a request with the token.
func (token bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(token))
	return http.DefaultTransport.RoundTrip(r)
}
