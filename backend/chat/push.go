package chat

import (
	"crypto/ecdh"
	"encoding/base64"
	"net/url"
)

// PushSubscribeArgs name where this session's browser is told of messages while no page is open: a subscription as the browser gives
// it (W3C Push API). A session has one at most; it ends with the session.
type PushSubscribeArgs struct {
	// Endpoint is the address at the browser's push service.
	Endpoint string `json:"endpoint"`
	// Key is the browser's public key (p256dh), Auth the secret that it shares with the server; both in base64url.
	Key  string `json:"key"`
	Auth string `json:"auth"`
	// TimeZone is the device's, by whose clock quiet hours count there: a name of the IANA database, for example "Europe/Berlin".
	TimeZone string `json:"timeZone"`
}

// PushNotice is what a browser is told while no page is open, as its service worker decrypts it. Words around it are the worker's.
type PushNotice struct {
	// Tag is what it tells of: a conversation, or "several". A later notice of a tag takes the place of an earlier one.
	Tag string `json:"tag"`
	// Gone takes away what is shown with the tag: it was read elsewhere. Then nothing else is told.
	Gone bool `json:"gone,omitempty"`
	// ConversationID is where a click leads; absent where it tells of several.
	ConversationID ConversationID `json:"conversationId,omitempty"`
	// From is who wrote the newest message, Room in which room; Text is what it says, where the organisation shows that.
	From string `json:"from,omitempty"`
	Room string `json:"room,omitempty"`
	Text string `json:"text,omitempty"`
	// Messages and Conversations are how many it tells of.
	Messages      int `json:"messages,omitempty"`
	Conversations int `json:"conversations,omitempty"`
}

// PushSeveral is the tag of a notice that tells of several conversations.
const PushSeveral = "several"

// The bounds of a subscription and of what a notice shows.
const (
	MaxPushEndpoint = 1000
	maxZoneLength   = 64
	pushAuthBytes   = 16
	// MaxPushName and MaxPushText bound names and text in a notice, in characters.
	MaxPushName = 60
	MaxPushText = 160
)

// ErrTimeZone refuses what is no time zone.
var ErrTimeZone = Invalid("the time zone is a name of the IANA database, for example Europe/Berlin")

// Check tells what is wrong with the form of a subscription. Whether its address may be written to is known only when that is
// tried, and whether there is such a time zone to the hub.
func (a PushSubscribeArgs) Check() error {
	u, err := url.Parse(a.Endpoint)
	if err != nil || len(a.Endpoint) > MaxPushEndpoint || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return Invalid("a push service is named by an https address of at most %d bytes", MaxPushEndpoint)
	}
	if key, err := base64.RawURLEncoding.DecodeString(a.Key); err != nil {
		return Invalid("the browser's key is not base64url")
	} else if _, err := ecdh.P256().NewPublicKey(key); err != nil {
		return Invalid("the browser's key is no point of P-256")
	}
	if auth, err := base64.RawURLEncoding.DecodeString(a.Auth); err != nil || len(auth) != pushAuthBytes {
		return Invalid("the browser's secret is not %d bytes in base64url", pushAuthBytes)
	}
	if a.TimeZone == "" || len(a.TimeZone) > maxZoneLength {
		return ErrTimeZone
	}
	return nil
}
