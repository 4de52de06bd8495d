package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
)

// TestPasswords_bounded: with every slot taken a hash waits, and gives up when its context ends.
func TestPasswords_bounded(t *testing.T) {
	p := NewPasswords(2, rand.Reader)
	p.slots <- struct{}{}
	p.slots <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := p.Hash(ctx, "some password")
		done <- err
	}()
	select {
	case err := <-done:
		t.Fatalf("a third hash ran beside two: %v", err)
	default:
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	<-p.slots
	if _, err := p.Hash(t.Context(), "some password"); err != nil {
		t.Errorf("with a free slot: %v", err)
	}
	if len(p.slots) != 1 {
		t.Errorf("%d slots are taken after the work, want the one of this test", len(p.slots))
	}
}
