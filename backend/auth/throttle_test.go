package auth_test

import (
	"fmt"
	"testing"
	"time"

	"parley/backend/auth"
)

// handClock is a clock that is turned by hand.
type handClock struct{ at time.Time }

func (c *handClock) now() time.Time        { return c.at }
func (c *handClock) turn(by time.Duration) { c.at = c.at.Add(by) }
func newHand() *handClock                  { return &handClock{time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)} }

// fail tries n wrong passwords a second apart and returns how many were let through.
func fail(t *auth.Throttle, c *handClock, n int, account, address string) int {
	through := 0
	for range n {
		if a, _ := t.Begin(account, address, ""); a != nil {
			through++
		}
		c.turn(time.Second)
	}
	return through
}

func mayTry(t *testing.T, th *auth.Throttle, account, address, device string) *auth.Attempt {
	t.Helper()
	a, wait := th.Begin(account, address, device)
	if a == nil {
		t.Fatalf("%s from %s has to wait %s", account, address, wait)
	}
	return a
}

const attacker, home = "203.0.113.9:4000", "198.51.100.7:5000"

// TestThrottle_oneMachineOneAccount is the first third of security.md B4.
func TestThrottle_oneMachineOneAccount(t *testing.T) {
	c := newHand()
	th := auth.NewThrottle(c.now)
	if n := fail(th, c, 605, "ana", attacker); n < 10 || n > 65 {
		t.Errorf("%d of 605 tries in ten minutes were let through", n)
	}
	_, wait := th.Begin("ana", attacker, "")
	if wait <= 0 || wait > 12*time.Second {
		t.Errorf("the attacker is told to wait %s", wait)
	}
	if _, again := th.Begin(" ANA ", "203.0.113.9:4001", ""); again != wait {
		t.Errorf("another spelling or port waits %s, not %s", again, wait)
	}
	mayTry(t, th, "ana", home, "").Succeeded()
	mayTry(t, th, "ben", attacker, "")
	c.turn(wait)
	mayTry(t, th, "ana", attacker, "")
}

// TestThrottle_oneMachineManyAccounts is the second: a password tried on a thousand accounts.
func TestThrottle_oneMachineManyAccounts(t *testing.T) {
	c := newHand()
	th := auth.NewThrottle(c.now)
	through := 0
	for i := range 1000 {
		if a, _ := th.Begin(fmt.Sprint("user", i), attacker, ""); a != nil {
			through++
		}
	}
	if through != 60 {
		t.Errorf("%d of 1000 were let through, want 60", through)
	}
	locked := 0
	for i := range 1000 {
		if a, _ := th.Begin(fmt.Sprint("user", i), home+fmt.Sprint(i), ""); a == nil {
			locked++
		}
	}
	if locked > 1 {
		t.Errorf("%d real users cannot get in from elsewhere", locked)
	}
}

// TestThrottle_manyMachinesOneAccount is the last: a botnet. The real user gets in from where they have signed in before,
// by device even from among the attackers.
func TestThrottle_manyMachinesOneAccount(t *testing.T) {
	c := newHand()
	th := auth.NewThrottle(c.now)
	mayTry(t, th, "ana", home, "").Succeeded()
	mayTry(t, th, "ben", home, "ben's laptop").Succeeded()
	through := map[string]int{}
	for i := range 2000 {
		for _, account := range []string{"ana", "ben"} {
			if a, _ := th.Begin(account, fmt.Sprintf("10.0.%d.%d", i/250, i%250), ""); a != nil {
				through[account]++
			}
		}
	}
	if through["ana"] != 100 || through["ben"] != 100 {
		t.Errorf("let through: %v, want 100 each", through)
	}
	mayTry(t, th, "ana", home, "")
	mayTry(t, th, "ben", "10.0.0.1", "ben's laptop")
	if a, _ := th.Begin("ben", "10.0.0.1", "another laptop"); a != nil {
		t.Error("an unknown device from an attacking address was let through")
	}
	if n := fail(th, c, 60, "ana", home); n > 30 {
		t.Errorf("a known address may fail %d times in a minute", n)
	}
}

// TestThrottle_successIsFree: an office of 500 behind one address signs in at once on Monday morning.
func TestThrottle_successIsFree(t *testing.T) {
	th := auth.NewThrottle(newHand().now)
	for i := range 500 {
		mayTry(t, th, fmt.Sprint("user", i), home, "").Succeeded()
	}
	for range 500 {
		mayTry(t, th, "new", home, "").Withdraw()
	}
}

// TestThrottle_parallelTriesAreCharged: what has begun counts before it has failed.
func TestThrottle_parallelTriesAreCharged(t *testing.T) {
	th := auth.NewThrottle(newHand().now)
	var begun []*auth.Attempt
	for range 100 {
		if a, _ := th.Begin("ana", attacker, ""); a != nil {
			begun = append(begun, a)
		}
	}
	if len(begun) != 10 {
		t.Fatalf("%d at once", len(begun))
	}
	begun[0].Withdraw()
	mayTry(t, th, "ana", attacker, "")
	if a, _ := th.Begin("ana", attacker, ""); a != nil {
		t.Error("one was given back, two were taken")
	}
}

// TestThrottle_clockSetBack: promise P12, a jump of the server's clock locks nobody out.
func TestThrottle_clockSetBack(t *testing.T) {
	c := newHand()
	th := auth.NewThrottle(c.now)
	fail(th, c, 20, "ana", attacker)
	c.turn(-time.Hour)
	if _, wait := th.Begin("ana", attacker, ""); wait > 12*time.Second {
		t.Errorf("after a jump back one waits %s", wait)
	}
	c.turn(12 * time.Second)
	mayTry(t, th, "ana", attacker, "")
}

// TestThrottle_addresses: who holds one IPv6 network is one party; an IPv4 address is itself in either notation.
func TestThrottle_addresses(t *testing.T) {
	c := newHand()
	th := auth.NewThrottle(c.now)
	fail(th, c, 20, "ana", "[2001:db8:1:2::1]:80")
	if a, _ := th.Begin("ana", "2001:db8:1:2:ffff::9", ""); a != nil {
		t.Error("the same /64 counts as another")
	}
	mayTry(t, th, "ana", "2001:db8:1:3::1", "")
	fail(th, c, 20, "ben", "192.0.2.1")
	if a, _ := th.Begin("ben", "[::ffff:192.0.2.1]:9", ""); a != nil {
		t.Error("a mapped IPv4 address counts as another")
	}
	fail(th, c, 20, "eva", "no address at all")
	mayTry(t, th, "eva", "192.0.2.8", "")
}
