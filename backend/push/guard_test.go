package push

import (
	"errors"
	"net/url"
	"testing"
)

// TestGuard_publicAddressesOnly: whatever a name leads to, nothing is sent to a neighbour of the server.
func TestGuard_publicAddressesOnly(t *testing.T) {
	for _, address := range []string{
		"127.0.0.1:443", "127.8.9.1:443", "[::1]:443", "10.1.2.3:443", "172.16.0.1:443", "172.31.255.255:443", "192.168.0.1:443",
		"169.254.169.254:443", "[fe80::1]:443", "[fe80::1%eth0]:443", "[fd00::1]:443", "[fc00::1]:443", "0.0.0.0:443", "[::]:443",
		"100.64.0.1:443", "192.0.0.8:443", "198.18.0.1:443", "224.0.0.1:443", "239.1.1.1:443", "255.255.255.255:443", "240.0.0.1:443",
		"[::ffff:127.0.0.1]:443", "[::ffff:10.0.0.1]:443", "[::127.0.0.1]:443", "[64:ff9b::7f00:1]:443", "[2002:7f00:1::]:443",
		"[2001:0:1::1]:443", "[ff02::1]:443", "[fec0::1]:443", "203.0.113.7:443", "localhost:443", "", "1.1.1.1",
	} {
		if err := guard("tcp", address, nil); !errors.Is(err, errPrivate) {
			t.Errorf("%q is written to: %v", address, err)
		}
	}
	for _, address := range []string{"1.1.1.1:443", "142.250.1.1:443", "[2606:4700::1111]:443", "[::ffff:1.1.1.1]:443", "172.32.0.1:443"} {
		if err := guard("tcp", address, nil); err != nil {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// TestFits: what is no push service's address is not even looked up.
func TestFits(t *testing.T) {
	o := Options{Allow: []string{"push.example.com:8443"}}
	for address, fits := range map[string]bool{
		"https://push.example.com/x": true, "https://push.example.com:443/x": true, "https://push.example.com:8443/x": true,
		"https://push.example.com:22/x": false, "https://other.example.com:8443/x": false, "http://push.example.com/x": false,
		"https://user@push.example.com/x": false, "https:push": false, "ftp://push.example.com": false, "//push.example.com": false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if err := o.fits(u); (err == nil) != fits {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestMustShow: only those whose push service takes that ill are spared what shows nothing.
func TestMustShow(t *testing.T) {
	for endpoint, must := range map[string]bool{
		"https://web.push.apple.com/x": true, "https://push.apple.com/x": true, "https://push.apple.com.example.com/x": false,
		"https://fcm.googleapis.com/fcm/send/x": false, "https://notpush.apple.com/x": false,
	} {
		if got := MustShow(endpoint); got != must {
			t.Errorf("MustShow(%q) is %v", endpoint, got)
		}
	}
}
