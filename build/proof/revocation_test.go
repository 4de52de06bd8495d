package proof

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/wire"
)

// TestRevocation_everythingToldWasAllowed lets 200 users write, come and go while administrators build walls, deactivate, take
// Start away and switch modes, all at once. Afterwards the log is played again, and each message that was committed and each
// event that anybody was told is held against the rules at its own place in the log (P6, F24).
func TestRevocation_everythingToldWasAllowed(t *testing.T) {
	users, span := 200, time.Duration(size(3, 30))*time.Second
	dir := t.TempDir()
	r := newRace(t, dir, users)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var running sync.WaitGroup
	running.Go(func() {
		defer stop()
		for range maxSpans { // a slow machine may need more than one, until everything has happened
			if time.Sleep(span); r.enough() {
				return
			}
		}
	})
	for i := range r.racers {
		running.Go(func() { r.race(ctx, &r.racers[i], rand.New(rand.NewPCG(7, uint64(i)))) })
	}
	for a := range raceAdministrators {
		running.Go(func() { r.administer(ctx, a, rand.New(rand.NewPCG(8, uint64(a)))) })
	}
	running.Wait()
	for i := range r.racers {
		r.racers[i].leave()
	}
	r.s.Stop()

	log := readRaceLog(t, filepath.Join(dir, "parley.db"))
	refused := log.replay(t, r.racers)
	report(t, "revocation", users, "users", int(r.changes.Load()), "changes of rules", log.messages, "messages committed", int(r.refusals.Load()), "refused",
		int(r.returns.Load()), "reconnects", log.held, "deliveries held against their revision", refused, "not allowed")
	if !r.enough() || log.messages == 0 {
		t.Error("something never happened, so nothing is shown")
	}
}

// enough tells whether everything has happened that shows something.
func (r *race) enough() bool {
	return r.changes.Load() > 0 && r.refusals.Load() > 0 && r.returns.Load() > 0 && r.posts.Load() > 0
}

const (
	raceAdministrators = 4
	raceRooms          = 6
	maxSpans           = 20
)

// race is a server with many users who do everything at once.
type race struct {
	t      *testing.T
	s      *rig.Server
	racers []racer
	// organisation is its revision, for the one administrator who changes it.
	organisation int64

	changes, refusals, returns, posts atomic.Int64
}

// racer is one user: who it is, and the events it was told, as they came.
type racer struct {
	id    chat.UserID
	name  string
	role  chat.Role
	token string

	mu     sync.Mutex
	client *wire.Client
	cursor chat.Cursor
	told   []string // each event's JSON

	// revision is that of the user, for the one administrator who changes it.
	revision int64
}

// raceRole gives out the roles: most are agents.
func raceRole(i int) chat.Role {
	switch i % 10 {
	case 7:
		return chat.RoleSupervisor
	case 8, 9:
		return chat.RoleExpert
	}
	return chat.RoleAgent
}

// newRace brings the users in. Nobody of the cast is there.
func newRace(t *testing.T, dir string, users int) *race {
	t.Helper()
	r := &race{t: t, racers: make([]racer, users), organisation: 1}
	first := rig.Start(t, rig.Empty(), rig.InDir(dir))
	for i := range r.racers {
		k := &r.racers[i]
		k.name, k.role, k.revision = fmt.Sprintf("racer%03d", i), raceRole(i), 1
		args := chat.UserAddArgs{Name: k.name, DisplayName: k.name, Role: k.role, Password: rig.PasswordOf(k.name)}
		if k.role == chat.RoleAgent {
			args.Group = []string{rig.North, rig.South}[i/10%2]
		}
		var answer chat.UserAddAnswer
		raw, err := first.Console(t.Context(), chat.UserAdd, args)
		if err == nil {
			err = chat.Decode(raw, &answer)
		}
		if err != nil {
			t.Fatal(err)
		}
		k.id = answer.UserID
	}
	first.Stop()
	r.s = rig.Start(t, rig.InDir(dir))
	for i := range r.racers {
		if err := r.racers[i].signIn(r.s.URL); err != nil {
			t.Fatal(err)
		}
	}
	for n := range raceRooms { // experts make the rooms, with some others in each
		founder := &r.racers[8+10*n]
		args := chat.RoomCreateArgs{ID: raceRoom(n), Name: fmt.Sprint("Room ", n)}
		for i := range r.racers {
			if r.racers[i].role != chat.RoleAgent && i%3 == n%3 {
				args.Participants = append(args.Participants, r.racers[i].id)
			}
		}
		if err := founder.request(t.Context(), chat.RoomCreate, args); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func raceRoom(n int) chat.ConversationID {
	return chat.ConversationID(fmt.Sprintf("r.01f00000-0000-7000-8000-%012d", n))
}

// signIn begins a new session, and connects with what the last one knew.
func (k *racer) signIn(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), rig.Patience)
	defer cancel()
	answer, err := wire.SignIn(ctx, nil, url, wire.SignInArgs{Name: k.name, Password: rig.PasswordOf(k.name)})
	if err != nil {
		return err
	}
	k.token = answer.Token
	return k.connect(ctx, url)
}

