package hub

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"parley/backend/chat"
)

// TestAnyStory_snapshotAndEvents plays random stories with every command that changes something, while clients read, lag
// and come and go: what each holds in the end must be what a fresh snapshot says. PARLEY_STORIES=N plays N of them, and -run
// with the seed repeats one.
func TestAnyStory_snapshotAndEvents(t *testing.T) {
	t.Parallel()
	stories := 8
	if testing.Short() {
		stories = 3
	}
	if n, err := strconv.Atoi(os.Getenv("PARLEY_STORIES")); err == nil {
		stories = n
	}
	for seed := range stories {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) {
			s := newStory(t, uint64(seed))
			for range 150 {
				s.step()
			}
			s.end()
		})
	}
}

type story struct {
	*rig
	rand    *rand.Rand
	names   []string
	clients []*client
	rooms   []chat.ConversationID
}

func newStory(t *testing.T, seed uint64) *story {
	s := &story{rig: newRig(t, func(o *Options) { o.QueueEvents, o.FrameBytes = 6, 1<<10 }), rand: rand.New(rand.NewPCG(seed, 1))}
	for _, u := range cast {
		s.names = append(s.names, u.Name)
	}
	s.rooms = []chat.ConversationID{chat.NewRoomID(), chat.NewRoomID()}
	for _, name := range []string{"ana", "ben", "eve", "max", "sue", "ada", "max"} {
		s.clients = append(s.clients, s.connect(name))
	}
	return s
}

func (s *story) name() string { return s.names[s.rand.IntN(len(s.names))] }

func (s *story) chance(percent int) bool { return s.rand.IntN(100) < percent }

// step lets something happen. Commands may be refused; what matters is what is told.
func (s *story) step() {
	c := s.clients[s.rand.IntN(len(s.clients))]
	with := s.name()
	id := s.direct(c.name, with)
	if s.chance(40) {
		id = s.rooms[s.rand.IntN(len(s.rooms))]
	}
	switch s.rand.IntN(19) {
	case 0, 1, 2, 3, 4:
		c.ask(chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: id, Text: "text"}, nil)
	case 5:
		c.ask(chat.ReadMark, chat.ReadMarkArgs{ConversationID: id, N: s.rand.Int64N(10)}, nil)
	case 6:
		c.ask(chat.DraftSet, chat.DraftSetArgs{ConversationID: id, Text: []string{"", "draft"}[s.rand.IntN(2)]}, nil)
	case 7:
		c.ask(chat.StatusSet, chat.StatusSetArgs{State: chat.WorkBreak, Reason: "lunch"}, nil)
	case 8:
		s.moveTo([]string{"ana", "ben", "eve"}[s.rand.IntN(3)], []string{"North", "South"}[s.rand.IntN(2)])
	case 9:
		s.settingsOf(with)
	case 10:
		s.organisation(func(o *chat.Organisation) {
			o.Messaging = s.chance(80)
			o.Mode = []chat.MessagingMode{chat.ModeEveryone, chat.ModeEveryone, chat.ModeSuperiorsOnly, chat.ModeAdministratorsStart}[s.rand.IntN(4)]
			o.ReplyWindowMs = []chat.Millis{chat.DefaultReplyWindowMs, 3600_000}[s.rand.IntN(2)]
		})
	case 11:
		s.userOf(with)
	case 12:
		s.clock.turn(time.Duration(s.rand.IntN(3600)) * time.Second)
	case 13:
		c.barrier()
	case 16:
		room := chat.RoomCreateArgs{ID: id, Name: "A room", Participants: []chat.UserID{s.users[with], s.users[s.name()]}}
		if id.IsRoom() {
			s.do(c.actor, chat.RoomCreate, room, nil)
		}
	case 17:
		s.do(c.actor, chat.RoomInvite, chat.RoomInviteArgs{ConversationID: id, UserIDs: []chat.UserID{s.users[with]}}, nil)
	case 18:
		s.do(c.actor, chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: id}, nil)
	case 14, 15:
		c.feed.Close()
		if s.chance(50) { // something happens while the client is away
			s.settingsOf(c.name)
			s.moveTo("ben", []string{"North", "South"}[s.rand.IntN(2)])
			s.do(c.actor, chat.RoomLeave, chat.RoomLeaveArgs{ConversationID: id}, nil)
			for _, other := range s.clients {
				s.do(other.actor, chat.RoomInvite, chat.RoomInviteArgs{ConversationID: id, UserIDs: []chat.UserID{s.users[c.name]}}, nil)
			}
		}
		c.attach()
	}
}

func (s *story) settingsOf(name string) {
	scope := []chat.MessagingSettings{
		{Replies: s.chance(70), Start: s.chance(50), Scope: chat.StartEveryone},
		{Replies: s.chance(70), Start: true, Scope: chat.StartRoles, Targets: []string{"expert", "agent"}},
		{Replies: s.chance(70), Start: true, Scope: chat.StartUsers, Targets: []string{string(s.users["ben"]), string(s.users["eve"])}},
	}[s.rand.IntN(3)]
	args := chat.SettingsUpdateArgs{UserID: s.users[name], Revision: s.record(name).Revision, Settings: scope, ApplyNow: s.chance(70)}
	if err := s.do(Console, chat.SettingsUpdate, args, nil); err != nil && s.record(name).User.Role != chat.RoleAdministrator {
		s.t.Errorf("settings of %s: %v", name, err)
	}
}

// userOf changes somebody, or adds somebody; nobody who has a client is deactivated.
func (s *story) userOf(name string) {
	title, active := fmt.Sprint("title ", s.rand.IntN(5)), s.chance(50)
	switch {
	case s.chance(30):
		name = fmt.Sprint("new", len(s.users))
		var added chat.UserAddAnswer
		s.must(Console, chat.UserAdd, chat.UserAddArgs{Name: name, DisplayName: name, Role: chat.Roles[s.rand.IntN(4)], Password: password,
			Group: []string{"North", "South"}[s.rand.IntN(2)], Teams: []string{fmt.Sprint("team ", s.rand.IntN(3))}}, &added)
		s.users[name] = added.UserID
		s.names = append(s.names, name)
	case name == "mia":
		s.update(name, func(a *chat.UserUpdateArgs) { a.Active = &active })
	default:
		s.update(name, func(a *chat.UserUpdateArgs) { a.Title = &title })
	}
}

// end compares every client with a fresh one, and all of it again after a restart.
func (s *story) end() {
	for _, c := range s.clients {
		c.barrier()
		c.same()
	}
	s.restart()
	for _, c := range s.clients {
		c.attach()
		c.same()
	}
}
