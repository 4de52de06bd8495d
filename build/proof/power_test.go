package proof

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"parley/app/cache"
	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/store"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// cut is a disk at a moment when the power goes: its image, and how many messages were promised so far to be on it.
type cut struct {
	image    image
	promised int
}

// cuts hands over the images of a disk at every stride-th moment after a change: with unsynced writes dropped, kept, and kept
// in part as dice say, so many times.
func cuts(d *disk, happenings []happening, stride, parts int, random *rand.Rand, take func(cut)) {
	moment, promised := 0, 0
	for _, h := range happenings {
		// What is told before the next change belongs to the moment after the last one.
		if h.what != told && moment > 0 && moment%stride == 0 && changesDisk(h) {
			take(cut{d.dropped(), promised})
			take(cut{d.kept(), promised})
			for range parts {
				take(cut{d.half(random), promised})
			}
		}
		promised += len(h.promises)
		if d.apply(h) {
			moment++
		}
	}
	take(cut{d.dropped(), promised})
	take(cut{d.kept(), promised})
}

// promise marks in the happenings the messages that are told for the first time, as find finds them in what goes to a socket,
// and returns them all in the order told.
func promise(happenings []happening, find func(h happening) []chat.MessageID) (all []chat.MessageID) {
	before := map[chat.MessageID]bool{}
	for i := range happenings {
		if happenings[i].what != told {
			continue
		}
		for _, id := range find(happenings[i]) {
			if !before[id] {
				before[id] = true
				happenings[i].promises = append(happenings[i].promises, id)
				all = append(all, id)
			}
		}
	}
	return all
}

// named finds the ids of messages that stand in what is told; masked frames to a server are not readable and not meant.
func named(h happening, known map[chat.MessageID]chat.Message) (found []chat.MessageID) {
	for _, id := range anyID.FindAll(h.data, -1) {
		if _, ours := known[chat.MessageID(id)]; ours {
			found = append(found, chat.MessageID(id))
		}
	}
	return found
}

var anyID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)

// powerLoss cuts the power at the moments of a recording that began with disk d, opens the images with check, and returns how
// many different ones there were: about as many as wanted, spread evenly.
func powerLoss(t *testing.T, d *disk, happenings []happening, wanted int, check func(folder string, promised int) error) (images int, wrong []error) {
	t.Helper()
	moments := 0
	for _, h := range happenings {
		if changesDisk(h) {
			moments++
		}
	}
	parts := max(2, 2*wanted/moments) // twice, since many come out alike
	stride := max(1, moments*(parts+2)/(2*wanted))
	work := make(chan cut)
	var workers sync.WaitGroup
	var mu sync.Mutex
	base := fastDir(t)
	for w := range runtime.GOMAXPROCS(0) {
		folder := filepath.Join(base, strconv.Itoa(w))
		workers.Go(func() {
			for c := range work {
				err := c.image.write(folder)
				if err == nil {
					err = check(folder, c.promised)
				}
				if err != nil {
					mu.Lock()
					wrong = append(wrong, fmt.Errorf("with %d promised: %w", c.promised, err))
					mu.Unlock()
				}
			}
		})
	}
	seen := map[uint64]int{}
	cuts(d, happenings, stride, parts, rand.New(rand.NewPCG(1, 2)), func(c cut) {
		sum := c.image.sum()
		if promised, have := seen[sum]; have && promised >= c.promised {
			return
		}
		seen[sum] = c.promised
		images++
		work <- c
	})
	close(work)
	workers.Wait()
	return images, wrong
}

