package auth

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// TestMatchCode: the code of the step before, of this one and of the next are good, each once, and no code of an earlier step after it.
func TestMatchCode(t *testing.T) {
	secret, err := NewFactorSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	setup, err := SetUpFactor("Ines & Söhne: Help", "ines+1", secret)
	if err != nil {
		t.Fatal(err)
	}
	key, err := otp.NewKeyFromURL(setup.Address)
	if err != nil || key.Secret() != setup.Secret || key.Issuer() != "Ines & Söhne  Help" || key.AccountName() != "ines+1" {
		t.Fatalf("%+v, %v", key, err)
	}
	now := time.Unix(1_794_700_000, 0)
	shown := func(at time.Duration) string {
		code, err := totp.GenerateCode(setup.Secret, now.Add(at))
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	before, present, next := shown(-30*time.Second), shown(0), shown(30*time.Second)
	step, ok := MatchCode(secret, " "+present[:3]+" "+present[3:], now, 0)
	if !ok {
		t.Fatal("the present code is refused")
	}
	for what, c := range map[string]struct {
		code  string
		after int64
		good  bool
	}{
		"the step before": {before, 0, true}, "the next step": {next, 0, true}, "two steps ago": {shown(-60 * time.Second), 0, false},
		"the same again": {present, step, false}, "an earlier one, then": {before, step, false}, "the next, then": {next, step, true},
		"nothing": {"", 0, false}, "five digits": {present[:5], 0, false}, "seven": {present + "0", 0, false},
	} {
		if _, ok := MatchCode(secret, c.code, now, c.after); ok != c.good {
			t.Errorf("%s: %v", what, ok)
		}
	}
	if !strings.HasPrefix(setup.Picture, "data:image/png;base64,") || len(setup.Picture) > 4096 {
		t.Errorf("the picture has %d bytes", len(setup.Picture))
	}
}

// TestRecoveryCodes: each is found as it was shown and as people copy it, and nothing else is.
func TestRecoveryCodes(t *testing.T) {
	shown, kept, err := NewRecoveryCodes(rand.Reader)
	if err != nil || len(shown) != RecoveryCodes || len(kept) != RecoveryCodes {
		t.Fatalf("%d, %d, %v", len(shown), len(kept), err)
	}
	for i, code := range shown {
		for _, typed := range []string{code, strings.ToUpper(code), strings.ReplaceAll(code, "-", ""), " " + strings.ReplaceAll(code, "-", " ")} {
			if MatchRecovery(kept, typed) != i {
				t.Errorf("%q is not the code %d", typed, i)
			}
		}
	}
	for _, wrong := range []string{"", "-", "123456", shown[0][:18], shown[0] + "a"} {
		if MatchRecovery(kept, wrong) != -1 {
			t.Errorf("%q is a recovery code", wrong)
		}
	}
}
