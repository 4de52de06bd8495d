// Package auth computes what signing in rests on: password hashes, second factors, tokens, and how fast somebody may guess.
//
// It keeps nothing on disk and knows no users. Accounts, hashes and sessions are kept by the hub's store; the server asks
// the throttle before it lets a password be tried.
package auth

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// MaxPasswordBytes bounds a password before it is hashed, so nobody makes the server hash megabytes. It equals
// chat.MaxPasswordBytes, which is told to people; argon2id itself uses every byte.
const MaxPasswordBytes = 256

// ErrPasswordLength is returned for an empty password and for one above MaxPasswordBytes.
var ErrPasswordLength = errors.New("the password is empty or longer than 256 bytes")

// The cost of a new hash: 19 MiB, two passes, one lane (OWASP's first choice for argon2id); about 30 ms of one core.
const (
	memoryKiB = 19 << 10
	passes    = 2
	lanes     = 1
	saltBytes = 16
	keyBytes  = 32
)

// The most an encoded hash may ask for, so that a row damaged or slipped in from outside cannot exhaust the server.
const (
	maxMemoryKiB = 256 << 10
	maxPasses    = 16
	maxLanes     = 16
)

// Passwords hashes and verifies passwords, only so many at the same time: each costs 19 MiB and a core. It is safe for use
// by several goroutines.
type Passwords struct {
	slots chan struct{}
	rand  io.Reader
}

// NewPasswords returns Passwords that work on at most parallel hashes at once (at least one) and take salts from rand.
func NewPasswords(parallel int, rand io.Reader) *Passwords {
	return &Passwords{slots: make(chan struct{}, max(1, parallel)), rand: rand}
}

// Hash returns the hash of password in PHC form: $argon2id$v=19$m=19456,t=2,p=1$SALT$KEY. It waits for a free slot until
// ctx ends and then returns ctx's error.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	if password == "" || len(password) > MaxPasswordBytes {
		return "", ErrPasswordLength
	}
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(p.rand, salt); err != nil {
		return "", fmt.Errorf("read a salt: %w", err)
	}
	h := hash{memory: memoryKiB, passes: passes, lanes: lanes, salt: salt}
	key, err := p.derive(ctx, h, password, keyBytes)
	if err != nil {
		return "", err
	}
	h.key = key
	return h.String(), nil
}

// Verify tells whether password is the one encoded stands for. An empty encoded stands for nobody: it takes as long as any
// other and is always false, so that an unknown name answers like a wrong password. A password of impossible length is
// false without any hashing, for every account alike. An encoded hash that is no argon2id hash is an error.
func (p *Passwords) Verify(ctx context.Context, encoded, password string) (bool, error) {
	if password == "" || len(password) > MaxPasswordBytes {
		return false, nil
	}
	if encoded == "" {
		nobody := hash{memory: memoryKiB, passes: passes, lanes: lanes, salt: make([]byte, saltBytes)}
		_, err := p.derive(ctx, nobody, password, keyBytes)
		return false, err
	}
	h, err := parseHash(encoded)
	if err != nil {
		return false, err
	}
	key, err := p.derive(ctx, h, password, uint32(len(h.key)))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(key, h.key) == 1, nil
}

// derive computes the key in a slot of its own.
func (p *Passwords) derive(ctx context.Context, h hash, password string, size uint32) ([]byte, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a free slot to hash in: %w", ctx.Err())
	}
	defer func() { <-p.slots }()
	if err := ctx.Err(); err != nil { // both were ready: nobody waits for the result any more
		return nil, fmt.Errorf("wait for a free slot to hash in: %w", err)
	}
	return argon2.IDKey([]byte(password), h.salt, h.passes, h.memory, h.lanes, size), nil
}

// hash is a PHC string taken apart.
type hash struct {
	memory, passes uint32
	lanes          uint8
	salt, key      []byte
}

// String returns the PHC form.
func (h hash) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, h.memory, h.passes, h.lanes, b64.EncodeToString(h.salt), b64.EncodeToString(h.key))
}

var errHash = errors.New("the stored password hash is not one of argon2id within its limits")

// parseHash reads a PHC string. The error never holds any part of it.
func parseHash(encoded string) (hash, error) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return hash{}, errHash
	}
	costs := strings.Split(parts[3], ",")
	if len(costs) != 3 {
		return hash{}, errHash
	}
	var n [3]uint32
	for i, prefix := range []string{"m=", "t=", "p="} {
		digits, ok := strings.CutPrefix(costs[i], prefix)
		v, err := strconv.ParseUint(digits, 10, 32)
		if !ok || err != nil || v == 0 {
			return hash{}, errHash
		}
		n[i] = uint32(v)
	}
	if n[0] > maxMemoryKiB || n[1] > maxPasses || n[2] > maxLanes {
		return hash{}, errHash
	}
	salt, err := base64.RawStdEncoding.Strict().DecodeString(parts[4])
	if err != nil || len(salt) < 8 || len(salt) > 64 {
		return hash{}, errHash
	}
	key, err := base64.RawStdEncoding.Strict().DecodeString(parts[5])
	if err != nil || len(key) < 16 || len(key) > 64 {
		return hash{}, errHash
	}
	return hash{memory: n[0], passes: n[1], lanes: uint8(n[2]), salt: salt, key: key}, nil
}
