package app

import (
	"context"

	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// window is what the shell asks of the window. Wails gives it; tests stand in for it.
type window interface {
	setTitle(title string)
	show()
	hide()
	open(address string)
	quit()
	fail(text string)
	saveAs(name string) (path string, err error)
	moveTo(p place)
	place() place
}

// wailsWindow is the window as Wails knows it, by the context it hands to the program at the start.
type wailsWindow struct{ ctx context.Context }

var _ window = wailsWindow{}

func (w wailsWindow) setTitle(title string) { runtime.WindowSetTitle(w.ctx, title) }

func (w wailsWindow) show() {
	runtime.WindowUnminimise(w.ctx)
	runtime.WindowShow(w.ctx)
}

func (w wailsWindow) hide() { runtime.WindowHide(w.ctx) }

// open hands an address to the system's browser. It must have passed openable.
func (w wailsWindow) open(address string) { runtime.BrowserOpenURL(w.ctx, address) }

func (w wailsWindow) quit() { runtime.Quit(w.ctx) }

// fail shows an error in a dialogue and returns when it has been read.
func (w wailsWindow) fail(text string) {
	// The answer is which button was pressed, and there is one; an error means that there is no screen to show it on.
	_, _ = runtime.MessageDialog(w.ctx, runtime.MessageDialogOptions{Type: runtime.ErrorDialog, Title: title(0), Message: text})
}

// saveAs asks where a file is to be saved, by the system's own dialogue; the path is empty if it was dismissed. That something is there
// already the dialogue has asked about.
func (w wailsWindow) saveAs(name string) (path string, err error) {
	return runtime.SaveFileDialog(w.ctx, runtime.SaveDialogOptions{DefaultFilename: name, CanCreateDirectories: true})
}

// moveTo puts the window where it was, if that is on the screen on which it has opened.
func (w wailsWindow) moveTo(p place) {
	screens, err := runtime.ScreenGetAll(w.ctx)
	if err != nil {
		return // the system's own choice of a place is good enough
	}
	for _, screen := range screens {
		if screen.IsCurrent && p.onScreen(screen.Size.Width, screen.Size.Height) {
			runtime.WindowSetPosition(w.ctx, p.X, p.Y)
		}
	}
}

func (w wailsWindow) place() place {
	p := place{known: true, Maximised: runtime.WindowIsMaximised(w.ctx)}
	p.X, p.Y = runtime.WindowGetPosition(w.ctx)
	p.Width, p.Height = runtime.WindowGetSize(w.ctx)
	return p
}
