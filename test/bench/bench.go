// Command bench measures what a verdict costs, against yardsticks that do the
// unavoidable part alone: fiber answering the same bytes, and the driver asking
// the database the same question.
//
// It joins the packages as cmd/callhue does, fills a database with numbers, and
// loads every variant over loopback from the same process, in turns, several
// rounds in one run: figures of a shared machine drift, the ratios of one round
// do not. `make bench` runs it; it is no part of the product.
//
// Read next: variants.go (what is compared), load.go, app.go, world.go.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"time"

	"callhue/internal/store"
)

// liveStreams is what the live streams are called by `-only`.
const liveStreams = "live streams"

type options struct {
	numbers, hot     int
	connections      int
	rounds           int
	each             time.Duration
	cpuProfile, only string
	streams          int
	binary           string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(os.Args) > 1 {
		commands := map[string]func(context.Context, []string) error{"events": eventsMain, "serve-events": serveEvents}
		do := commands[os.Args[1]]
		if do != nil {
			if err := do(ctx, os.Args[2:]); err != nil {
				fmt.Fprintln(os.Stderr, "bench:", err)
				os.Exit(1)
			}
			return
		}
	}
	var opt options
	flag.IntVar(&opt.numbers, "numbers", 1_000_000, "numbers in each database")
	flag.IntVar(&opt.hot, "hot", 1_000, "numbers that are asked for again and again where memory is measured")
	flag.IntVar(&opt.connections, "connections", 32,
		"connections that ask at the same time, each waiting for its answer")
	flag.IntVar(&opt.rounds, "rounds", 5, "how often every variant has its turn")
	flag.DurationVar(&opt.each, "for", 2*time.Second, "how long a turn is")
	flag.IntVar(&opt.streams, "streams", 10_000, "live streams; 0 measures none")
	flag.StringVar(&opt.binary, "binary", "", "the server of the live streams; built from here if there is none")
	flag.StringVar(&opt.only, "only", "", "only the variants whose name holds this text, and their yardsticks")
	flag.StringVar(&opt.cpuProfile, "cpuprofile", "", "file for a CPU profile of all rounds")
	flag.Parse()
	if err := run(ctx, opt); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, opt options) error {
	folder, err := os.MkdirTemp(memoryDisk(), "callhue-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	b := &bench{options: opt, folder: folder}
	defer b.close()
	if opt.streams > 0 && strings.Contains(liveStreams, opt.only) {
		if err := b.measureStreams(ctx); err != nil || opt.only == liveStreams {
			return err
		}
	}
	if err := b.open(ctx); err != nil {
		return err
	}
	variants := b.variants()
	if opt.cpuProfile != "" {
		file, err := os.Create(opt.cpuProfile)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	if err := b.measure(ctx, variants); err != nil {
		return err
	}
	printTable(os.Stdout, variants)
	return nil
}

// memoryDisk is where files are kept in memory, or "" for the usual place:
// nothing here measures a disk, as scripts/mariadb.sh does not.
func memoryDisk() string {
	const shm = "/dev/shm"
	if info, err := os.Stat(shm); err == nil && info.IsDir() {
		return shm
	}
	return ""
}

// bench holds what is open while it runs.
type bench struct {
	options
	folder string

	remembers, forgets *app // both on SQLite: with memory and without
	maria              *app // nil without a server
	bare               *bareServer
	driver             *rawDriver

	closers []func()
}

func (b *bench) close() {
	for i := len(b.closers) - 1; i >= 0; i-- {
		b.closers[i]()
	}
}

// open fills the databases and starts everything that is measured.
func (b *bench) open(ctx context.Context) (err error) {
	url := "sqlite:" + filepath.Join(b.folder, "bench.db")
	if b.remembers, err = b.app(ctx, url, 0); err != nil {
		return err
	}
	if err := b.fill(ctx, b.remembers); err != nil {
		return err
	}
	if b.forgets, err = b.app(ctx, url, -1); err != nil { // on the same people, source and numbers
		return err
	}
	if b.bare, err = newBareServer(ctx, b.remembers); err != nil {
		return err
	}
	b.closers = append(b.closers, b.bare.close)
	server := os.Getenv(store.TestServer)
	if server == "" {
		fmt.Println("no MariaDB:", store.TestServer, "is not set (`make bench` starts a server and sets it)")
		return nil
	}
	dsn := server + fmt.Sprintf("callhue_bench_%d", os.Getpid())
	b.closers = append(b.closers, func() { dropDatabase(dsn) }) // once the application is closed
	if b.maria, err = b.app(ctx, "mysql://"+dsn, -1); err != nil {
		return err
	}
	if err := b.fill(ctx, b.maria); err != nil {
		return err
	}
	if b.driver, err = newRawDriver(dsn, b.connections); err != nil {
		return err
	}
	b.closers = append(b.closers, b.driver.close)
	return nil
}

func (b *bench) app(ctx context.Context, url string, most int) (*app, error) {
	a, err := openApp(ctx, url, most)
	if err != nil {
		return nil, err
	}
	b.closers = append(b.closers, a.close)
	return a, nil
}

func (b *bench) fill(ctx context.Context, a *app) error {
	start := time.Now()
	if err := fill(ctx, a, b.numbers); err != nil {
		return err
	}
	fmt.Printf("filled:  %s, %d numbers in %.0f s", a.db.Engine(), b.numbers, time.Since(start).Seconds())
	if size, err := a.size(); err == nil {
		fmt.Printf(", %d bytes on disk per number", size/int64(b.numbers))
	}
	fmt.Println()
	return nil
}
