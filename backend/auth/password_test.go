package auth_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"parley/backend/auth"
)

func TestPasswords_hashAndVerify(t *testing.T) {
	ctx, p := t.Context(), auth.NewPasswords(2, rand.Reader)
	// Bytes after the 72nd count, unlike with bcrypt (security.md B3).
	long := strings.Repeat("x", 100)
	for _, password := range []string{"correct horse", "ünïcödé ✓", long + "a", strings.Repeat("y", auth.MaxPasswordBytes)} {
		encoded, err := p.Hash(ctx, password)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(encoded, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(encoded, password) {
			t.Errorf("the hash is %s", encoded)
		}
		if again, _ := p.Hash(ctx, password); again == encoded {
			t.Error("two hashes of one password are equal: no salt")
		}
		for try, want := range map[string]bool{password: true, password + " ": false, long + "b": false, "": false, "correct horsE": false} {
			if ok, err := p.Verify(ctx, encoded, try); err != nil || ok != want {
				t.Errorf("%.20q against %.20q: %t, %v", try, password, ok, err)
			}
		}
	}
}

func TestPasswords_length(t *testing.T) {
	p := auth.NewPasswords(1, iotest.ErrReader(errors.New("randomness must not be needed")))
	for _, password := range []string{"", strings.Repeat("x", auth.MaxPasswordBytes+1), strings.Repeat("x", 1<<20)} {
		if _, err := p.Hash(t.Context(), password); !errors.Is(err, auth.ErrPasswordLength) {
			t.Errorf("%d bytes: %v", len(password), err)
		}
		if ok, err := p.Verify(t.Context(), "", password); ok || err != nil {
			t.Errorf("%d bytes: verified %t, %v", len(password), ok, err)
		}
	}
	if _, err := p.Hash(t.Context(), "some password"); err == nil {
		t.Error("no error without randomness")
	}
}

// TestPasswords_nobody: an unknown name goes through the same work and is refused.
func TestPasswords_nobody(t *testing.T) {
	p := auth.NewPasswords(1, rand.Reader)
	if ok, err := p.Verify(t.Context(), "", "some password"); ok || err != nil {
		t.Errorf("%t, %v", ok, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Verify(ended, "", "some password"); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody's password is not hashed like another: %v", err)
	}
}

// TestPasswords_damagedHash: what is no sound hash is an error, asks for no memory and never lets anybody in.
func TestPasswords_damagedHash(t *testing.T) {
	p := auth.NewPasswords(1, rand.Reader)
	sound, err := p.Hash(t.Context(), "some password")
	if err != nil {
		t.Fatal(err)
	}
	for _, encoded := range []string{
		"x", "plain", "$2a$10$abcdefghijklmnopqrstuv", sound[:len(sound)-30], sound + "$", strings.Replace(sound, "m=19456", "m=4294967295", 1),
		strings.Replace(sound, "t=2", "t=0", 1), strings.Replace(sound, "p=1", "p=999", 1), strings.Replace(sound, "v=19", "v=16", 1),
		strings.Replace(sound, "argon2id", "argon2i", 1), strings.Replace(sound, "m=19456,", "", 1), "$argon2id$v=19$m=19456,t=2,p=1$$",
	} {
		ok, err := p.Verify(t.Context(), encoded, "some password")
		if ok || err == nil {
			t.Errorf("%s: %t, %v", encoded, ok, err)
		} else if strings.Contains(err.Error(), "$") {
			t.Errorf("the error tells of the hash: %v", err)
		}
	}
}

func TestToken(t *testing.T) {
	a, err := auth.NewToken(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := auth.NewToken(rand.Reader)
	if len(a) != auth.TokenLength || a == b || strings.ContainsAny(a, "+/=") {
		t.Errorf("%q, %q", a, b)
	}
	h := auth.HashToken(a)
	if !h.Matches(a) || h.Matches(b) || h.Matches("") || h.Matches(a+"x") {
		t.Error("a hash matches exactly its own token")
	}
	if _, err := auth.NewToken(iotest.ErrReader(errors.New("empty"))); err == nil {
		t.Error("a token without randomness")
	}
}

func BenchmarkVerify(b *testing.B) {
	p := auth.NewPasswords(2, rand.Reader)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Verify(b.Context(), "", "some password"); err != nil {
			b.Fatal(err)
		}
	}
}
