package importexport

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"callhue/internal/store"
)

// BenchmarkImport imports companies with a code, number and e-mail into an empty database.
// CALLHUE_IMPORT_ROWS sets how many. It reports rows per second and the peak memory of the process
// in MB, without the database pages that SQLite maps: the system reclaims those.
func BenchmarkImport(b *testing.B) {
	n, err := strconv.Atoi(os.Getenv("CALLHUE_IMPORT_ROWS"))
	if err != nil {
		n = 20_000
	}
	path := filepath.Join(b.TempDir(), "companies.csv")
	writeCompanies(b, path, n)
	store.Test(inBenchmark{b}, func(t inBenchmark, db *store.DB) {
		w := newWorld(t.B, db)
		by, err := w.UserByLogin(b.Context(), "")
		must(b, err)
		t.ResetTimer()
		most := 0.0
		out, err := w.Import(b.Context(), Options{File: path, By: by,
			OnProgress: func(Progress) { most = max(most, memory(b)) }})
		t.StopTimer()
		must(b, err)
		if out.Added != int64(n) {
			t.Fatalf("%+v", out)
		}
		t.ReportMetric(float64(n)/t.Elapsed().Seconds(), "rows/s")
		t.ReportMetric(most, "MB")
	})
}

// inBenchmark lets store.Test run each benchmark once.
type inBenchmark struct{ *testing.B }

func (b inBenchmark) Run(name string, f func(inBenchmark)) bool {
	done := false
	return b.B.Run(name, func(b *testing.B) {
		if !done {
			done = true
			f(inBenchmark{b})
		}
	})
}

// writeCompanies writes a file as another CRM would; the numbers are in no order.
func writeCompanies(b *testing.B, path string, n int) {
	file, err := os.Create(path)
	must(b, err)
	out, random := bufio.NewWriter(file), rand.New(rand.NewPCG(1, 2))
	fmt.Fprint(out, "id;name;phone;email;owner\r\n")
	for i := range n {
		number := random.IntN(10_000_000)
		fmt.Fprintf(out, "K-%d;ООО Вектор %d;+7 495 %03d-%02d-%02d;info%d@example.com;\r\n", i, i, number/10000,
			number/100%100, number%100, i)
	}
	must(b, out.Flush())
	must(b, file.Close())
}

// memory returns the private memory of this process in MB, 0 where the system does not report it.
func memory(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, found := strings.CutPrefix(line, "RssAnon:"); found {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			must(b, err)
			return kb / 1024
		}
	}
	return 0
}
