//go:build !linux || !webkit2_41

package bring

// Supported tells whether this system's web view keeps files from the page.
const Supported = false

// Watch does nothing here: the page is handed files as by any browser.
func Watch(Taker) {}
