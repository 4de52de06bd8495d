package proof

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/wire"
)

// crowd are many clients of few users beside the cast, at a server that shows its figures.
type crowd struct {
	t       *testing.T
	p       *rig.Process
	renata  *rig.Actor // writes to them
	metrics string     // where the figures are
	users   []crowdUser
	clients []*crowdClient
}

type crowdUser struct {
	token string
	id    chat.UserID
	with  chat.ConversationID // with renata
}

// perUser is how many connections each of a crowd's users has; the server admits 32.
const perUser = 32

// crowdClient is one connection and what came over it.
type crowdClient struct {
	url, token string
	device     chat.Device

	mu     sync.Mutex
	client *wire.Client
	cursor chat.Cursor
	heard  []int64 // the numbers of the messages told
}

// newCrowd starts a server by way of a command, if one is given, and signs in the users for so many clients.
func newCrowd(t *testing.T, clients int, command ...string) *crowd {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &crowd{t: t, metrics: l.Addr().String()}
	l.Close()
	t.Setenv("PARLEY_METRICS_LISTEN", c.metrics)
	c.p = rig.NewProcess(t)
	c.add((clients + perUser - 1) / perUser)
	if len(command) > 0 {
		c.p.Interrupt()
		if err := c.p.StartUnder(command...); err != nil {
			t.Fatal(err)
		}
	}
	c.renata = c.p.As("renata")
	c.renata.Barrier()
	byName := map[string]chat.UserID{}
	for id, u := range c.renata.World().People {
		byName[u.DisplayName] = id
	}
	for i := range c.users {
		u := &c.users[i]
		u.id = byName[crowdName(i)]
		u.with = chat.DirectID(c.renata.ID, u.id)
	}
	for i := range clients {
		c.clients = append(c.clients, newCrowdClient(c.p.URL, c.users[i%len(c.users)].token))
	}
	t.Cleanup(c.leave)
	return c
}

func newCrowdClient(url, token string) *crowdClient {
	return &crowdClient{url: url, token: token, device: chat.Device{ID: chat.DeviceID(chat.NewUUID()), Kind: chat.DeviceDesktop, Name: "crowd"}}
}

func crowdName(i int) string { return fmt.Sprintf("crowd%03d", i) }

const crowdPassword = "the password of a crowd"

// add brings the crowd's users in and signs them in.
func (c *crowd) add(users int) {
	c.t.Helper()
	path := filepath.Join(c.t.TempDir(), "crowd.csv")
	file, err := os.Create(path)
	if err != nil {
		c.t.Fatal(err)
	}
	rows := [][]string{{"name", "display name", "role", "password"}}
	for i := range users {
		rows = append(rows, []string{crowdName(i), crowdName(i), string(chat.RoleExpert), crowdPassword})
	}
	w := csv.NewWriter(file)
	if err := errors.Join(w.WriteAll(rows), file.Close()); err != nil {
		c.t.Fatal(err)
	}
	c.p.Run("user", "import", "--data", c.p.Data, path)
	for i := range users {
		answer, err := wire.SignIn(context.Background(), nil, c.p.URL, wire.SignInArgs{Name: crowdName(i), Password: crowdPassword})
		if err != nil {
			c.t.Fatal(err)
		}
		c.users = append(c.users, crowdUser{token: answer.Token})
	}
}

// each runs f for every client at once and waits for all.
func (c *crowd) each(f func(*crowdClient) error) {
	c.t.Helper()
	eachOf(c.t, c.clients, f)
}

func eachOf(t *testing.T, clients []*crowdClient, f func(*crowdClient) error) {
	t.Helper()
	var running sync.WaitGroup
	errs := make([]error, len(clients))
	for i, client := range clients {
		running.Go(func() { errs[i] = f(client) })
	}
	running.Wait()
	failed := 0
	for _, err := range errs {
		if err != nil {
			if failed++; failed <= 5 {
				t.Error(err)
			}
		}
	}
	if failed > 5 {
		t.Errorf("and %d more", failed-5)
	}
}

func (c *crowd) leave() {
	for _, client := range c.clients {
		client.cut()
	}
}

// comeBack connects from where the client stands, waiting as long as the server asks for, and has everything it missed when it
// returns.
func (k *crowdClient) comeBack() error {
	ctx, cancel := context.WithTimeout(context.Background(), 3*rig.Patience)
	defer cancel()
	for {
		k.mu.Lock()
		cursor := k.cursor
		k.mu.Unlock()
		client, err := wire.Dial(ctx, wire.DialOptions{URL: wire.SocketURL(k.url), Token: k.token, Handle: k.take,
			Hello: chat.HelloArgs{Device: k.device, Cursor: cursor}})
		var refused *wire.RefusedError
		switch {
		case err == nil:
			k.mu.Lock()
			k.client = client
			k.mu.Unlock()
			return client.Request(ctx, chat.Ping, nil, nil)
		case errors.As(err, &refused) && refused.MayReturn():
			select {
			case <-time.After(refused.RetryAfter):
			case <-ctx.Done():
				return err
			}
		default:
			return err
		}
	}
}

