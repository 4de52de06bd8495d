package app

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLinkBytes bounds an address before it is handed to the system. A message's own links are shorter (chat.MaxLinkLength).
const maxLinkBytes = 4096

// plainHost is a host as browsers write it: names in ASCII (others in punycode), numbers, a port. Addresses in brackets are
// left out: the way to the system's browser refuses them. A "-" in front would be an option to many a program.
var plainHost = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*(:[0-9]{1,5})?$`)

// phoneNumber is a number without the signs that only make it easier to read.
var phoneNumber = regexp.MustCompile(`^\+?[0-9*#]{1,32}$`)

// openable returns raw in the form in which it may be handed to the system's browser, or an error that says why it may not.
// Only what leads to a web page, a mail or a call is opened: any other scheme could start a program with an argument that a
// stranger chose. The page shows people where a link leads; what it sends is judged here as if it were hostile. The page's own
// filter (frontend/src/shell/links.ts) is held to the same examples: backend/chat/testdata/links.json.
func openable(raw string) (string, error) {
	if len(raw) > maxLinkBytes {
		return "", fmt.Errorf("the address is longer than %d bytes", maxLinkBytes)
	}
	u, err := url.Parse(raw)
	if err != nil || strings.ContainsFunc(raw, unicode.IsControl) {
		return "", errors.New("the address cannot be read") // the parser's own error repeats the address
	}
	switch u.Scheme {
	case "http", "https":
		if u.User != nil || !plainHost.MatchString(u.Host) {
			return "", errors.New("the address has no plain host")
		}
	case "mailto":
		mail, err := openableMail(u)
		if err != nil {
			return "", err
		}
		return encodeRefused(mail), nil
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

// mailFields are the fields of a mail that a link may fill in. Others do more than a reader sees: old programs attach a file
// that "attach" names.
var mailFields = []string{"subject", "body", "cc", "bcc"}

// openableMail returns a mailto address anew, with who is written to and mailFields only. Everything is judged as the mail
// program will read it, after decoding: a line break would begin a header of its own, and stands in the body alone.
func openableMail(u *url.URL) (string, error) {
	var to []string
	for one := range strings.SplitSeq(u.Opaque, ",") {
		address, err := decodeMail(one, false)
		if err != nil {
			return "", err
		}
		first, _ := utf8.DecodeRuneInString(address)
		if !unicode.IsLetter(first) && !unicode.IsNumber(first) && first != '_' {
			return "", errors.New("the address names nobody to write to")
		}
		to = append(to, strings.NewReplacer("%40", "@", "%2B", "+").Replace(encodeMail(address)))
	}
	var fields []string
	for field := range strings.SplitSeq(u.RawQuery, "&") {
		name, value, _ := strings.Cut(field, "=")
		name, err := decodeMail(name, false)
		if err != nil {
			return "", err
		}
		if name = strings.ToLower(name); !slices.Contains(mailFields, name) {
			continue
		}
		if value, err = decodeMail(value, name == "body"); err != nil {
			return "", err
		}
		fields = append(fields, name+"="+encodeMail(value))
	}
	mail := "mailto:" + strings.Join(to, ",")
	if len(fields) > 0 {
		mail += "?" + strings.Join(fields, "&")
	}
	return mail, nil
}

// decodeMail undoes the encoding of a part of a mailto address, in which "+" stands for itself. Control characters are an
// error, but for those of a text of several lines where lines says that it may be one.
func decodeMail(part string, lines bool) (string, error) {
	text, err := url.PathUnescape(part)
	control := func(r rune) bool { return unicode.IsControl(r) && !(lines && strings.ContainsRune("\r\n\t", r)) }
	if err != nil || !utf8.ValidString(text) || strings.ContainsFunc(text, control) {
		return "", errors.New("the address holds what no mail may")
	}
	return text, nil
}

func encodeMail(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

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
