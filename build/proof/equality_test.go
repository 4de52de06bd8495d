package proof

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/hub"
	"parley/backend/wire"
)

// Old snapshot + frames = new snapshot. A story that uses every command is told to one observer of each kind, in three ways: as
// the hub's frames, as a replica keeps and shows them, and (through a file of examples) as the page's own TypeScript applies
// them. After each step all must hold what somebody new is told.

// equality is the story's world.
type equality struct {
	*simWorld
	t         *testing.T
	observers []*observer
	messages  int
	secrets   int               // see worlds_test.go
	ids       map[string]string // ids of this run by those in the examples
	// factors are the secrets that authenticators hold, by their user.
	factors map[string]string
	// secretFiles counts the files among the secrets.
	secretFiles int
}

// observer follows the hub's frames of one user; the desktop beside it is of the same session.
type observer struct {
	e      *equality
	desk   *simDevice
	feed   *hub.Feed
	cursor chat.Cursor
	state  simState
	frames []json.RawMessage // of the present step
	heard  []string          // everything, answers included
	asleep bool              // takes nothing
	next   int64
	answer *wire.Frame // the last one
	// snapshot is what somebody new was told after the last step.
	snapshot snapshotFields
}

// equalityStep is a step of the story: somebody uses a command in one of the ways in which it matters.
type equalityStep struct {
	by   string
	do   chat.CommandName
	args func(e *equality) any
	// what says which way, where there are several.
	what string
}

func newEquality(t *testing.T) *equality {
	names := make([]string, len(simCast))
	for i, m := range simCast {
		names[i] = m.name
	}
	e := &equality{simWorld: newSimWorld(t, 1, simReal{}, nil, names...), t: t, ids: map[string]string{}, factors: map[string]string{}}
	t.Cleanup(e.close)
	for _, d := range e.devices {
		o := &observer{e: e, desk: d}
		e.observers = append(e.observers, o)
		o.connect()
	}
	e.settle()
	return e
}

func (e *equality) of(name string) *observer {
	return e.observers[slices.IndexFunc(e.observers, func(o *observer) bool { return o.desk.name == name })]
}

// connect begins a feed where the observer stands; false while the desktop's session is over.
func (o *observer) connect() bool {
	actor, err := o.e.hub.Authenticate(o.desk.link.token)
	if err != nil {
		return false
	}
	o.feed, err = o.e.hub.Connect(context.Background(), actor, 1, chat.HelloArgs{Protocol: chat.ProtocolVersion, Cursor: o.cursor,
		Device: chat.Device{ID: chat.DeviceID(o.desk.dir), Kind: chat.DeviceDesktop, Name: "sim"}})
	if err != nil {
		o.e.t.Fatal(err)
	}
	return true
}

// poll takes everything that there is.
func (o *observer) poll() (told bool) {
	for o.feed != nil && !o.asleep {
		delivery, err := o.feed.Poll(context.Background())
		if err != nil {
			o.heard = append(o.heard, err.Error())
			o.feed.Close()
			o.feed = nil
			return true
		}
		if delivery == nil {
			return told
		}
		told = true
		f := simFrame(delivery)
		o.heard = append(o.heard, simJSON(f))
		if f.Re != 0 {
			o.answer = &f
			continue
		}
		if err := o.state.take(&f); err != nil {
			o.e.t.Errorf("%s is told what breaks the protocol: %v", o.desk.name, err)
		}
		o.cursor = o.state.Cursor
		o.frames = append(o.frames, json.RawMessage(simJSON(f)))
	}
	return told
}

// settle lets everything happen that follows, without faults, and brings those back whose sessions have ended.
func (e *equality) settle() {
	for range 10_000 {
		moved := false
		for _, o := range e.observers {
			moved = o.poll() || moved
		}
		if next := e.possible(); len(next) > 0 {
			next[0]()
			moved = true
		}
		for _, o := range e.observers {
			if o.feed == nil && o.desk.link != nil {
				moved = o.connect() || moved
			}
		}
		if !moved {
			return
		}
	}
	e.t.Fatal("things go on happening without an end")
}

// do has somebody execute a command.
func (e *equality) do(s *equalityStep) {
	o := e.of(s.by)
	o.next, o.answer = o.next+1, nil
	var args any = struct{}{}
	if s.args != nil {
		args = s.args(e)
	}
	o.command(s.do, args)
	e.settle()
	switch {
	case s.do == chat.Hello: // said once more it is refused; see the step before
	case o.answer == nil && o.feed != nil:
		e.t.Fatalf("%s %s is not answered", s.by, s.do)
	case o.answer != nil && o.answer.Error != nil:
		e.t.Fatalf("%s %s (%s): %v", s.by, s.do, s.what, o.answer.Error)
	}
}

