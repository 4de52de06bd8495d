package idle

import (
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	user32           = windows.NewLazySystemDLL("user32.dll")
	getLastInputInfo = user32.NewProc("GetLastInputInfo")
	openInputDesktop = user32.NewProc("OpenInputDesktop")
	closeDesktop     = user32.NewProc("CloseDesktop")
	getTickCount     = windows.NewLazySystemDLL("kernel32.dll").NewProc("GetTickCount")
)

// lastInput is the system's LASTINPUTINFO: the tick count, in milliseconds, of the last input of this session.
type lastInput struct{ size, ticks uint32 }

// switchDesktop is the right without which a desktop is not opened here; the one of the lock screen never is.
const switchDesktop = 0x0100

// Watcher asks this system. It is safe for concurrent use.
type Watcher struct{}

// New returns a watcher.
func New() *Watcher { return &Watcher{} }

// Look asks.
func (*Watcher) Look() (State, error) {
	info := lastInput{}
	info.size = uint32(unsafe.Sizeof(info))
	if ok, _, err := getLastInputInfo.Call(uintptr(unsafe.Pointer(&info))); ok == 0 {
		return State{}, fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	ticks, _, _ := getTickCount.Call()
	// Tick counts begin anew every 49 days; their difference does not mind.
	s := State{Idle: time.Duration(uint32(ticks)-info.ticks) * time.Millisecond}
	desktop, _, _ := openInputDesktop.Call(0, 0, switchDesktop)
	if s.Locked = desktop == 0; !s.Locked {
		_, _, _ = closeDesktop.Call(desktop)
	}
	return s, nil
}

// Close does nothing: nothing is held.
func (*Watcher) Close() {}