func (k *crowdClient) cut() {
	k.mu.Lock()
	client := k.client
	k.client = nil
	k.mu.Unlock()
	if client != nil {
		client.Cut()
	}
}

func (k *crowdClient) take(f wire.Frame) error {
	events, err := f.DecodeEvents()
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case f.Reset != nil:
		k.cursor = f.Reset.Cursor
	case f.MovesCursor():
		k.cursor = f.Cursor
	}
	for _, e := range events {
		if e.Type == chat.MessagePosted {
			k.heard = append(k.heard, e.Message.N)
		}
	}
	return nil
}

// said checks that the client was told the messages up to n, each once and in order.
func (k *crowdClient) said(n int64) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, got := range k.heard {
		if got != int64(i+1) {
			return fmt.Errorf("message %d was told as the %dth", got, i+1)
		}
	}
	if int64(len(k.heard)) != n {
		return fmt.Errorf("%d of %d messages were told", len(k.heard), n)
	}
	return nil
}

// say has renata write one message to each of the crowd's users.
func (c *crowd) say(text string) {
	c.t.Helper()
	for i := range c.users {
		args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: c.users[i].with, Text: text}
		if _, err := c.renata.Insist(args, c.p.AwaitUp); err != nil {
			c.renata.Fail("write to the crowd: %v", err)
		}
	}
}

// figure reads one of the server's figures.
func (c *crowd) figure(name string) float64 {
	c.t.Helper()
	resp, err := http.Get("http://" + c.metrics + "/metrics")
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			value, err := strconv.ParseFloat(rest, 64)
			if err != nil {
				c.t.Fatal(err)
			}
			return value
		}
	}
	c.t.Fatalf("the server has no figure %s", name)
	return 0
}

// awaitSockets waits until the server has no more than so many connections left.
func (c *crowd) awaitSockets(most float64) {
	c.t.Helper()
	for began := time.Now(); c.figure("parley_sockets") > most; {
		if time.Since(began) > rig.Patience {
			c.t.Fatalf("the server still has %v connections", c.figure("parley_sockets"))
		}
	}
}

const mega = 1 << 20

// TestStorm_reconnect kills the server under a crowd and has all come back at once with their cursors, several times (F13, F14).
// A second server lives through as many storms of cuts without being killed: it must not grow.
func TestStorm_reconnect(t *testing.T) {
	clients, storms := size(200, 1000), size(2, 5)
	c := newCrowd(t, clients)
	c.each((*crowdClient).comeBack)
	var slowest time.Duration
	for i := range storms {
		c.p.Kill()
		c.leave()
		c.p.Start()
		began := time.Now()
		c.say(fmt.Sprint("while they were away ", i))
		c.each((*crowdClient).comeBack)
		slowest = max(slowest, time.Since(began))
		c.each(func(k *crowdClient) error { return k.said(int64(i + 1)) })
	}
	c.leave()
	c.awaitSockets(1) // renata's
	goroutines, memory := c.figure("go_goroutines"), c.figure("process_resident_memory_bytes")
	var cpu float64
	for i := range storms {
		c.say(fmt.Sprint("once more ", i))
		c.each((*crowdClient).comeBack)
		c.each(func(k *crowdClient) error { return k.said(int64(storms + i + 1)) })
		c.leave()
		c.awaitSockets(1)
		cpu = c.figure("process_cpu_seconds_total")
	}
	grown := c.figure("go_goroutines") - goroutines
	report(t, "storm of reconnects", clients, "clients", 2*storms, "storms", slowest.Seconds(), "s until all are current, at most", grown, "goroutines more after the last than after the first",
		(c.figure("process_resident_memory_bytes")-memory)/mega, "MB more", cpu, "s of processor in all")
	if grown > 20 {
		t.Errorf("the server has %v goroutines more than before the storms", grown)
	}
}

// latency measures how long messages between two of the cast take, from handing one in until the other has it: a hundred of
// them in a second, as many as are wanted and on until over is closed. It returns the middle, and what 99 of 100 stay below.
func latency(from, to *rig.Actor, messages int, over <-chan struct{}) (p50, p99 time.Duration) {
	const every = 10 * time.Millisecond
	rate := time.NewTicker(every)
	defer rate.Stop()
	var all []time.Duration
	for done := false; !done && !from.Failed() && !to.Failed(); {
		<-rate.C
		text := fmt.Sprintf("measured %06d", len(all))
		began := time.Now()
		from.Post(to.Name, text)
		to.ExpectText(text)
		all = append(all, time.Since(began))
		if len(all) >= messages {
			select {
			case <-over:
				done = true
			default:
			}
		}
	}
	slices.Sort(all)
	return all[len(all)/2], all[len(all)*99/100]
}

