package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
)

// TokenLength is the length of a token as text: 256 bits in base64url without padding.
const TokenLength = 43

// NewToken returns a fresh secret of 256 random bits from rand.
func NewToken(rand io.Reader) (string, error) {
	var b [32]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", fmt.Errorf("read a token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// TokenHash is what is kept of a token. One round of SHA-256 is enough: a token cannot be guessed, so there is nothing to
// slow down.
type TokenHash [sha256.Size]byte

// HashToken returns the hash to keep.
func HashToken(token string) TokenHash { return sha256.Sum256([]byte(token)) }

// Matches tells whether token is the one h was made of. The time it takes says nothing about either.
func (h TokenHash) Matches(token string) bool {
	other := HashToken(token)
	return subtle.ConstantTimeCompare(h[:], other[:]) == 1
}
