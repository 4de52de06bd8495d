package proof

import (
	"cmp"
	"database/sql"
	"slices"
	"testing"

	_ "modernc.org/sqlite" // reads the log of a server that was stopped

	"parley/backend/chat"
)

// raceEntry is one entry of the log: an event, or a message.
type raceEntry struct {
	seq   int64
	at    chat.Millis
	event chat.Event
	raw   string // the event as it is told; "" for a message
}

// raceStanding is what a user is for the wall from a place of the log on.
type raceStanding struct {
	seq    int64
	role   chat.Role
	group  string
	active bool
}

// raceLog is the log played again. It knows the rules from SPEC, and nothing of package policy.
type raceLog struct {
	entries   []raceEntry
	places    map[string][]int // of entries, by the event as it is told
	byMessage map[chat.MessageID]int
	standings map[chat.UserID][]raceStanding

	org      chat.Organisation
	settings map[chat.UserID]chat.MessagingSettings
	wrote    map[chat.ConversationID]map[chat.UserID]bool
	// stays are the memberships of rooms: from the seq of coming on, up to that of leaving; 0 while it lasts.
	stays map[chat.ConversationID]map[chat.UserID][][2]int64

	messages, held int
}

// readRaceLog reads the log from a database that nobody has open.
func readRaceLog(t *testing.T, path string) *raceLog {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	l := &raceLog{places: map[string][]int{}, byMessage: map[chat.MessageID]int{}, standings: map[chat.UserID][]raceStanding{},
		org:      chat.Organisation{Messaging: true, Mode: chat.ModeEveryone, ReplyWindowMs: chat.DefaultReplyWindowMs},
		settings: map[chat.UserID]chat.MessagingSettings{}, wrote: map[chat.ConversationID]map[chat.UserID]bool{},
		stays: map[chat.ConversationID]map[chat.UserID][][2]int64{}}
	raceRows(t, db, `SELECT seq, at, body FROM event`, func(scan func(...any) error) error {
		var e raceEntry
		if err := scan(&e.seq, &e.at, &e.raw); err != nil {
			return err
		}
		l.entries = append(l.entries, e)
		return chat.Decode([]byte(e.raw), &l.entries[len(l.entries)-1].event)
	})
	raceRows(t, db, `SELECT m.seq, m.at, m.n, u.user_id, c.conversation_id, lower(hex(m.message_id)) FROM message m
		JOIN "user" u ON u.user_key = m.user_key JOIN conversation c ON c.conversation_key = m.conversation_key`, func(scan func(...any) error) error {
		m := &chat.Message{}
		var seq int64
		var id string
		if err := scan(&seq, &m.At, &m.N, &m.AuthorID, &m.ConversationID, &id); err != nil {
			return err
		}
		m.ID = chat.MessageID(id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:])
		l.entries = append(l.entries, raceEntry{seq: seq, at: m.At, event: chat.Event{Type: chat.MessagePosted, Message: m}})
		l.messages++
		return nil
	})
	raceRows(t, db, `SELECT u.user_id, s.seq, s.role, s.group_id, s.active FROM standing s JOIN "user" u ON u.user_key = s.user_key ORDER BY s.seq`,
		func(scan func(...any) error) error {
			var id chat.UserID
			var s raceStanding
			if err := scan(&id, &s.seq, &s.role, &s.group, &s.active); err != nil {
				return err
			}
			l.standings[id] = append(l.standings[id], s)
			return nil
		})
	slices.SortFunc(l.entries, func(a, b raceEntry) int { return cmp.Compare(a.seq, b.seq) })
	for i := range l.entries {
		if e := &l.entries[i]; e.raw == "" {
			l.byMessage[e.event.Message.ID] = i
		} else {
			l.places[e.raw] = append(l.places[e.raw], i)
		}
	}
	l.advance()
	return l
}

