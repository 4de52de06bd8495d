package auth

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

// The second factor is what authenticator apps make: TOTP of RFC 6238 with SHA-1, six digits and steps of 30 s, which all of them
// can do.
const (
	factorSecretBytes = 20
	factorStep        = 30 * time.Second
	// factorDrift is how many steps a clock may be off, either way.
	factorDrift = 1
)

// A recovery code is 80 random bits, in groups for reading aloud. Like a token it cannot be guessed, so one round of SHA-256 keeps it.
const (
	recoveryBytes = 10
	recoveryGroup = 4
	// RecoveryCodes is how many recovery codes somebody is given.
	RecoveryCodes = 10
)

var base32NoPadding = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewFactorSecret returns a fresh secret of a second factor, from rand.
func NewFactorSecret(rand io.Reader) ([]byte, error) {
	secret := make([]byte, factorSecretBytes)
	if _, err := io.ReadFull(rand, secret); err != nil {
		return nil, fmt.Errorf("read a secret: %w", err)
	}
	return secret, nil
}

// FactorSetup is what an authenticator app is set up with.
type FactorSetup struct {
	// Secret is for typing, in base32.
	Secret string
	// Address is the same with all else an app needs: otpauth://...
	Address string
	// Picture is the address as a QR code: a PNG in a data: URL.
	Picture string
}

// SetUpFactor returns how secret is taken into an authenticator app, where issuer and account name it.
func SetUpFactor(issuer, account string, secret []byte) (FactorSetup, error) {
	// Not by totp.Generate, which leaves a "&" in the issuer as it is.
	escape := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
	text := base32NoPadding.EncodeToString(secret)
	issuer = strings.ReplaceAll(issuer, ":", " ") // which would end the issuer in the label
	key, err := otp.NewKeyFromURL("otpauth://totp/" + escape(issuer) + ":" + escape(account) + "?secret=" + text + "&issuer=" + escape(issuer) +
		"&algorithm=SHA1&digits=6&period=30")
	if err != nil {
		return FactorSetup{}, fmt.Errorf("set up a second factor: %w", err)
	}
	picture, err := qrPicture(key)
	if err != nil {
		return FactorSetup{}, fmt.Errorf("draw a second factor: %w", err)
	}
	return FactorSetup{Secret: text, Address: key.URL(), Picture: picture}, nil
}

// qrPixels bounds the width of the picture; a module of the largest code is still 3 pixels wide.
const qrPixels = 240

// qrPicture draws the key's QR code in black and white, one bit a pixel, without the light margin that it needs.
func qrPicture(key *otp.Key) (string, error) {
	code, err := key.Image(qrPixels, qrPixels)
	if err != nil {
		return "", err
	}
	black := color.Palette{color.White, color.Black}
	margin := 0
	for black.Index(code.At(margin, margin)) == 0 { // the corner of a code is dark
		margin++
	}
	width := qrPixels - 2*margin
	flat := image.NewPaletted(image.Rect(0, 0, width, width), black)
	for y := range width {
		for x := range width {
			flat.Set(x, y, code.At(margin+x, margin+y))
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, flat); err != nil {
		return "", err
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

// MatchCode tells whether code is the one that an authenticator with the secret shows at now, of a step later than after, and which
// step that is: keep it, and the code is good once. Every step that counts is looked at, so the time it takes says nothing.
func MatchCode(secret []byte, code string, now time.Time, after int64) (step int64, ok bool) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	present := now.Unix() / int64(factorStep/time.Second)
	for s := present - factorDrift; s <= present+factorDrift; s++ {
		made, err := hotp.GenerateCodeCustom(base32NoPadding.EncodeToString(secret), uint64(max(0, s)),
			hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return 0, false
		}
		if subtle.ConstantTimeCompare([]byte(made), []byte(code)) == 1 && s > after {
			step, ok = s, true
		}
	}
	return step, ok
}

// NewRecoveryCodes returns RecoveryCodes fresh codes from rand, as they are shown, and what is kept of each.
func NewRecoveryCodes(rand io.Reader) (shown []string, kept [][]byte, err error) {
	for range RecoveryCodes {
		var b [recoveryBytes]byte
		if _, err := io.ReadFull(rand, b[:]); err != nil {
			return nil, nil, fmt.Errorf("read a recovery code: %w", err)
		}
		text := strings.ToLower(base32NoPadding.EncodeToString(b[:]))
		var groups []string
		for ; len(text) > 0; text = text[recoveryGroup:] {
			groups = append(groups, text[:recoveryGroup])
		}
		code := strings.Join(groups, "-")
		sum := sha256.Sum256([]byte(plainRecovery(code)))
		shown, kept = append(shown, code), append(kept, sum[:])
	}
	return shown, kept, nil
}

// MatchRecovery returns which of the kept hashes code is of; -1 if of none. All are looked at.
func MatchRecovery(kept [][]byte, code string) int {
	sum, found := sha256.Sum256([]byte(plainRecovery(code))), -1
	for i, h := range kept {
		if subtle.ConstantTimeCompare(h, sum[:]) == 1 {
			found = i
		}
	}
	return found
}

// plainRecovery takes off what people add or leave out when they copy a code.
func plainRecovery(code string) string {
	return strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(strings.TrimSpace(code)))
}
