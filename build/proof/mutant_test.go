package proof

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/hub"
	"parley/backend/wire"
)

// simMutant is where a fault of the program can be put in: at the seams between its real parts. simReal puts in none. Each run
// has a mutant of its own, which may remember things.
type simMutant interface {
	// store returns the store as the hub is given it.
	store(s *simStore) hub.Store
	// crashed is called when a crash of the hub has closed its store.
	crashed(w *simWorld)
	// committed is called after the hub has executed commands, connected after a feed has begun.
	committed(w *simWorld)
	connected(w *simWorld, c *simConn)
	// write has a page hand in a message.
	write(d *simDevice, in *simIntent)
	// send sends a request of the replica over the connection that is live.
	send(d *simDevice, do chat.CommandName, args json.RawMessage, done func(json.RawMessage, *chat.Error))
	// follow finds where a client stands after a frame.
	follow(c *simConn, f *wire.Frame) error
	// take has the replica take a frame.
	take(d *simDevice, f *wire.Frame) error
	// shown returns the messages that a page shows of those it was told.
	shown(d *simDevice, id chat.ConversationID, told []chat.Message) []chat.Message
}

// simReal is the program as it is.
type simReal struct{}

var _ simMutant = simReal{}

func (simReal) store(s *simStore) hub.Store            { return s }
func (simReal) crashed(*simWorld)                      {}
func (simReal) committed(*simWorld)                    {}
func (simReal) connected(*simWorld, *simConn)          {}
func (simReal) write(d *simDevice, in *simIntent)      { d.post(in) }
func (simReal) take(d *simDevice, f *wire.Frame) error { return d.link.handler.TakeFrame(f) }

func (simReal) follow(c *simConn, f *wire.Frame) (err error) {
	c.at, err = f.Follow(c.at)
	return err
}

func (simReal) send(d *simDevice, do chat.CommandName, args json.RawMessage, done func(json.RawMessage, *chat.Error)) {
	d.conn.request(do, args, done)
}

func (simReal) shown(_ *simDevice, _ chat.ConversationID, told []chat.Message) []chat.Message {
	return told
}

func newSimReal() simMutant { return simReal{} }

// mutants are the faults of reliability.md section 6 that the spine can have, each with words of the broken promise by which
// it must be found.
var mutants = []struct {
	name  string
	make  func() simMutant
	found string
}{
	{"no unique key", func() simMutant { return &keyless{limit: 0} }, "is there twice"},
	{"dedupe with a time limit (30 s)", func() simMutant { return &keyless{limit: 30_000} }, "is there twice"},
	{"acknowledge before commit", func() simMutant { return &early{} }, "was answered number"},
	{"synchronous=NORMAL and a power cut", func() simMutant { return &lazyDisk{} }, "was answered number"},
	{"push without a check after revocation", func() simMutant { return unchecked{} }, "behind the wall"},
	{"permission checked only at subscription", func() simMutant { return &subscribed{} }, "behind the wall"},
	{"cursor saved before row", func() simMutant { return &cursorFirst{} }, "differs from a fresh snapshot"},
	{"a gap is not noticed", func() simMutant { return gapless{} }, "differs from a fresh snapshot"},
	{"outbox row removed at send", func() simMutant { return forgetful{} }, "was kept and is lost"},
	{"new key on retry", func() simMutant { return &rekeying{sent: map[chat.MessageID]int{}} }, "is there twice"},
	{"several in flight", func() simMutant { return several{} }, "comes before what was written before it"},
	{"client acknowledges before its insert", func() simMutant { return hasty{} }, "was kept and is lost"},
	{"shown in arrival order", func() simMutant { return &arrival{} }, "the page shows"},
	{"lost rights are not purged", func() simMutant { return hoarding{} }, "differs from a fresh snapshot"},
}

// TestMutants_areFound puts each fault in and looks for the first seed that shows it. A harness that finds no faults when
// there are some proves nothing when it finds none.
func TestMutants_areFound(t *testing.T) {
	most := uint64(size(150, 500))
	last := uint64(0)
	for _, m := range mutants {
		seed, words := findMutant(t, m.make, m.found, most)
		if words == "" {
			t.Errorf("%s: not found in %d seeds", m.name, most)
			continue
		}
		last = max(last, seed)
		t.Logf("%s: %.100s", m.name, strings.ReplaceAll(words, "\n", " "))
		report(t, "mutant: "+m.name, int(seed), "is the first seed that finds it")
	}
	report(t, "mutants", len(mutants), "mutants, all found", int(last), "is the last seed needed")
}

// findMutant returns the first seed in whose run a promise is broken with the words, and the promise; no words if there is none.
func findMutant(t *testing.T, mutant func() simMutant, words string, most uint64) (uint64, string) {
	for seed := range most {
		broken := simRun(t, seed, mutant(), nil)
		if i := slices.IndexFunc(broken, func(b string) bool { return strings.Contains(b, words) }); i >= 0 {
			return seed, broken[i]
		}
	}
	return 0, ""
}
