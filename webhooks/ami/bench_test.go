package ami

import (
	"bytes"
	"io"
	"os"
	"strconv"
	"testing"
)

// manyCalls is the recording of a group call, played n times with ids of its own each time.
func manyCalls(b *testing.B, n int) []byte {
	stream, err := os.ReadFile("testdata/group-answered.txt")
	if err != nil {
		b.Fatal(err)
	}
	_, events, _ := bytes.Cut(stream, []byte("\r\n\r\n"))
	all := []byte("Asterisk Call Manager/11.0.0\r\n")
	for i := range n {
		all = append(all, bytes.ReplaceAll(events, []byte("1795292094."), []byte(strconv.Itoa(1800000000+i)+"."))...)
	}
	return all
}

// BenchmarkFollow reads and follows 1 000 calls.
func BenchmarkFollow(b *testing.B) {
	stream := manyCalls(b, 1000)
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	for b.Loop() {
		events, err := follow(newFollower("from-internal"), bytes.NewReader(stream))
		if err != io.EOF || len(events) < 6000 {
			b.Fatal(len(events), err)
		}
	}
}