func raceRows(t *testing.T, db *sql.DB, query string, each func(scan func(...any) error) error) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// advance moves each standing back to the first event of the change it came with: a change of a user tells the user, and then
// everybody, and is in force for both.
func (l *raceLog) advance() {
	at := map[int64]*raceEntry{}
	for i := range l.entries {
		at[l.entries[i].seq] = &l.entries[i]
	}
	for id, all := range l.standings {
		for i := range all {
			for all[i].seq > 1 && (i == 0 || all[i].seq-1 > all[i-1].seq) && speaksOf(at[all[i].seq-1], id) {
				all[i].seq--
			}
		}
	}
}

func speaksOf(e *raceEntry, id chat.UserID) bool {
	return e != nil && (e.event.User != nil && e.event.User.ID == id || e.event.Me != nil && e.event.Me.User.ID == id)
}

// standing returns who a user was at a place; the zero value is nobody.
func (l *raceLog) standing(id chat.UserID, seq int64) (was raceStanding) {
	for _, s := range l.standings[id] {
		if s.seq <= seq {
			was = s
		}
	}
	return was
}

// sees tells whether one could know of the other at a place (EXP-20).
func (l *raceLog) sees(me, other chat.UserID, seq int64) bool {
	a, b := l.standing(me, seq), l.standing(other, seq)
	return a.role != chat.RoleAgent || b.role != chat.RoleAgent || a.group == b.group || me == other
}

// member tells whether a user was in a room when the entry at a place was told.
func (l *raceLog) member(room chat.ConversationID, id chat.UserID, seq int64) bool {
	return slices.ContainsFunc(l.stays[room][id], func(s [2]int64) bool { return s[0] <= seq && (s[1] == 0 || seq < s[1]) })
}

// in tells whether somebody could be told of a conversation at a place.
func (l *raceLog) in(c chat.ConversationID, id chat.UserID, seq int64) bool {
	if c.IsRoom() {
		return l.member(c, id, seq)
	}
	other, mine := c.OtherThan(id)
	return mine && l.sees(id, other, seq)
}

// mayPost tells whether a message was allowed where it stands, by the rules of before.
func (l *raceLog) mayPost(m *chat.Message, seq int64) bool {
	author := l.standing(m.AuthorID, seq)
	if !author.active || !l.org.Messaging {
		return false
	}
	if m.ConversationID.IsRoom() {
		return author.role != chat.RoleAgent && l.member(m.ConversationID, m.AuthorID, seq)
	}
	otherID, mine := m.ConversationID.OtherThan(m.AuthorID)
	other := l.standing(otherID, seq)
	if !mine || !other.active || !l.sees(m.AuthorID, otherID, seq) {
		return false
	}
	superior := func(r chat.Role) bool { return r == chat.RoleSupervisor || r == chat.RoleAdministrator }
	banned := author.role == chat.RoleAgent && !superior(other.role) || other.role == chat.RoleAgent && !superior(author.role)
	if l.org.Mode == chat.ModeSuperiorsOnly && banned {
		return false
	}
	s, told := l.settings[m.AuthorID]
	if !told {
		s = chat.DefaultSettings(author.role)
	}
	covered := s.Scope == chat.StartEveryone || s.Scope == chat.StartRoles && slices.Contains(s.Targets, string(other.role))
	starts := s.Start && covered && (l.org.Mode != chat.ModeAdministratorsStart || author.role == chat.RoleAdministrator)
	return starts || s.Replies && l.wrote[m.ConversationID][otherID]
}