// provePower cuts the power and reports. As a control the same is done to a recording in which no sync ever happened: that the
// images do not hold what was promised then shows that they would tell.
func provePower(t *testing.T, kind string, d func() *disk, happenings []happening, promised, wanted int, check func(folder string, promised int) error) {
	t.Helper()
	images, wrong := powerLoss(t, d(), happenings, wanted, check)
	for _, err := range wrong[:min(10, len(wrong))] {
		t.Error(err)
	}
	unsynced := slices.DeleteFunc(slices.Clone(happenings), func(h happening) bool { return h.what == synced })
	controls, fired := powerLoss(t, d(), unsynced, 60, check)
	if len(fired) == 0 {
		t.Errorf("%s: without any sync nothing is lost in %d images: the images show nothing", kind, controls)
	}
	report(t, kind, images, "images", promised, "told", len(wrong), "lost or damaged", len(fired), fmt.Sprintf("of %d when nothing is synced", controls))
}

// TestPower_server cuts the power at every change the server makes to its disk (F2): what was told is on it.
func TestPower_server(t *testing.T) {
	needStrace(t)
	const each, lives = 20, 2
	p := rig.NewProcess(t)
	writers := map[*rig.Actor]string{p.As("liam"): "mira", p.As("mira"): "liam", p.As("renata"): "stellan"}
	p.Interrupt()
	d := newDisk(t, p.Data)
	var happenings []happening
	for l := range lives {
		trace := filepath.Join(t.TempDir(), "trace")
		if err := p.StartUnder(recording(trace)...); err != nil {
			t.Fatal(err)
		}
		var writing sync.WaitGroup
		for a, to := range writers {
			writing.Go(func() {
				for i := range each {
					args := a.Message(to, fmt.Sprintf("%d %03d from %s %s", l, i, a.Name, strings.Repeat("x", 40*i)))
					if _, err := a.Insist(args, p.AwaitUp); err != nil {
						a.Fail("post: %v", err)
					}
				}
			})
		}
		writing.Wait()
		for a := range writers {
			a.Disconnect()
		}
		p.Interrupt() // a last checkpoint, which is recorded too
		happenings = append(happenings, parseTrace(t, trace, p.Data)...)
	}
	p.Start()
	known, answers := map[chat.MessageID]chat.Message{}, answersOf{}
	for a, to := range writers {
		a.Connect()
		all := a.History(to)
		answers[string(a.ID)] = all
		for _, m := range all {
			known[m.ID] = m
		}
	}
	p.Interrupt()

	sockets := map[string]string{} // by name: the user's id
	answered := 0
	promised := promise(happenings, func(h happening) []chat.MessageID {
		list := answers.in(h, sockets)
		answered += len(list)
		return append(list, named(h, known)...)
	})
	if want := len(writers) * each * lives; len(promised) != want || answered < want {
		t.Fatalf("%d promises and %d answers were found in the recording of %d messages", len(promised), answered, want)
	}
	provePower(t, "power loss, server", d.clone, happenings, len(promised), size(200, 5000), func(folder string, n int) error {
		return checkStore(folder, promised[:n], known)
	})
}

// answersOf holds, by a writer's user id, the messages of the one conversation in which that user writes.
type answersOf map[string][]chat.Message

var (
	answerToPost = regexp.MustCompile(`"re":\d+,"ok":\{"n":(\d+),"at":`)
	saidHello    = regexp.MustCompile(`"ok":\{"userId":"([^"]+)","sessionId"`)
)

// in finds the messages whose posting is answered in what is told. sockets keeps whose each is.
func (a answersOf) in(h happening, sockets map[string]string) (found []chat.MessageID) {
	if m := saidHello.FindSubmatch(h.data); m != nil {
		sockets[h.name] = string(m[1])
	}
	all := a[sockets[h.name]]
	for _, m := range answerToPost.FindAllSubmatch(h.data, -1) {
		if n, err := strconv.Atoi(string(m[1])); err == nil && n <= len(all) {
			found = append(found, all[n-1].ID)
		}
	}
	return found
}

