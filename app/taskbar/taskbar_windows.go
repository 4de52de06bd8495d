package taskbar

import (
	"log/slog"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	user32        = windows.NewLazySystemDLL("user32.dll")
	flashWindowEx = user32.NewProc("FlashWindowEx")
)

// flashInfo is the system's FLASHWINFO.
type flashInfo struct {
	size    uint32
	window  windows.HWND
	flags   uint32
	count   uint32
	timeout uint32
}

// The system's flags: the button in the taskbar; until the window comes to the front.
const (
	flashTray  = 2
	flashUntil = 12
)

// Bar is the program's place in the taskbar. Its methods may be called by any goroutine.
type Bar struct{ log *slog.Logger }

// New returns the program's place.
func New(log *slog.Logger) *Bar { return &Bar{log: log} }

// Badge does nothing: the number stands in the window's title, which the button shows.
func (*Bar) Badge(int) {}

// Flash calls for attention until somebody looks at the window.
func (b *Bar) Flash() {
	window := ownWindow()
	if window == 0 {
		b.log.Debug("there is no window to mark")
		return
	}
	info := flashInfo{window: window, flags: flashTray | flashUntil}
	info.size = uint32(unsafe.Sizeof(info))
	_, _, _ = flashWindowEx.Call(uintptr(unsafe.Pointer(&info))) // it returns what the window was before
}

// Close does nothing: nothing is held.
func (*Bar) Close() {}

// found takes the window that find has met. The system calls find at once, and one search runs at a time or finds the same.
var found atomic.Uintptr

// find is called with each window of the system until it returns 0.
var find = windows.NewCallback(func(window windows.HWND, _ uintptr) uintptr {
	var pid uint32
	if _, err := windows.GetWindowThreadProcessId(window, &pid); err != nil || pid != windows.GetCurrentProcessId() || !windows.IsWindowVisible(window) {
		return 1
	}
	found.Store(uintptr(window))
	return 0
})

// ownWindow is the program's visible window; zero if there is none.
func ownWindow() windows.HWND {
	found.Store(0)
	_ = windows.EnumWindows(find, nil) // ending the search early counts as an error
	return windows.HWND(found.Load())
}
