// Command fakecrm simulates a CRM for tests, in a process of its own: a Bitrix24 portal or
// an amoCRM account. It is no part of the product.
//
//	go run ./test/fakecrm bitrix24 --companies 20
//
// Its first line on the standard output is JSON: where it listens, and what a source
// is connected with. It ends by a signal.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// crm is a CRM that can be simulated: it parses its flags, and makes the handler and what
// is printed once the address is known.
type crm struct {
	name string
	make func(flags *flag.FlagSet) (ready func(address string) (http.Handler, map[string]any))
}

// crms are all that can be played, a line each.
var crms = []crm{
	{"amocrm", amocrmAccount},
	{"bitrix24", bitrix24Portal},
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "fakecrm:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("which CRM? %v", names())
	}
	for _, c := range crms {
		if c.name == args[0] {
			flags := flag.NewFlagSet(c.name, flag.ExitOnError)
			listen := flags.String("listen", "127.0.0.1:0", "where to listen")
			ready := c.make(flags)
			if err := flags.Parse(args[1:]); err != nil {
				return err
			}
			return serve(*listen, ready)
		}
	}
	return fmt.Errorf("nobody here plays %q, only %v", args[0], names())
}

func names() (all []string) {
	for _, c := range crms {
		all = append(all, c.name)
	}
	return all
}

func serve(listen string, ready func(string) (http.Handler, map[string]any)) error {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	address := "http://" + l.Addr().String()
	handler, says := ready(address)
	says["address"] = address
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		end := make(chan os.Signal, 1)
		signal.Notify(end, os.Interrupt, syscall.SIGTERM)
		<-end
		server.Close()
	}()
	if err := json.NewEncoder(os.Stdout).Encode(says); err != nil {
		return err
	}
	if err := server.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}