func (k *racer) connect(ctx context.Context, url string) error {
	k.mu.Lock()
	cursor := k.cursor
	k.mu.Unlock()
	client, err := wire.Dial(ctx, wire.DialOptions{URL: wire.SocketURL(url), Token: k.token, Handle: k.take,
		Hello: chat.HelloArgs{Device: chat.Device{Kind: chat.DeviceDesktop, Name: "race"}, Cursor: cursor}})
	if err != nil {
		return err
	}
	k.mu.Lock()
	k.client = client
	k.mu.Unlock()
	return nil
}

func (k *racer) leave() {
	k.mu.Lock()
	client := k.client
	k.client = nil
	k.mu.Unlock()
	if client != nil {
		client.Close()
	}
}

func (k *racer) take(f wire.Frame) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case f.Reset != nil:
		k.cursor = f.Reset.Cursor
	case f.MovesCursor():
		k.cursor = f.Cursor
	}
	for _, e := range f.Events {
		k.told = append(k.told, string(e))
	}
	return nil
}

func (k *racer) request(ctx context.Context, do chat.CommandName, args any) error {
	k.mu.Lock()
	client := k.client
	k.mu.Unlock()
	if client == nil {
		return &wire.CloseError{Code: -1, Reason: "not connected"}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rig.Patience)
	defer cancel()
	return client.Request(ctx, do, args, nil)
}

// race lets one user write to people and rooms, come and go, until ctx ends.
func (r *race) race(ctx context.Context, k *racer, random *rand.Rand) {
	for n := 0; ctx.Err() == nil; n++ {
		room := raceRoom(random.IntN(raceRooms))
		other := r.racers[random.IntN(len(r.racers))].id
		var err error
		switch dice := random.IntN(100); {
		case dice < 4:
			k.leave()
			err = k.connect(ctx, r.s.URL)
			r.returns.Add(1)
		case dice < 8 && k.role != chat.RoleAgent:
			err = k.request(ctx, chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: room})
		case dice < 16 && k.role != chat.RoleAgent:
			err = k.request(ctx, chat.RoomInvite, chat.RoomInviteArgs{ConversationID: room, UserIDs: []chat.UserID{other}})
		case dice < 30 && k.role != chat.RoleAgent:
			err = r.post(ctx, k, room, n)
		default:
			err = r.post(ctx, k, chat.DirectID(k.id, other), n)
		}
		var refusal *chat.Error
		switch {
		case errors.As(err, &refusal):
			r.refusals.Add(1)
		case err != nil && ctx.Err() == nil: // deactivated, and perhaps active again
			k.leave()
			if k.signIn(r.s.URL) == nil {
				r.returns.Add(1)
			}
		}
	}
}

// post has a user write into a conversation.
func (r *race) post(ctx context.Context, k *racer, to chat.ConversationID, n int) error {
	err := k.request(ctx, chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: to, Text: fmt.Sprint(n)})
	if err == nil {
		r.posts.Add(1)
	}
	return err
}

// administer changes rules until ctx ends. Each administrator has users of their own, and the first one the organisation.
func (r *race) administer(ctx context.Context, a int, random *rand.Rand) {
	for ctx.Err() == nil {
		k := &r.racers[random.IntN(len(r.racers)/raceAdministrators)*raceAdministrators+a]
		update := func(change func(*chat.UserUpdateArgs)) {
			args := chat.UserUpdateArgs{UserID: k.id, Revision: k.revision}
			change(&args)
			r.console(chat.UserUpdate, args, &k.revision)
		}
		switch dice := random.IntN(20); {
		case dice < 8 && k.role == chat.RoleAgent:
			group := []string{rig.North, rig.South}[random.IntN(2)]
			update(func(u *chat.UserUpdateArgs) { u.Group = &group })
		case dice < 11:
			off, on := false, true
			update(func(u *chat.UserUpdateArgs) { u.Active = &off })
			update(func(u *chat.UserUpdateArgs) { u.Active = &on })
		case dice < 13 && a == 0:
			o := chat.Organisation{Name: "Race", Messaging: random.IntN(4) > 0, ReplyWindowMs: chat.DefaultReplyWindowMs,
				Mode:     []chat.MessagingMode{chat.ModeEveryone, chat.ModeEveryone, chat.ModeSuperiorsOnly, chat.ModeAdministratorsStart}[random.IntN(4)],
				Revision: r.organisation}
			r.console(chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: o}, &r.organisation)
		default:
			s := chat.MessagingSettings{Replies: random.IntN(3) > 0, Start: random.IntN(3) > 0, Scope: chat.StartEveryone, Targets: []string{}}
			if random.IntN(2) == 0 {
				s.Scope, s.Targets = chat.StartRoles, []string{string(raceRole(random.IntN(10)))}
			}
			r.console(chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: k.id, Revision: k.revision, Settings: s, ApplyNow: true}, &k.revision)
		}
	}
}

// console changes something whose revision it keeps.
func (r *race) console(do chat.CommandName, args any, revision *int64) {
	ctx, cancel := context.WithTimeout(context.Background(), rig.Patience)
	defer cancel()
	raw, err := r.s.Console(ctx, do, args)
	var answer chat.RevisionAnswer
	if err == nil {
		err = chat.Decode(raw, &answer)
	}
	if err != nil {
		r.t.Errorf("%s: %v", do, err)
		return
	}
	r.changes.Add(1)
	*revision = answer.Revision
}