// checkStore opens a database with the product's own store and compares it with what was promised.
func checkStore(folder string, promised []chat.MessageID, known map[chat.MessageID]chat.Message) (err error) {
	ctx := context.Background()
	s, err := store.Open(ctx, filepath.Join(folder, "parley.db"), store.Options{Log: quiet, Readers: 1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	damage, err := s.Check(ctx)
	if err != nil || !damage.Sound() {
		return fmt.Errorf("the database is not sound: %+v, %w", damage, err)
	}
	kept, err := s.Posted(promised)
	if err != nil {
		return err
	}
	for _, id := range promised {
		if kept[id].N != known[id].N {
			return fmt.Errorf("message %s was told to be number %d and is number %d", id, known[id].N, kept[id].N)
		}
	}
	state, err := s.Load(ctx)
	if err != nil {
		return err
	}
	for _, c := range state.Conversations {
		all, err := s.MessagesAfter(ctx, c.Key, 0, 10_000)
		if err != nil {
			return err
		}
		for i, m := range all {
			if m.N != int64(i+1) {
				return fmt.Errorf("message %d of conversation %d has number %d", i+1, c.Key, m.N)
			}
		}
	}
	return nil
}

// TestPower_core does the same to the desktop's disk (F4): what a page was told is in the outbox or stored as posted. Some of
// the messages are written while there is no connection.
func TestPower_core(t *testing.T) {
	needStrace(t)
	const each = 15
	s := rig.Start(t)
	proxy := rig.NewProxy(t, s.URL)
	c, liam := newCore(t, "mira", proxy.URL), s.As("liam")
	with := s.Direct("mira", "liam")
	c.interrupt()
	d := newDisk(t, c.profile)
	known := map[chat.MessageID]chat.Message{}
	var happenings []happening
	for l, online := range []bool{true, false, true} {
		trace := filepath.Join(t.TempDir(), "trace")
		if err := c.start(recording(trace)...); err != nil {
			t.Fatal(err)
		}
		mira := newPage(c)
		if online {
			proxy.Heal()
		} else {
			proxy.Refuse()
		}
		for i := range each {
			args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: with, Text: fmt.Sprintf("%d %03d%s", l, i, strings.Repeat(" x", 20*i))}
			if _, err := mira.post(args); err != nil {
				t.Fatal(err)
			}
			known[args.ID] = chat.Message{Text: args.Text}
			if i%3 == 0 {
				liam.Post("mira", fmt.Sprintf("answer %d %03d", l, i))
			}
		}
		if online {
			history := liam.World().Conversations[with].LastN
			mira.settle(with, history)
		}
		mira.close()
		c.interrupt()
		happenings = append(happenings, parseTrace(t, trace, c.profile)...)
	}
	promised := promise(happenings, func(h happening) []chat.MessageID { return named(h, known) })
	if len(promised) != len(known) {
		t.Fatalf("%d promises were found in the recording of %d messages", len(promised), len(known))
	}
	provePower(t, "power loss, core", d.clone, happenings, len(promised), size(100, 5000), func(folder string, n int) error {
		return checkCache(folder, with, promised[:n], known)
	})
}

// checkCache opens a profile's data with the product's own cache and looks for what was promised.
func checkCache(folder string, with chat.ConversationID, promised []chat.MessageID, known map[chat.MessageID]chat.Message) (err error) {
	ctx := context.Background()
	c, err := cache.Open(ctx, folder, quiet)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if s := c.Salvaged(); s != nil {
		return fmt.Errorf("the cache counts as damaged: %+v", *s)
	}
	texts := map[chat.MessageID]string{}
	items, err := c.Outbox(ctx)
	if err != nil {
		return err
	}
	for _, item := range items {
		if item.State == chat.OutboxRefused {
			return fmt.Errorf("message %s is refused: %v", item.Message.ID, item.Error)
		}
		texts[item.Message.ID] = item.Message.Text
	}
	if found, err := c.Has(ctx, with); err != nil {
		return err
	} else if found {
		state, err := c.Conversation(ctx, with, 10_000)
		if err != nil {
			return err
		}
		for _, m := range state.Tail {
			texts[m.ID] = m.Text
		}
	}
	for _, id := range promised {
		if texts[id] != known[id].Text {
			return fmt.Errorf("message %s was told to be waiting and is %q", id, texts[id])
		}
	}
	return nil
}
