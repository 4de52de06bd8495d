package proof

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"parley/backend/chat"
	"parley/backend/rig"
)

// A file of the largest size goes up, down, and for comparison over a socket of the loopback address into a file that is synced: go test
// -run xxx -bench File ./build/proof. docs/benchmark.md has what it said.

// grows reports by how many megabytes the server's memory has grown, at its peak or in the end.
func grows(b *testing.B, p *rig.Process, run func()) {
	figures := []string{"VmRSS", "VmHWM"}
	var before []int64
	for _, name := range figures {
		before = append(before, memoryOf(b, p.PID(), name))
	}
	b.SetBytes(chat.MaxFileBytes)
	b.ResetTimer()
	run()
	var grown int64
	for i, name := range figures {
		grown = max(grown, memoryOf(b, p.PID(), name)-before[i])
	}
	b.ReportMetric(float64(grown)/1e6, "MB-grown")
}

func BenchmarkFile_up(b *testing.B) {
	p := rig.NewProcess(b)
	mira, talk := p.As("mira"), p.Direct("mira", "liam")
	content := rig.Bytes(chat.MaxFileBytes, "film")
	grows(b, p, func() {
		for b.Loop() {
			mira.SendFile(talk, "film.mp4", content)
		}
	})
}

func BenchmarkFile_down(b *testing.B) {
	p := rig.NewProcess(b)
	mira, liam := p.As("mira"), p.As("liam")
	talk := p.Direct("mira", "liam")
	id, small := mira.SendFile(talk, "film.mp4", rig.Bytes(chat.MaxFileBytes, "film")), mira.SendFile(talk, "note.txt", rig.Bytes(1_000_000, "note"))
	mira.Do(chat.MessagePost, mira.WithFiles("liam", "the film", id, small), nil)
	liam.ExpectText("the film")
	p.Kill() // what sending took is not counted here
	p.Start()
	for range 50 { // what small files take, neither
		liam.ReadFile(small)
	}
	grows(b, p, func() {
		for b.Loop() {
			if got := liam.ReadFile(id); got.Status != http.StatusOK || len(got.Body) != chat.MaxFileBytes {
				b.Fatalf("%d, %d bytes", got.Status, len(got.Body))
			}
		}
	})
}

func BenchmarkFile_plain(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	content, path := rig.Bytes(chat.MaxFileBytes, "film"), filepath.Join(b.TempDir(), "film.mp4")
	b.SetBytes(chat.MaxFileBytes)
	b.ResetTimer()
	for b.Loop() {
		sent := make(chan error, 1)
		go func() { sent <- sendPlain(l.Addr().String(), content) }()
		if err := takePlain(l, path); err != nil {
			b.Fatal(err)
		}
		if err := <-sent; err != nil {
			b.Fatal(err)
		}
	}
}

func sendPlain(address string, content []byte) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = io.Copy(conn, bytes.NewReader(content))
	return err
}

// takePlain writes what comes over one connection into a file, on the disk.
func takePlain(l net.Listener, path string) error {
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.Copy(f, conn); err != nil {
		return err
	}
	return f.Sync()
}