// command has the hub execute a command of the observer.
func (o *observer) command(do chat.CommandName, args any) {
	o.feed.Do(context.Background(), o.next, do, json.RawMessage(simJSON(args)))
	for o.e.hub.Step(64, nil) > 0 {
	}
	o.e.learn()
}

// check compares what everybody holds with what somebody new is told.
func (e *equality) check(step string) {
	e.t.Helper()
	for _, o := range e.observers {
		if o.feed == nil {
			continue // deactivated
		}
		fresh := e.fresh(o.desk)
		for what, held := range map[string]*simState{"told by the hub": &o.state, "the replica's page": &o.desk.view, "the replica's cache": o.desk.cached()} {
			if diff := held.diff(fresh, e.now()); diff != "" {
				e.t.Errorf("after %s, %s, %s, holds other than a fresh snapshot:\n%s", step, o.desk.name, what, diff)
			}
		}
	}
	for _, b := range e.broken {
		e.t.Errorf("%s: %s", step, b)
	}
	e.broken = nil
}

// TestEquality tells the story. A command without a step fails; so does a story that differs from the one in the file of
// examples, which the page's tests read: PARLEY_UPDATE=1 writes it anew.
func TestEquality(t *testing.T) {
	e := newEquality(t)
	told := equalityExamples{}
	told.begin(e)
	e.check("the beginning")
	used := map[chat.CommandName]int{}
	for i := range equalityStory {
		s := &equalityStory[i]
		used[s.do]++
		for _, o := range e.observers {
			o.frames = nil
		}
		name := strings.TrimSpace(fmt.Sprintf("%s %s %s", s.by, s.do, s.what))
		e.do(s)
		e.check(name)
		told.add(e, name)
		if t.Failed() {
			return
		}
	}
	for name := range chat.Commands {
		if used[name] == 0 {
			t.Errorf("the story does not use %s", name)
		}
	}
	told.compare(t)
	report(t, "equality", len(chat.Commands), "commands", len(equalityStory), "steps", len(e.observers), "observers", 0, "differences")
}

// TestRights_changedBetweenCommitAndTelling: a client is just told of one change of rules when the next is committed and not
// told to its feed yet. That one must not be taken as told.
func TestRights_changedBetweenCommitAndTelling(t *testing.T) {
	e := newEquality(t)
	ada, ana := e.of("ada"), e.of("ana")
	changes := func(s equalityStep, untold func()) {
		ada.next++
		ada.feed.Do(context.Background(), ada.next, s.do, json.RawMessage(simJSON(s.args(e))))
		e.hub.Step(1, func() { e.learn(); untold() })
		e.learn()
	}
	changes(updates("sue", "another title", func(a *chat.UserUpdateArgs) { title := "Lead"; a.Title = &title }), func() {})
	changes(moves("ben", "South"), func() { ana.poll() })
	e.settle()
	e.check("two changes in a row")
}