// atOnce is over already.
func atOnce() <-chan struct{} {
	over := make(chan struct{})
	close(over)
	return over
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// TestStorm_littleMemory runs a crowd and hostile frames on a server with a memory limit (F25).
func TestStorm_littleMemory(t *testing.T) {
	clients := size(200, 1000)
	c := newCrowd(t, clients, "env", "GOMEMLIMIT=200MiB")
	c.each((*crowdClient).comeBack)
	hostile := []string{strings.Repeat("[", 100_000), strings.Repeat(`{"id":1,"do":"ping","args":`, 3000), `{"id":1,"do":"message.post","args":{"text":"` + strings.Repeat("x", 120_000) + `"}}`,
		`{"id":9,"do":"history.load","args":{"conversationId":"` + strings.Repeat("d.", 30_000) + `","limit":200}}`, strings.Repeat("é", 50_000)}
	c.each(func(k *crowdClient) error {
		for i, text := range hostile {
			if i%2 == 0 {
				_ = k.raw(text) // it is refused or cut
			}
		}
		return nil
	})
	c.leave()
	c.each((*crowdClient).comeBack)
	c.say("still here")
	c.each(func(k *crowdClient) error { return k.client.Request(t.Context(), chat.Ping, nil, nil) })
	c.each(func(k *crowdClient) error { return k.said(1) })
	peak := float64(peakMemory(t, c.p.PID())) / mega
	report(t, "little memory", clients, "clients", clients*3, "hostile frames", peak, "MB at most", c.figure("go_goroutines"), "goroutines")
	if peak > 256 {
		t.Errorf("the server took %v MB with a limit of 200", peak)
	}
}

// raw opens a connection of its own and sends text as one frame, whatever it is, and waits for the server's answer or end.
func (k *crowdClient) raw(text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), rig.Patience)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, wire.SocketURL(k.url), &websocket.DialOptions{Subprotocols: []string{wire.SubprotocolName},
		HTTPHeader: http.Header{"Authorization": {"Bearer " + k.token}}})
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	if err := conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		return err
	}
	_, _, err = conn.Read(ctx)
	return err
}

// peakMemory returns the most memory that a process has had so far, in bytes.
func peakMemory(t *testing.T, pid int) int64 {
	t.Helper()
	return memoryOf(t, pid, "VmHWM")
}

// memoryOf returns a figure of a process's memory in bytes, by its name in /proc/PID/status.
func memoryOf(t testing.TB, pid int, name string) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skip("the memory of a process is found out on Linux only")
	}
	_, rest, _ := strings.Cut(string(status), name+":")
	kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return kb << 10
}

// TestStorm_descriptors opens far more connections than the server may have files (F26): those who are in go on, and when the
// flood is over others come in again.
func TestStorm_descriptors(t *testing.T) {
	connects := size(600, 2000)
	c := newCrowd(t, 1, "sh", "-c", `ulimit -n 256 && exec "$@"`, "sh")
	liam, mira := c.p.As("liam"), c.p.As("mira")
	liam.Post("mira", "before")
	address := strings.TrimPrefix(c.p.URL, "http://")
	var open []net.Conn
	for range connects {
		conn, err := net.DialTimeout("tcp", address, rig.Patience)
		if err != nil {
			break // the system's queue is full, too
		}
		open = append(open, conn)
	}
	before := processorTime(t, c.p.PID())
	began := time.Now()
	p50, p99 := latency(liam, mira, size(100, 1000), atOnce())
	used, lasted := processorTime(t, c.p.PID())-before, time.Since(began)
	for _, conn := range open {
		conn.Close()
	}
	for began := time.Now(); ; { // the server notices one after the other
		if renata := c.p.Absent("renata", c.p.URL); renata.TryConnect() == nil {
			renata.Post("mira", "after")
			break
		}
		if time.Since(began) > rig.Patience {
			t.Fatal("the server accepts nobody any more")
		}
	}
	mira.ExpectText("after")
	liam.Post("mira", "after, too")
	report(t, "descriptors used up", len(open), "connections at 256 descriptors", ms(p50), "ms at p50 for those inside", ms(p99), "ms at p99",
		used.Seconds()/lasted.Seconds(), "processors busy meanwhile")
}

// processorTime returns the processor time that a process has used.
func processorTime(t *testing.T, pid int) time.Duration {
	t.Helper()
	const tick = 10 * time.Millisecond // USER_HZ is 100 on every Linux that Go runs on
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Skip("the processor time of a process is found out on Linux only")
	}
	// The name in brackets may contain anything; what follows is separated by spaces and begins with field 3.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick
}
