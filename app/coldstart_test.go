//go:build desktoptest

package app

import (
	"fmt"
	"image"
	"testing"
	"time"

	"parley/backend/rig"
	"parley/build/screen"
)

// BenchmarkDesktop_coldStart is the time from starting the program, as it is shipped, until its window shows the conversations that
// are kept, while no server answers: go test -tags desktoptest -run xxx -bench coldStart -benchtime 5x ./app. Looking at the window takes a
// tenth of a second, so it is no more exact than that. docs/benchmark.md has what it said.
func BenchmarkDesktop_coldStart(b *testing.B) {
	server := rig.NewProcess(b)
	s := screen.Start(b, 1280, 900)
	liam := server.As("liam")
	for i := range 300 {
		liam.Post("mira", fmt.Sprint("Batch 88 had soft corners, door ", i))
	}
	mira := newDesk(b, s, "mira", server.URL, place{Width: 1180, Height: 800})
	mira.signIn()
	s.Await("the desktop has the conversation", func() bool { return mira.window.Title() == "(99+) Parley" })
	server.Kill()
	list := image.Rect(200, 100, 460, 700)
	mira.kill()
	mira.start()
	mira.window.AwaitStill()
	want := mira.window.Part(list)
	s.Picture("coldstart")
	var framed time.Duration // until there is a window
	for b.Loop() {
		b.StopTimer()
		mira.kill()
		b.StartTimer()
		begun := time.Now()
		mira.run()
		mira.window = s.WindowOf(mira.cmd.Process.Pid)
		framed += time.Since(begun)
		s.Await("it shows the conversations", func() bool { return screen.Alike(want, mira.window.Part(list)) })
	}
	b.ReportMetric(float64(framed.Milliseconds())/float64(b.N), "window-ms")
}
