package push

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/url"
	"time"
)

const (
	saltBytes = 16
	// recordBytes is the record size that the header names: more than the one record there is.
	recordBytes = 4096
	// lastRecord ends the text of the last record; zeros may follow.
	lastRecord = 2
	// tokenLife is how long a push service may take a request for this server's; RFC 8292 allows a day.
	tokenLife = 12 * time.Hour
)

// encrypt encrypts a payload for one browser (RFC 8291), padded to MaxPayload so that its length says nothing.
func encrypt(theirs, auth, payload []byte) ([]byte, error) {
	if len(payload) > MaxPayload {
		return nil, fmt.Errorf("the notice has %d bytes; at most %d are sent", len(payload), MaxPayload)
	}
	own, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails
	padded := make([]byte, MaxPayload+1)
	padded[copy(padded, payload)] = lastRecord
	return seal(own, salt, theirs, auth, padded)
}

// seal makes the body of a request: the header with salt, record size and public key, then the one record.
func seal(own *ecdh.PrivateKey, salt, theirs, auth, record []byte) ([]byte, error) {
	key, nonce, err := contentKeys(own, salt, theirs, auth)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("encrypt a notice: %w", err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("encrypt a notice: %w", err)
	}
	public := own.PublicKey().Bytes()
	body := binary.BigEndian.AppendUint32(append([]byte{}, salt...), recordBytes)
	body = append(append(body, byte(len(public))), public...)
	return gcm.Seal(body, nonce, record, nil), nil
}

// contentKeys derives the key and the nonce of the one record (RFC 8291, section 3.4).
func contentKeys(own *ecdh.PrivateKey, salt, theirs, auth []byte) (key, nonce []byte, err error) {
	public, err := ecdh.P256().NewPublicKey(theirs)
	if err != nil {
		return nil, nil, fmt.Errorf("the browser's key: %w", err)
	}
	shared, err := own.ECDH(public)
	if err != nil {
		return nil, nil, fmt.Errorf("the browser's key: %w", err)
	}
	info := "WebPush: info\x00" + string(theirs) + string(own.PublicKey().Bytes())
	input, err := hkdf.Key(sha256.New, shared, auth, info, sha256.Size)
	if err != nil {
		return nil, nil, fmt.Errorf("derive a key: %w", err)
	}
	if key, err = hkdf.Key(sha256.New, input, salt, "Content-Encoding: aes128gcm\x00", 16); err != nil {
		return nil, nil, fmt.Errorf("derive a key: %w", err)
	}
	if nonce, err = hkdf.Key(sha256.New, input, salt, "Content-Encoding: nonce\x00", 12); err != nil {
		return nil, nil, fmt.Errorf("derive a nonce: %w", err)
	}
	return key, nonce, nil
}

// authorize returns what shows a push service that a request is this server's (RFC 8292): a token signed with its key.
func (s *Sender) authorize(to *url.URL) (string, error) {
	claims, err := json.Marshal(map[string]any{
		"aud": to.Scheme + "://" + to.Host, "exp": s.o.Clock().Add(tokenLife).Unix(), "sub": s.o.Contact,
	})
	if err != nil {
		return "", fmt.Errorf("make a token: %w", err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	token := encode([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + encode(claims)
	sum := sha256.Sum256([]byte(token))
	r, v, err := ecdsa.Sign(rand.Reader, s.key, sum[:])
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	v.FillBytes(signature[32:])
	return "vapid t=" + token + "." + encode(signature) + ", k=" + s.public, nil
}
