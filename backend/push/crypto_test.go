package push

import (
	"crypto/ecdh"
	"encoding/base64"
	"testing"
)

// TestSeal_vector is the example of RFC 8291, section 5.
func TestSeal_vector(t *testing.T) {
	decode := func(s string) []byte {
		raw, err := base64.RawURLEncoding.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	own, err := ecdh.P256().NewPrivateKey(decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
	if err != nil {
		t.Fatal(err)
	}
	theirs := decode("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")
	record := append([]byte("When I grow up, I want to be a watermelon"), lastRecord)
	body, err := seal(own, decode("DGv6ra1nlYgDCS1FRnbzlw"), theirs, decode("BTBZMqHH6r4Tts7J_aSIgg"), record)
	if err != nil {
		t.Fatal(err)
	}
	const want = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
	if got := base64.RawURLEncoding.EncodeToString(body); got != want {
		t.Errorf("the body is\n%s, want\n%s", got, want)
	}
}

// TestEncrypt_bounds: what is too long or for no browser is refused.
func TestEncrypt_bounds(t *testing.T) {
	browser, err := ecdh.P256().GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	key, auth := browser.PublicKey().Bytes(), make([]byte, 16)
	if _, err := encrypt(key, auth, make([]byte, MaxPayload+1)); err == nil {
		t.Error("a notice of any length is sent")
	}
	off := append([]byte{}, key...)
	off[64] ^= 1
	for _, wrong := range [][]byte{nil, key[:64], off, make([]byte, 65)} {
		if _, err := encrypt(wrong, auth, []byte("x")); err == nil {
			t.Errorf("%x is taken for a browser's key", wrong)
		}
	}
	short, err := encrypt(key, auth, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	long, err := encrypt(key, auth, make([]byte, MaxPayload))
	if err != nil || len(short) != len(long) || len(long) > 4096 {
		t.Errorf("the length of a notice tells %d from %d, %v", len(short), len(long), err)
	}
}
