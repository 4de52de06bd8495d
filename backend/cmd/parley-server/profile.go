package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
)

// startProfile writes where the processor's time goes to file, in the form of go tool pprof, until the function it returns is
// called.
func startProfile(file string) (stop func(context.Context) error, err error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(fmt.Errorf("profile: %w", err), f.Close())
	}
	return func(context.Context) error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}
