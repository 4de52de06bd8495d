//go:build webkit2_41

package bring

// #cgo pkg-config: gtk+-3.0
// void parley_watch_soon(void);
import "C"

import (
	"sync"
	"unsafe"
)

// Supported tells whether this system's web view keeps files from the page.
const Supported = true

var taker struct {
	sync.Mutex
	t Taker
}

// Watch tells t from now on what is brought to the program's window. The page must exist by then.
func Watch(t Taker) {
	taker.Lock()
	taker.t = t
	taker.Unlock()
	C.parley_watch_soon() // GTK is spoken to by its own loop alone
}

// tell has the taker take something.
func tell(take func(Taker)) {
	taker.Lock()
	defer taker.Unlock()
	take(taker.t)
}

//export parleyComing
func parleyComing() { tell(func(t Taker) { t.Coming() }) }

//export parleyFiles
func parleyFiles(list **C.char, n C.int) {
	var paths []string
	for _, path := range unsafe.Slice(list, int(n)) {
		paths = append(paths, C.GoString(path))
	}
	tell(func(t Taker) { t.Files(paths) })
}

//export parleyPicture
func parleyPicture(content *C.char, n C.int) {
	picture := C.GoBytes(unsafe.Pointer(content), n)
	tell(func(t Taker) { t.Picture(picture) })
}
