package proof

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/rig"
)

// diskFault is what the disk does from some call on: to each thread's calls after its n-th, or to the n-th alone.
type diskFault struct {
	what string // for people
	// calls fail with err when they concern the file, a database's ending.
	calls, err, file string
	from             int
	once             bool
}

// diskFaults are the faults in a random place: the disk full, or failing to sync or to write, once or from then on.
func diskFaults(random *rand.Rand) diskFault {
	kinds := []diskFault{
		{what: "disk full", calls: "pwrite64", err: "ENOSPC", file: "-wal", from: 1 + random.IntN(60)},
		{what: "disk full once", calls: "pwrite64", err: "ENOSPC", file: "-wal", from: 1 + random.IntN(60), once: true},
		{what: "sync fails", calls: "fsync,fdatasync", err: "EIO", file: "-wal", from: 1 + random.IntN(12)},
		{what: "sync fails once", calls: "fsync,fdatasync", err: "EIO", file: "-wal", from: 1 + random.IntN(12), once: true},
		{what: "write fails once", calls: "pwrite64", err: "EIO", file: "-wal", from: 1 + random.IntN(60), once: true},
		{what: "checkpoint fails", calls: "pwrite64,fsync,fdatasync", err: "EIO", file: "", from: 1},
	}
	return kinds[random.IntN(len(kinds))]
}

// under returns the command that gives a program a disk with the fault; database is the path of its main file. With -I2, and
// without --seccomp-bpf, strace can be ended while the program goes on as if it had never been there.
func (f diskFault) under(database string) []string {
	when := strconv.Itoa(f.from)
	if !f.once {
		when += "+"
	}
	return []string{"strace", "-D", "-f", "-qq", "-I2", "-o", "/dev/null", "-P", database + f.file,
		"-e", "trace=" + f.calls, "-e", fmt.Sprintf("inject=%s:error=%s:when=%s", f.calls, f.err, when)}
}

// heal ends the tracer of a process, and with it the fault; the process goes on. It returns when nothing fails any more.
func heal(t *testing.T, pid int) {
	t.Helper()
	for others := 0; ; {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			return // the program has ended by itself
		}
		_, after, _ := strings.Cut(string(status), "TracerPid:")
		tracer, err := strconv.Atoi(strings.Fields(after)[0])
		if err != nil {
			t.Errorf("no tracer in %s", status)
			return
		}
		comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", tracer))
		if tracer == 0 || err != nil {
			return
		}
		if name := strings.TrimSpace(string(comm)); name != "strace" {
			if others++; others > 100 { // at first it may be a new process under the number of a tracer that has just ended
				t.Errorf("the program is traced by %q", name)
				return
			}
			continue
		}
		_ = syscall.Kill(tracer, syscall.SIGTERM) // strace lets go of the program and ends
	}
}

// refusals counts what writers were told instead of "kept".
type refusals struct {
	steps
	mu    sync.Mutex
	texts map[string]int
}

// note counts a refusal, which must be one that lets its writer try again.
func (r *refusals) note(t *testing.T, err error) {
	var told *chat.Error
	if !errors.As(err, &told) || told.Code.Final() || told.Text == "" {
		t.Errorf("a fault of the disk was told as %v", err)
		return
	}
	r.mu.Lock()
	r.texts[told.Text]++
	r.mu.Unlock()
	r.step()
}

// tolerant writes messages until stop is closed, each until it is kept; post hands one in, once.
func tolerant(t *testing.T, s *rig.Server, from, to string, post func(chat.MessagePostArgs) (chat.MessagePostAnswer, error), o *oracle, kept *steps, refused *refusals, stop <-chan struct{}) {
	for i := 0; ; i++ {
		args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: s.Direct(from, to), Text: fmt.Sprintf("%06d from %s", i, from)}
		for {
			select {
			case <-stop:
				return
			default:
			}
			answer, err := post(args)
			if err == nil {
				o.keep(args, answer)
				kept.step()
				break
			}
			if t.Context().Err() != nil {
				return
			}
			refused.note(t, err)
		}
	}
}

// postOnce hands a message in until there is an answer, be it that the server cannot write now.
func postOnce(a *rig.Actor, up func()) func(chat.MessagePostArgs) (chat.MessagePostAnswer, error) {
	return func(args chat.MessagePostArgs) (answer chat.MessagePostAnswer, err error) {
		for {
			err = errors.New("not connected")
			if c := a.Client(); c != nil && c.Err() == nil {
				err = a.Try(chat.MessagePost, args, &answer)
			}
			var told *chat.Error
			if err == nil || errors.As(err, &told) || a.Failed() {
				return answer, err
			}
			up()
			a.Disconnect()
			_ = a.TryConnect()
		}
	}
}

