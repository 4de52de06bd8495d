package app

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// maxLinkBytes bounds an address before it is handed to the system. A message's own links are shorter (chat.MaxLinkLength).
const maxLinkBytes = 4096

// plainHost is a host as browsers write it: names in ASCII (others in punycode), numbers, a port. Addresses in brackets are
// left out: the way to the system's browser refuses them.
var plainHost = regexp.MustCompile(`^[A-Za-z0-9._-]+(:[0-9]{1,5})?$`)

// phoneNumber is a number without the signs that only make it easier to read.
var phoneNumber = regexp.MustCompile(`^\+?[0-9*#]{1,32}$`)

// openable returns raw in the form in which it may be handed to the system's browser, or an error that says why it may not.
// Only what leads to a web page, a mail or a call is opened: any other scheme could start a program with an argument that a
// stranger chose. The page shows people where a link leads; what it sends is judged here as if it were hostile.
func openable(raw string) (string, error) {
	if len(raw) > maxLinkBytes {
		return "", fmt.Errorf("the address is longer than %d bytes", maxLinkBytes)
	}
	u, err := url.Parse(raw)
	if err != nil {
		return "", errors.New("the address cannot be read") // the parser's own error repeats the address
	}
	switch u.Scheme {
	case "http", "https":
		if u.User != nil || !plainHost.MatchString(u.Host) {
			return "", errors.New("the address has no plain host")
		}
	case "mailto":
		if u.Opaque == "" || strings.HasPrefix(u.Opaque, "-") {
			return "", errors.New("the address names nobody to write to")
		}
	case "tel":
		number := strings.NewReplacer("-", "", ".", "", "(", "", ")", "", "%20", "").Replace(u.Opaque)
		if !phoneNumber.MatchString(number) {
			return "", errors.New("the address is not a phone number")
		}
		return encodeRefused("tel:" + number), nil
	default:
		return "", fmt.Errorf("addresses of the kind %.20q are not opened", u.Scheme)
	}
	return encodeRefused(u.String()), nil
}

// encodeRefused writes as %XX what an address may hold and the way to the system's browser refuses.
func encodeRefused(address string) string {
	var out strings.Builder
	for i := range len(address) {
		c := address[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte("();~!*[]{}|\\^`$<>\"'", c) >= 0 {
			fmt.Fprintf(&out, "%%%02X", c)
			continue
		}
		out.WriteByte(c)
	}
	return out.String()
}
