package hub

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"parley/backend/chat"
)

// sealer makes and reads one user's cursors. A cursor is one AES block, so all have the same length and none tells anything:
//
//	3 bytes  which log it is of
//	5 bytes  seq: the newest place in the log the client has
//	5 bytes  rights: the place up to which it was told its rights, not after seq
//	3 bytes  salt, so that a place has many words
//
// (2^40 events are 35 years at a thousand a second.)
//
// rights lags behind seq while a client catches up: then it gets the events first and its rights afterwards, and must be
// told what it lost even if the connection ends in between.
type sealer struct {
	block cipher.Block
	epoch [3]byte
	salt  uint32
}

// newSealer returns the sealer of a user in the log of the epoch.
func newSealer(secret, epoch []byte, user chat.UserID, salt uint32) (*sealer, error) {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("cursor " + user))
	block, err := aes.NewCipher(mac.Sum(nil)[:16])
	if err != nil {
		return nil, fmt.Errorf("seal cursors: %w", err)
	}
	s := &sealer{block: block, salt: salt}
	sum := sha256.Sum256(epoch)
	copy(s.epoch[:], sum[:])
	return s, nil
}

// seal returns a word for the place. For one goroutine at a time.
func (s *sealer) seal(seq, rights int64) chat.Cursor {
	var b [16]byte
	s.salt++
	binary.BigEndian.PutUint64(b[0:8], uint64(seq))
	copy(b[0:3], s.epoch[:])
	binary.BigEndian.PutUint64(b[8:16], uint64(rights)<<24|uint64(s.salt&0xffffff))
	s.block.Encrypt(b[:], b[:])
	return chat.Cursor(base64.RawURLEncoding.EncodeToString(b[:]))
}

// open returns the place of a word, and false if it is none of this log and user.
func (s *sealer) open(word chat.Cursor) (seq, rights int64, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(string(word))
	if err != nil || len(raw) != 16 {
		return 0, 0, false
	}
	s.block.Decrypt(raw, raw)
	if [3]byte(raw[0:3]) != s.epoch {
		return 0, 0, false
	}
	raw[0], raw[1], raw[2] = 0, 0, 0
	return int64(binary.BigEndian.Uint64(raw[0:8])), int64(binary.BigEndian.Uint64(raw[8:16]) >> 24), true
}