// TestDisk_server gives the server a full or failing disk while three clients write (F5, F7): refusals are told as such, reading
// goes on, and when the disk is well again so is the server, without a start.
func TestDisk_server(t *testing.T) {
	needStrace(t)
	faults := size(6, 100)
	p := rig.NewProcess(t)
	liam, mira, renata := p.As("liam"), p.As("mira"), p.As("renata")
	o, kept, refused, stop := newOracle(), &steps{}, &refusals{texts: map[string]int{}}, make(chan struct{})
	var writers sync.WaitGroup
	for from, to := range map[*rig.Actor]string{liam: "mira", mira: "liam", renata: "mira"} {
		writers.Go(func() { tolerant(t, p.Server, from.Name, to, postOnce(from, p.AwaitUp), o, kept, refused, stop) })
	}
	random := rand.New(rand.NewPCG(3, 1))
	felt, unready := 0, 0
	for range faults {
		p.Interrupt()
		f := diskFaults(random)
		if err := p.StartUnder(f.under(filepath.Join(p.Data, "parley.db"))...); err != nil {
			felt++ // it could not even start, and said so
			p.Kill()
			p.Start()
			continue
		}
		before := refused.so()
		select {
		case <-refused.in(9):
			if f.what == "disk full" || f.what == "sync fails" {
				unready += watchUnready(t, p)
			}
			if f.what == "disk full" {
				mustRead(t, p, renata)
			}
		case <-kept.in(100):
		case <-time.After(rig.Patience):
			t.Errorf("%s: neither refusals nor messages", f.what)
		}
		heal(t, p.PID())
		felt += min(1, refused.so()-before)
		if !within(t, "writing again after: "+f.what, kept.in(10)) {
			break
		}
	}
	close(stop)
	writers.Wait()
	p.Interrupt()
	p.Start()
	var v verdict
	for _, pair := range [][2]*rig.Actor{{liam, mira}, {renata, mira}} {
		for _, a := range pair {
			a.Disconnect()
			a.Connect()
		}
		id := p.Direct(pair[0].Name, pair[1].Name)
		v.add(o.check(t, id, pair[0].History(pair[1].Name), map[string][]chat.Message{pair[0].Name: toldOf(pair[0], id), pair[1].Name: toldOf(pair[1], id)}))
	}
	refused.mu.Lock()
	defer refused.mu.Unlock()
	v.report(t, "disk full or failing, server", faults, "faults", felt, "felt", refused.n, "refusals told", unready, "times told not to be ready")
	if refused.n == 0 {
		t.Error("no write was ever refused: the faults did not happen")
	}
}

// mustRead reads history from a server that has no room to write.
func mustRead(t *testing.T, p *rig.Process, reader *rig.Actor) {
	t.Helper()
	var page chat.HistoryLoadAnswer
	args := chat.HistoryLoadArgs{ConversationID: p.Direct("renata", "mira"), Limit: 5}
	if err := reader.Try(chat.HistoryLoad, args, &page); err != nil && chat.AsError(err).Code != chat.CodeUnknown {
		t.Errorf("history cannot be read while the disk is full: %v", err)
	}
}

// watchUnready asks a server that cannot write whether it is ready, and returns 1 if it is not. A thread that has not come to its
// n-th call yet can still write, and then the server is ready.
func watchUnready(t *testing.T, p *rig.Process) int {
	t.Helper()
	resp, err := http.Get(p.URL + "/readyz")
	if err != nil {
		t.Errorf("ask whether it is ready: %v", err)
		return 0
	}
	resp.Body.Close()
	if resp.StatusCode == http.StatusServiceUnavailable {
		return 1
	}
	return 0
}

// TestDisk_core gives the desktop's core a full or failing disk (F6, F7): its page is told, so what was being written stays with
// its writer; nothing that was told to be waiting is lost; and it goes on, at the latest when it is started again.
func TestDisk_core(t *testing.T) {
	needStrace(t)
	faults := size(6, 100)
	s := rig.Start(t)
	c, liam := newCore(t, "mira", s.URL), s.As("liam")
	mira := newPage(c)
	o, kept, refused, stop := newOracle(), &steps{}, &refusals{texts: map[string]int{}}, make(chan struct{})
	var writers sync.WaitGroup
	writers.Go(func() { tolerant(t, s, "mira", "liam", mira.post, o, kept, refused, stop) })
	paced := newPace()
	writers.Go(func() { writing(liam, "mira", o, &steps{}, func() {}, paced, stop) })
	random := rand.New(rand.NewPCG(3, 2))
	felt, ended := 0, 0
	for range faults {
		paced.life()
		c.interrupt()
		f := diskFaults(random)
		before := refused.so()
		up := c.start(f.under(filepath.Join(c.profile, "cache.db"))...) == nil
		if up {
			select {
			case <-refused.in(9):
			case <-kept.in(60):
			case <-c.gone(): // it stops rather than promise what it cannot keep
				up = false
			case <-time.After(rig.Patience):
				t.Errorf("%s: neither refusals nor messages", f.what)
			}
		}
		if up {
			heal(t, c.pid())
		}
		if refused.so() > before || !up {
			felt++
		}
		if !goesOn(t, c, f, kept, &ended) {
			break
		}
	}
	close(stop)
	writers.Wait()
	with := s.Direct("mira", "liam")
	last := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: with, Text: "the last"}
	answer, err := mira.post(last)
	if err != nil {
		t.Fatal(err)
	}
	o.keep(last, answer)
	liam.ExpectText("the last")
	history := liam.History("mira")
	mira.settle(with, int64(len(history)))
	v := o.check(t, with, history, map[string][]chat.Message{"liam": toldOf(liam, with), "mira's page": mira.history(with)})
	refused.mu.Lock()
	defer refused.mu.Unlock()
	v.report(t, "disk full or failing, core", faults, "faults", felt, "felt", refused.n, "refusals told", ended, "stops to be started again")
	if refused.n == 0 {
		t.Error("no write was ever refused: the faults did not happen")
	}
}

// goesOn waits until the page writes again, starting the core if it has ended.
func goesOn(t *testing.T, c *core, f diskFault, kept *steps, ended *int) bool {
	t.Helper()
	again := kept.in(5)
	late := time.NewTimer(rig.Patience)
	defer late.Stop()
	for {
		select {
		case <-again:
			return true
		case <-late.C:
			t.Errorf("after %q the page cannot write", f.what)
			return false
		case <-c.gone():
			*ended++
			c.kill()
			if err := c.start(); err != nil {
				t.Errorf("after %q the core cannot start: %v", f.what, err)
				return false
			}
		}
	}
}