// replay goes through the log with the rules of each place, then through all that was told, and returns how much of both was
// not allowed. It shows that it finds such things: what a stranger was never told counts as not allowed.
func (l *raceLog) replay(t *testing.T, racers []racer) (refused int) {
	t.Helper()
	for i := range l.entries {
		e := &l.entries[i]
		if m := e.event.Message; m != nil {
			if !l.mayPost(m, e.seq) {
				if refused++; refused <= 10 {
					t.Errorf("message %d of %s by %s, entry %d of the log, was not allowed there", m.N, m.ConversationID, m.AuthorID, e.seq)
				}
			}
			if l.wrote[m.ConversationID] == nil {
				l.wrote[m.ConversationID] = map[chat.UserID]bool{}
			}
			l.wrote[m.ConversationID][m.AuthorID] = true
		}
		l.learn(e)
	}
	strangers := 0
	for i := range racers {
		k := &racers[i]
		for _, raw := range k.told {
			l.held++
			if l.tellable(t, k.id, raw) {
				continue
			}
			if refused++; refused <= 10 {
				t.Errorf("%s (%s) was told what was not allowed at its place: %s", k.name, k.role, raw)
			}
		}
		if next := &racers[(i+1)%len(racers)]; len(k.told) > 0 && !l.tellable(t, next.id, k.told[len(k.told)-1]) {
			strangers++
		}
	}
	if strangers == 0 {
		t.Error("the log allows everybody everything, so it shows nothing")
	}
	return refused
}

// learn takes in what an entry says of the rules.
func (l *raceLog) learn(e *raceEntry) {
	switch {
	case e.event.Organisation != nil:
		l.org = *e.event.Organisation
	case e.event.Me != nil:
		l.settings[e.event.Me.User.ID] = e.event.Me.Settings
	case e.event.Members != nil:
		room := e.event.Members.ConversationID
		if l.stays[room] == nil {
			l.stays[room] = map[chat.UserID][][2]int64{}
		}
		for _, id := range e.event.Members.UserIDs {
			stays := l.stays[room][id]
			if e.event.Type == chat.RoomJoined {
				stays = append(stays, [2]int64{e.seq, 0})
			} else if n := len(stays); n > 0 {
				stays[n-1][1] = e.seq
			}
			l.stays[room][id] = stays
		}
	}
}

// tellable tells whether an event could be told to a user at its place; of equal ones, at any of their places.
func (l *raceLog) tellable(t *testing.T, id chat.UserID, raw string) bool {
	t.Helper()
	var e chat.Event
	if err := chat.Decode([]byte(raw), &e); err != nil {
		t.Fatal(err)
	}
	at := l.places[raw]
	if e.Message != nil {
		if i, ok := l.byMessage[e.Message.ID]; ok {
			at = []int{i}
		}
	}
	return slices.ContainsFunc(at, func(i int) bool {
		seq := l.entries[i].seq
		switch {
		case !l.standing(id, seq).active:
			// Who is deactivated has no session; what happened meanwhile is told when they come back, by the rules of then.
			return l.couldKnow(&e, id, l.back(id, seq))
		case e.Type == chat.RoomLeft && slices.Contains(e.Members.UserIDs, id):
			return false
		}
		return l.couldKnow(&e, id, seq)
	})
}

// back returns the place from which on a user who was deactivated at seq was active again.
func (l *raceLog) back(id chat.UserID, seq int64) int64 {
	for _, s := range l.standings[id] {
		if s.seq > seq && s.active {
			return s.seq
		}
	}
	return seq
}

func (l *raceLog) couldKnow(e *chat.Event, id chat.UserID, seq int64) bool {
	switch {
	case e.Message != nil:
		return l.in(e.Message.ConversationID, id, seq)
	case e.Conversation != nil:
		return l.in(e.Conversation.ID, id, seq)
	case e.Members != nil:
		return l.in(e.Members.ConversationID, id, seq)
	case e.Room != nil:
		return l.in(e.Room.ConversationID, id, seq)
	case e.User != nil:
		return l.sees(id, e.User.ID, seq)
	case e.Me != nil:
		return e.Me.User.ID == id
	case e.Read != nil:
		return l.in(e.Read.ConversationID, id, seq)
	}
	return e.Organisation != nil || e.Team != nil
}
