package web

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"testing"
)

// TestWritesAtThePaceOfTheClient: a client that takes nothing at once gets every frame once and in order, and then
// the end.
func TestWritesAtThePaceOfTheClient(t *testing.T) {
	ours, theirs := net.Pipe() // takes a byte only when it is read
	defer theirs.Close()
	s := newStream(&Server{streams: newStreams(func(float64) {})}, ours)
	const frames = 300
	go func() {
		for n := range frames {
			s.Push(fmt.Appendf(nil, "%d\n", n), n%2 == 0)
		}
		s.End()
		s.Push([]byte("late\n"), false)
	}()
	read := bufio.NewReaderSize(theirs, 16)
	for n := range frames {
		if line, err := read.ReadString('\n'); line != fmt.Sprintf("%d\n", n) {
			t.Fatalf("got %q, %v; want frame %d", line, err, n)
		}
	}
	if line, err := read.ReadString('\n'); err != io.EOF {
		t.Errorf("after the end: %q, %v", line, err)
	}
}

// TestFewPassMany: a frame for one stream is written before those of an event for many.
func TestFewPassMany(t *testing.T) {
	w := &writers{most: 0} // only queues
	server := &Server{streams: newStreams(func(float64) {})}
	server.streams.writers = w
	var all []*Stream
	for range 10 {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		s := newStream(server, ours)
		all = append(all, s)
		s.Push([]byte("wide"), true)
	}
	all[7].Push([]byte("narrow"), false)
	if first := w.next(); first != all[7] {
		t.Error("the narrow frame waits for the wide ones")
	}
	if second := w.next(); second != all[0] {
		t.Error("the wide frames are not in order")
	}
}
