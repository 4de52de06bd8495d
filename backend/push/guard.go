package push

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// errPrivate refuses a connection to an address that is not public.
var errPrivate = errors.New("the address is not public")

// errElsewhere refuses an endpoint that cannot be a push service's.
var errElsewhere = errors.New("a push service is at an https address on port 443, with nothing before its name")

// fits tells whether an endpoint may be written to at all, before its name is looked up.
func (o *Options) fits(to *url.URL) error {
	if to.Scheme != "https" || to.Host == "" || to.User != nil || to.Opaque != "" {
		return errElsewhere
	}
	if port := to.Port(); port != "" && port != "443" && !slices.Contains(o.Allow, to.Host) {
		return errElsewhere
	}
	return nil
}

// newClient returns a client that goes where guard lets it and nowhere else: no proxy, no redirects.
func newClient(o Options) *http.Client {
	open, guarded := &net.Dialer{Timeout: o.Timeout}, &net.Dialer{Timeout: o.Timeout, Control: guard}
	return &http.Client{
		Timeout:       o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				if slices.Contains(o.Allow, address) {
					return open.DialContext(ctx, network, address)
				}
				return guarded.DialContext(ctx, network, address)
			},
			TLSClientConfig:        &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12},
			ForceAttemptHTTP2:      true,
			MaxIdleConnsPerHost:    2,
			IdleConnTimeout:        time.Minute,
			MaxResponseHeaderBytes: 16 << 10,
			DisableCompression:     true,
		},
	}
}

// guard is called with each address that a name has led to, after it was looked up and before anything is sent: whatever the name
// says, and however often it changes, nothing is sent to a neighbour of this server.
func guard(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %w", errPrivate, err)
	}
	if !public(at.Addr()) {
		return errPrivate
	}
	return nil
}

// notPublic are ranges for special purposes that netip does not name (RFC 6890), and those that lead to an IPv4 address that could
// be any.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // shared by providers' networks
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), // examples
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), // measurements
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"),
	netip.MustParsePrefix("64:ff9b::/96"), // IPv4 behind a translator
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), // Teredo among them
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), // 6to4
	netip.MustParsePrefix("fec0::/10"),
}

// public tells whether an address is one of the internet at large.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	return !slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(a) })
}

// MustShow tells whether a push service takes a subscription away from whoever sends notices that show nothing, such as those that
// take a shown one away. Apple's does.
func MustShow(endpoint string) bool {
	u, err := url.Parse(endpoint)
	return err != nil || u.Hostname() == "push.apple.com" || strings.HasSuffix(u.Hostname(), ".push.apple.com")
}