// TestFeed_begunBetweenCommitAndTelling: a client that comes when something is committed and not told yet finds it in the log, and is not
// told it a second time.
func TestFeed_begunBetweenCommitAndTelling(t *testing.T) {
	e := newEquality(t)
	ada, ana := e.of("ada"), e.of("ana")
	actor, err := e.hub.Authenticate(ana.desk.link.token)
	if err != nil {
		t.Fatal(err)
	}
	var cursor chat.Cursor
	told := map[chat.MessageID]int{}
	// comes lets another of Ana's devices come, and returns what tells it all there is at the moment.
	comes := func() (tell func()) {
		feed, err := e.hub.Connect(t.Context(), actor, 1, chat.HelloArgs{Protocol: chat.ProtocolVersion, Cursor: cursor,
			Device: chat.Device{Kind: chat.DeviceBrowser, Name: "another"}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(feed.Close)
		return func() {
			for {
				d, err := feed.Poll(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if d == nil {
					return
				}
				if d.Reset != nil {
					cursor = d.Reset.Cursor
				}
				if d.Events == nil {
					continue
				}
				cursor = d.Events.Cursor
				for _, raw := range d.Events.Events {
					var event chat.Event
					if err := chat.Decode(raw, &event); err != nil {
						t.Fatal(err)
					}
					if event.Type == chat.MessagePosted {
						told[event.Message.ID]++
					}
				}
			}
		}
	}
	comes()()
	e.settle() // which device it is has been noted
	for round := range 3 {
		message := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: chat.DirectID(simUser("ada"), simUser("ana")), Text: "meanwhile"}
		ada.next++
		ada.feed.Do(t.Context(), ada.next, chat.MessagePost, json.RawMessage(simJSON(message)))
		var tell func()
		e.hub.Step(1, func() { tell = comes(); tell() })
		tell()
		if told[message.ID] != 1 {
			t.Errorf("round %d: the message was told %d times", round, told[message.ID])
		}
	}
}

// equalityExamples are the story as the page's tests read it: for each observer the first snapshot, then for each step that
// told them something the frames, and of what somebody new is told afterwards the fields that have changed.
type equalityExamples []*equalityExample

type equalityExample struct {
	Observer string            `json:"observer"`
	Snapshot snapshotFields    `json:"snapshot"`
	Steps    []equalityTelling `json:"steps"`
}

type equalityTelling struct {
	Step   string            `json:"step"`
	Frames []json.RawMessage `json:"frames"`
	After  snapshotFields    `json:"after"`
}

// snapshotFields are a snapshot's fields by name, or some of them.
type snapshotFields map[string]json.RawMessage

func (x *equalityExamples) begin(e *equality) {
	for _, o := range e.observers {
		o.snapshot = e.snapshot(o)
		*x = append(*x, &equalityExample{Observer: o.desk.name, Snapshot: o.snapshot})
	}
}

func (x *equalityExamples) add(e *equality, step string) {
	for i, o := range e.observers {
		if len(o.frames) == 0 || o.feed == nil {
			continue
		}
		after := e.snapshot(o)
		changed := maps.Clone(after)
		maps.DeleteFunc(changed, func(field string, v json.RawMessage) bool { return string(v) == string(o.snapshot[field]) })
		(*x)[i].Steps = append((*x)[i].Steps, equalityTelling{Step: step, Frames: o.frames, After: changed})
		o.snapshot, o.frames = after, nil
	}
}

// snapshot is what somebody new in the observer's session is told.
func (e *equality) snapshot(o *observer) (fields snapshotFields) {
	actor, err := e.hub.Authenticate(o.desk.link.token)
	if err != nil {
		e.t.Fatal(err)
	}
	feed, err := e.hub.Connect(context.Background(), actor, 1, chat.HelloArgs{Protocol: chat.ProtocolVersion,
		Device: chat.Device{ID: chat.DeviceID(o.desk.dir), Kind: chat.DeviceDesktop, Name: "sim"}})
	if err != nil {
		e.t.Fatal(err)
	}
	defer feed.Close()
	for {
		delivery, err := feed.Poll(context.Background())
		if err != nil || delivery == nil {
			e.t.Fatalf("no snapshot: %v", err)
		}
		if delivery.Reset != nil {
			if err := json.Unmarshal([]byte(simJSON(delivery.Reset.Snapshot)), &fields); err != nil {
				e.t.Fatal(err)
			}
			return fields
		}
	}
}

// equalityFile is where the page's tests read the story.
const equalityFile = "../../backend/chat/testdata/equality.json"

// compare fails if the file of examples is not this story.
func (x equalityExamples) compare(t *testing.T) {
	t.Helper()
	raw, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	text := auditHash.ReplaceAllString(steadyIDs(string(raw)), `"hash":"of this entry and all before it"`)
	text = strings.NewReplacer(`{"step":`, "\n  {\"step\":", `{"observer":`, "\n{\"observer\":", `"after":`, "\n   \"after\":", `"frames":`, "\n   \"frames\":").Replace(text) + "\n"
	if os.Getenv("PARLEY_UPDATE") == "1" {
		if err := os.WriteFile(filepath.FromSlash(equalityFile), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(filepath.FromSlash(equalityFile))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if string(kept) != text {
		t.Errorf("%s is not what the hub tells now: PARLEY_UPDATE=1 go test -run TestEquality ./build/proof writes it anew", equalityFile)
	}
}

// auditHash is of ids that are new in each run.
var auditHash = regexp.MustCompile(`"hash":"[0-9a-f]{64}"`)

// steadyIDs gives ids that are new in each run names by the order in which they come up.
func steadyIDs(text string) string {
	ids := map[string]string{}
	return simID.ReplaceAllStringFunc(text, func(id string) string {
		if strings.HasPrefix(id, "018") || strings.HasPrefix(id, "019000") {
			return id
		}
		if ids[id] == "" {
			ids[id] = fmt.Sprintf("01f00000-0000-7000-8000-%012d", len(ids)+1)
		}
		return ids[id]
	})
}
