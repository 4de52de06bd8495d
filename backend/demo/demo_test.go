package demo_test

import (
	"context"
	"encoding/json"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/demo"
	"parley/backend/rig"
	"parley/backend/wire"
)

func TestPeople_areComplete(t *testing.T) {
	names := map[string]bool{}
	roles := map[chat.Role]int{}
	groups, teams := map[string]bool{}, map[string]bool{}
	for _, p := range demo.People() {
		if names[p.Name] || p.DisplayName == "" || p.Title == "" || !p.Role.Valid() {
			t.Errorf("%+v is not a complete person of their own", p)
		}
		if (p.Role == chat.RoleAgent) != (p.Group != "") {
			t.Errorf("%s is %s and in group %q", p.Name, p.Role, p.Group)
		}
		if len(demo.Password(p.Name)) < chat.MinPasswordLength {
			t.Errorf("the password of %s is too short", p.Name)
		}
		names[p.Name] = true
		roles[p.Role]++
		if p.Group != "" {
			groups[p.Group] = true
		}
		for _, team := range p.Teams {
			teams[team] = true
		}
	}
	if len(names) < 18 || len(roles) != 4 || len(groups) != 2 || len(teams) != 3 {
		t.Errorf("%d people, roles %v, groups %v, teams %v", len(names), roles, groups, teams)
	}
}

func TestPopulate_twiceChangesNothing(t *testing.T) {
	s := rig.Start(t, rig.Empty())
	first, err := demo.Populate(t.Context(), s.Console)
	if err != nil {
		t.Fatal(err)
	}
	before := list(t, s)
	again, err := demo.Populate(t.Context(), s.Console)
	if err != nil {
		t.Fatal(err)
	}
	after := list(t, s)
	if len(first) != len(demo.People()) || len(again) != len(first) || len(after.Users) != len(before.Users) {
		t.Fatalf("%d people the first time, %d the second", len(first), len(again))
	}
	for i, r := range after.Users {
		if r.Revision != before.Users[i].Revision {
			t.Errorf("%s was changed", r.Name)
		}
	}
}

func list(t *testing.T, s *rig.Server) chat.UserListAnswer {
	t.Helper()
	raw, err := s.Console(t.Context(), chat.UserList, struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	var users chat.UserListAnswer
	if err := json.Unmarshal(raw, &users); err != nil {
		t.Fatal(err)
	}
	return users
}

// visitor is mira at a client of her own.
type visitor struct {
	*wire.Client
	snapshot chan chat.Snapshot
	messages chan chat.Message
}

func visit(t *testing.T, s *rig.Server, name string) *visitor {
	t.Helper()
	session, err := wire.SignIn(t.Context(), nil, s.URL, wire.SignInArgs{Name: name, Password: demo.Password(name)})
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{snapshot: make(chan chat.Snapshot, 1), messages: make(chan chat.Message, 10_000)}
	v.Client, err = wire.Dial(t.Context(), wire.DialOptions{URL: wire.SocketURL(s.URL), Token: session.Token,
		Hello: chat.HelloArgs{Device: chat.Device{ID: chat.DeviceID(chat.NewUUID()), Kind: chat.DeviceBrowser, Name: "visitor"}},
		Handle: func(f wire.Frame) error {
			if f.Reset != nil {
				v.snapshot <- f.Reset.Snapshot
			}
			events, err := f.DecodeEvents()
			for _, e := range events {
				if e.Type == chat.MessagePosted {
					v.messages <- *e.Message
				}
			}
			return err
		}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	return v
}

func TestStage_historyThenLife(t *testing.T) {
	s := rig.Start(t, rig.Empty())
	ids, err := demo.Populate(t.Context(), s.Console)
	if err != nil {
		t.Fatal(err)
	}
	// Time does not pass: every wait is over at once, until the people have had their scenes.
	const scenes = 80
	var waits atomic.Int64
	over := make(chan struct{})
	sleep := func(ctx context.Context, d time.Duration) error {
		if d >= 5*time.Second { // between scenes, or a break
			if n := waits.Add(1); n == scenes {
				close(over)
			} else if n > scenes {
				<-ctx.Done()
			}
		}
		return ctx.Err()
	}
	o := demo.Options{URL: s.URL, IDs: ids, Seed: 7, Sleep: sleep}
	stage, err := demo.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}

	mira, liam := visit(t, s, "mira"), visit(t, s, "liam")
	snapshot := <-mira.snapshot
	if len(snapshot.Conversations) < 4 {
		t.Errorf("mira finds %d conversations", len(snapshot.Conversations))
	}
	var withLiam int64
	for _, c := range snapshot.Conversations {
		if c.Conversation.ID == chat.DirectID(ids["mira"], ids["liam"]) {
			withLiam = c.LastN
		}
	}
	ofLiam := (<-liam.snapshot).Conversations
	if withLiam == 0 || len(ofLiam) < 3 {
		t.Errorf("mira and liam have %d messages of history", withLiam)
	}
	room := ofLiam[slices.IndexFunc(ofLiam, func(c chat.ConversationState) bool { return c.Conversation.Kind == chat.KindRoom })]
	if room.LastN < 4 || len(room.Conversation.Participants) < 4 {
		t.Errorf("liam finds the room %+v", room)
	}
	if can := snapshot.Rights.Start[ids["amparo"]]; can.Allowed || can.Rule != chat.RuleStartNotIncluded {
		t.Errorf("mira may start with amparo: %+v", can)
	}

	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { stage.Play(ctx); close(ended) }()
	<-over
	for _, v := range []*visitor{mira, liam} { // what was written until now has come once a ping is answered
		if err := v.Request(t.Context(), chat.Ping, struct{}{}, nil); err != nil {
			t.Fatal(err)
		}
	}
	waiting := map[chat.UserID]int{}
	for more := true; more; {
		select {
		case m := <-mira.messages:
			waiting[m.AuthorID]++
		default:
			more = false
		}
	}
	inRoom := 0
	for more := true; more; {
		select {
		case m := <-liam.messages:
			if m.ConversationID == room.Conversation.ID {
				inRoom++
			}
		default:
			more = false
		}
	}
	if inRoom == 0 {
		t.Error("nobody writes in the room")
	}
	if len(waiting) == 0 || len(waiting) > 6 {
		t.Errorf("unanswered, %d people wrote to mira: %v", len(waiting), waiting)
	}
	for who, n := range waiting {
		if n > 1 {
			t.Errorf("%s wrote %d times without an answer", who, n)
		}
	}

	// Whom she writes to answers, once.
	post := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: chat.DirectID(ids["mira"], ids["ana"]), Text: "Is the sideboard booked?"}
	if err := mira.Request(t.Context(), chat.MessagePost, post, nil); err != nil {
		t.Fatal(err)
	}
	for {
		m := <-mira.messages
		if m.AuthorID == ids["ana"] {
			break
		}
	}
	cancel()
	<-ended

	// The next day the history is not written again.
	again, err := demo.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
	next := <-visit(t, s, "liam").snapshot
	for _, c := range next.Conversations {
		if c.Conversation.ID == chat.DirectID(ids["mira"], ids["liam"]) && c.LastN != withLiam {
			t.Errorf("mira and liam had %d messages and have %d", withLiam, c.LastN)
		}
	}
	if !slices.ContainsFunc(next.People, func(u chat.User) bool { return u.ID == ids["una"] }) {
		t.Error("liam, an expert, does not see the south")
	}
}
