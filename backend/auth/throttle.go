package auth

import (
	"hash/maphash"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Throttle says how fast passwords may be tried. It slows whoever guesses, and keeps the account's real user out of the
// way of it.
//
// A try is charged when it begins and given back when it succeeds, so only failures count, and many at once do not slip
// through. There are three budgets; a try needs all three:
//
//   - account and address together: 10 failures, then one every 12 s. This stops the ordinary case, one machine guessing
//     at one account, and touches nobody at another address.
//   - address, over all accounts: 60 failures, then one a second. This stops one machine trying one password on a thousand
//     accounts. A whole office behind one address signs in unhindered, because success costs nothing.
//   - account, over all addresses: 100 failures, then one every 6 s. This slows a botnet. One address alone cannot use it up:
//     it fails at most every 12 s, and this refills every 6 s.
//
// A device, and an address, from which the account has been signed in to before has a budget of its own instead of all
// three: 10 failures, then one every 6 s. So somebody under attack still gets in from where they always work, even if the
// attack comes from the same address, as long as their program names its device, which an attacker does not know.
//
// Budgets lie in tables of fixed size in which strangers rarely share a cell: no flood of invented names makes them grow,
// and nothing an attacker can do evicts their own failures. Nothing outlives the process. A clock that jumps back never
// costs more than one full budget.
type Throttle struct {
	clock func() time.Time
	// seed makes the cells unpredictable from outside, so that nobody can aim at another's.
	seed maphash.Seed

	mu      sync.Mutex
	pair    *sketch
	address *sketch
	account *sketch
	known   map[uint64]*cell
}

// budget is how much may fail: burst at once, then one every interval.
type budget struct {
	burst    int
	interval time.Duration
}

var (
	pairBudget    = budget{10, 12 * time.Second}
	addressBudget = budget{60, time.Second}
	accountBudget = budget{100, 6 * time.Second}
	knownBudget   = budget{10, 6 * time.Second}
)

// maxKnown bounds the places known to be good. Only successful sign-ins add one, so a flood needs real accounts; beyond it
// any other goes.
const maxKnown = 1 << 16

// NewThrottle returns a throttle that takes the time from clock.
func NewThrottle(clock func() time.Time) *Throttle {
	return &Throttle{
		clock: clock, seed: maphash.MakeSeed(),
		pair: newSketch(pairBudget), address: newSketch(addressBudget), account: newSketch(accountBudget),
		known: map[uint64]*cell{},
	}
}

// Attempt is one try that was let through. Exactly one of Succeeded and Withdraw may be called; neither means that the
// password was wrong.
type Attempt struct {
	t     *Throttle
	cells []charged
	keys  []uint64
}

type charged struct {
	c *cell
	b budget
}

// Begin asks whether a password for account may be tried from address ("host:port" or "host") by device (its id as the
// client gives it; may be empty). It returns how long to wait if not, and then the try was not charged.
func (t *Throttle) Begin(account, address, device string) (*Attempt, time.Duration) {
	account, address = strings.ToLower(strings.TrimSpace(account)), addressKey(address)
	now := t.clock().UnixNano()
	t.mu.Lock()
	defer t.mu.Unlock()

	a := &Attempt{t: t, keys: []uint64{t.key("at", account, address)}}
	if device != "" {
		a.keys = append(a.keys, t.key("by", account, device))
	}
	for i := len(a.keys) - 1; i >= 0; i-- { // the device first: it is the surer sign
		if c := t.known[a.keys[i]]; c != nil && c.wait(now, knownBudget) == 0 {
			a.charge(now, c, knownBudget)
			return a, 0
		}
	}
	wanted := []struct {
		s     *sketch
		cells [2]*cell
	}{
		{t.pair, t.pair.cells(t.key("pair", account, address))},
		{t.address, t.address.cells(t.key("address", address, ""))},
		{t.account, t.account.cells(t.key("account", account, ""))},
	}
	var wait time.Duration
	for _, w := range wanted {
		// Of the two cells of a key one may be shared with a stranger; the emptier one tells.
		wait = max(wait, min(w.cells[0].wait(now, w.s.budget), w.cells[1].wait(now, w.s.budget)))
	}
	if wait > 0 {
		return nil, wait
	}
	for _, w := range wanted {
		for _, c := range w.cells {
			a.charge(now, c, w.s.budget)
		}
	}
	return a, 0
}

func (a *Attempt) charge(now int64, c *cell, b budget) {
	c.charge(now, b)
	a.cells = append(a.cells, charged{c, b})
}

// Withdraw gives the try back: no password was tried after all, because the server was busy or the client went away.
func (a *Attempt) Withdraw() {
	a.t.mu.Lock()
	defer a.t.mu.Unlock()
	a.refund()
}

// Succeeded gives the try back and remembers address and device as good for this account.
func (a *Attempt) Succeeded() {
	a.t.mu.Lock()
	defer a.t.mu.Unlock()
	a.refund()
	for _, k := range a.keys {
		if a.t.known[k] != nil {
			continue
		}
		for other := range a.t.known {
			if len(a.t.known) < maxKnown {
				break
			}
			delete(a.t.known, other)
		}
		a.t.known[k] = new(cell)
	}
}

func (a *Attempt) refund() {
	for _, c := range a.cells {
		c.c.emptyAt -= int64(c.b.interval)
	}
	a.cells = nil
}

func (t *Throttle) key(parts ...string) uint64 {
	var h maphash.Hash
	h.SetSeed(t.seed)
	for _, p := range parts {
		h.WriteString(p)
		h.WriteByte(0xff) // no valid text contains it, so ("ab", "c") is not ("a", "bc")
	}
	return h.Sum64()
}

// addressKey reduces an address to what one party holds: a whole IPv4 address, or the 64 bits of an IPv6 network.
func addressKey(address string) string {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		withPort, err := netip.ParseAddrPort(address)
		if err != nil {
			return address
		}
		addr = withPort.Addr()
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	prefix, err := addr.Prefix(64)
	if err != nil {
		return addr.String()
	}
	return prefix.String()
}

// cell is a leaky bucket: it is empty from emptyAt on (nanoseconds since 1970), and each try adds one interval.
type cell struct{ emptyAt int64 }

// wait returns how long until one more try fits.
func (c *cell) wait(now int64, b budget) time.Duration {
	full := now + int64(b.burst)*int64(b.interval)
	c.emptyAt = min(c.emptyAt, full) // it can lie further ahead only if the clock was set back
	return time.Duration(max(0, c.emptyAt+int64(b.interval)-full))
}

func (c *cell) charge(now int64, b budget) {
	c.emptyAt = max(c.emptyAt, now) + int64(b.interval)
}

// rowSize is the number of cells in each of a sketch's two rows: with a thousand accounts under attack, one stranger in a
// thousand shares both of their cells with one of them.
const rowSize = 1 << 15

// sketch is a table of fixed size: each key has a cell in both rows.
type sketch struct {
	budget budget
	rows   [2][]cell
}

func newSketch(b budget) *sketch {
	return &sketch{budget: b, rows: [2][]cell{make([]cell, rowSize), make([]cell, rowSize)}}
}

func (s *sketch) cells(key uint64) [2]*cell {
	return [2]*cell{&s.rows[0][key%rowSize], &s.rows[1][(key>>32)%rowSize]}
}
