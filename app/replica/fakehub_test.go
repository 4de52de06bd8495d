package replica

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"parley/backend/chat"
	"parley/backend/wire"
)

// The cast: Ana uses the desktop under test, Ben and Cem are her colleagues at other clients.
const (
	ana chat.UserID = "0190a000-0000-7000-8000-00000000000a"
	ben chat.UserID = "0190a000-0000-7000-8000-00000000000b"
	cem chat.UserID = "0190a000-0000-7000-8000-00000000000c"
	// eva signs in on Ana's computer.
	eva chat.UserID = "0190a000-0000-7000-8000-00000000000e"
)

var (
	withBen = chat.DirectID(ana, ben)
	withCem = chat.DirectID(ana, cem)
)

var names = map[string]chat.UserID{"ana": ana, "ben": ben, "cem": cem, "eva": eva}

// What a fakeHub does with a post instead of committing and answering it.
type verdict string

const (
	commit       verdict = ""             // commit, answer, tell
	cutBefore    verdict = "cutBefore"    // the connection breaks before the message arrives
	cutAfter     verdict = "cutAfter"     // committed, but the connection breaks before the answer and the event
	answerThenIt verdict = "answerThenIt" // committed and answered, but the connection breaks before the event
	busy         verdict = "busy"
	denied       verdict = "denied"
	silent       verdict = "silent" // taken and never answered
)

// fakeHub is a hub with faults on demand for one reader at a time: a log, numbers, idempotent posts. It is scripted by the
// fields under its mutex.
type fakeHub struct {
	t   *testing.T
	web *httptest.Server

	mu      sync.Mutex
	changed *sync.Cond
	epoch   string
	log     []json.RawMessage // events, all for every reader
	posts   []chat.Message    // in the order of commits
	attempt []chat.MessageID  // every message.post that arrived, repeats included
	reads   []chat.ReadMarkArgs
	drafts  []chat.DraftSetArgs
	idle    []chat.IdleSetArgs
	others  []chat.CommandName
	tokens  map[string]chat.UserID
	sockets map[*websocket.Conn]chan []byte // with what is to be sent
	hellos  []chat.Cursor
	// judge decides about a post; nil commits all.
	judge func(args chat.MessagePostArgs, try int) verdict
	// refuseSockets makes every connection fail.
	refuseSockets bool
	// historyPage bounds the pages of history, histories counts them.
	historyPage, histories int
	lost                   map[chat.ConversationID]bool
	// holdPresence keeps back what ends the telling of what was missed.
	holdPresence bool
}

func newFakeHub(t *testing.T) *fakeHub {
	h := &fakeHub{t: t, epoch: "e", tokens: map[string]chat.UserID{}, sockets: map[*websocket.Conn]chan []byte{}, lost: map[chat.ConversationID]bool{},
		historyPage: chat.MaxHistoryPage}
	h.changed = sync.NewCond(&h.mu)
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+wire.PathSignIn, h.signIn)
	mux.HandleFunc("POST "+wire.PathSignOut, func(w http.ResponseWriter, q *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.tokens, bearer(q))
		h.changed.Broadcast()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET "+wire.PathSocket, h.socket)
	h.web = httptest.NewServer(mux)
	t.Cleanup(func() { h.cutAll(); h.web.Close() })
	return h
}

func bearer(q *http.Request) string {
	return strings.TrimPrefix(q.Header.Get("Authorization"), "Bearer ")
}

func (h *fakeHub) signIn(w http.ResponseWriter, q *http.Request) {
	var args wire.SignInArgs
	_ = json.NewDecoder(q.Body).Decode(&args)
	user, ok := names[args.Name]
	w.Header().Set("Content-Type", "application/json")
	if !ok || args.Password != "secret "+args.Name {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"error":{"code":"denied","text":"Name or password is wrong."}}`)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	token := "token-" + strconv.Itoa(len(h.tokens)) + "-" + args.Name
	h.tokens[token] = user
	json.NewEncoder(w).Encode(wire.SignInAnswer{Token: token, UserID: user, SessionID: "s1"})
}

func (h *fakeHub) socket(w http.ResponseWriter, q *http.Request) {
	h.mu.Lock()
	user, known := h.tokens[bearer(q)]
	refuse := h.refuseSockets
	h.mu.Unlock()
	switch {
	case refuse:
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case !known:
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	ws, err := websocket.Accept(w, q, &websocket.AcceptOptions{Subprotocols: []string{wire.SubprotocolName}})
	if err != nil {
		return
	}
	ws.SetReadLimit(wire.MaxRequestBytes)
	out := make(chan []byte, 10_000)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		for {
			select {
			case data := <-out:
				if ws.Write(ctx, websocket.MessageText, data) != nil {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	defer func() {
		h.mu.Lock()
		delete(h.sockets, ws)
		h.changed.Broadcast()
		h.mu.Unlock()
		ws.CloseNow()
	}()
	for {
		_, data, err := ws.Read(ctx)
		if err != nil {
			return
		}
		var request wire.Request
		if err := json.Unmarshal(data, &request); err != nil {
			h.t.Errorf("the hub was sent %q", data)
			return
		}
		if !h.take(ws, out, user, request) {
			return
		}
	}
}

// take answers one request; false breaks the connection.
func (h *fakeHub) take(ws *websocket.Conn, out chan []byte, user chat.UserID, q wire.Request) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	defer h.changed.Broadcast()
	answer := func(ok any, refusal *chat.Error) {
		frame, _ := wire.EncodeAnswer(q.ID, ok, refusal)
		out <- frame
	}
	switch q.Do {
	case chat.Hello:
		h.hello(ws, out, user, q, answer)
	case chat.Ping:
		answer(struct{}{}, nil)
	case chat.MessagePost:
		return h.post(user, q, answer)
	case chat.HistoryLoad:
		var args chat.HistoryLoadArgs
		_ = json.Unmarshal(q.Args, &args)
		h.histories++
		args.Limit = min(args.Limit, h.historyPage)
		answer(h.history(args), nil)
	case chat.ReadMark:
		var args chat.ReadMarkArgs
		_ = json.Unmarshal(q.Args, &args)
		h.reads = append(h.reads, args)
		h.append(chat.Event{Type: chat.ReadMarked, Read: &args})
		answer(struct{}{}, nil)
	case chat.DraftSet:
		var args chat.DraftSetArgs
		_ = json.Unmarshal(q.Args, &args)
		h.drafts = append(h.drafts, args)
		h.append(chat.Event{Type: chat.DraftChanged, Draft: &chat.Draft{ConversationID: args.ConversationID, Text: args.Text, Document: args.Document}})
		answer(struct{}{}, nil)
	case chat.IdleSet:
		var args chat.IdleSetArgs
		_ = json.Unmarshal(q.Args, &args)
		h.idle = append(h.idle, args)
		h.changed.Broadcast()
		answer(struct{}{}, nil)
	default:
		h.others = append(h.others, q.Do)
		answer(map[string]any{"did": q.Do, "with": q.Args}, nil)
	}
	return true
}

func (h *fakeHub) hello(ws *websocket.Conn, out chan []byte, user chat.UserID, q wire.Request, answer func(any, *chat.Error)) {
	var args chat.HelloArgs
	_ = json.Unmarshal(q.Args, &args)
	h.hellos = append(h.hellos, args.Cursor)
	answer(chat.HelloAnswer{UserID: user, SessionID: "s1", ServerAt: chat.MillisOf(noon), Version: "fake"}, nil)
	epoch, at, _ := strings.Cut(string(args.Cursor), ".")
	seq, err := strconv.Atoi(at)
	switch {
	case args.Cursor == "":
		out <- h.resetFrame(user, chat.ResetFirst)
	case epoch != h.epoch:
		out <- h.resetFrame(user, chat.ResetRenewed)
	case err != nil || seq > len(h.log):
		out <- h.resetFrame(user, chat.ResetExpired)
	case seq < len(h.log):
		frame, _ := json.Marshal(wire.Frame{Prev: args.Cursor, Cursor: h.cursor(), Events: h.log[seq:]})
		out <- frame
	}
	if len(h.lost) > 0 {
		rights := chat.Rights{}
		for id := range h.lost {
			rights.ConversationsLost = append(rights.ConversationsLost, id)
		}
		frame, _ := json.Marshal(wire.Frame{Rights: &rights})
		out <- frame
	}
	if !h.holdPresence {
		frame, _ := json.Marshal(benIsPresent())
		out <- frame
	}
	h.sockets[ws] = out
}

func benIsPresent() wire.Frame {
	return wire.Frame{Signals: []chat.Signal{{Type: chat.SignalPresenceAll,
		PresenceAll: []chat.Presence{{UserID: ben, Availability: chat.Online, Rule: chat.RuleSignedIn}}}}}
}

func (h *fakeHub) cursor() chat.Cursor {
	return chat.Cursor(h.epoch + "." + strconv.Itoa(len(h.log)))
}

func (h *fakeHub) resetFrame(user chat.UserID, reason chat.ResetReason) []byte {
	frame, err := json.Marshal(wire.Frame{Reset: &wire.Reset{Reason: reason, Cursor: h.cursor(), Snapshot: h.snapshot(user)}})
	if err != nil {
		h.t.Error(err)
	}
	return frame
}

func (h *fakeHub) snapshot(user chat.UserID) chat.Snapshot {
	person := func(id chat.UserID, name string) chat.User {
		return chat.User{ID: id, DisplayName: name, Role: chat.RoleAgent, TeamIDs: []chat.TeamID{}, Active: true}
	}
	s := chat.Snapshot{Me: chat.Me{User: person(user, "Me"), Settings: chat.DefaultSettings(chat.RoleAgent)},
		Organisation: chat.Organisation{Name: "Acme", Messaging: true}, Teams: []chat.Team{{ID: "t1", Name: "Sales"}},
		People: []chat.User{person(ben, "Ben Berg"), person(cem, "Cem Can")}, Conversations: []chat.ConversationState{},
		Rights:   chat.Rights{Start: map[chat.UserID]chat.Can{ben: {Allowed: true}}, Post: map[chat.ConversationID]chat.Can{}},
		Presence: []chat.Presence{}}
	for _, id := range []chat.ConversationID{withBen, withCem} {
		if _, mine := id.OtherThan(user); !mine || h.lost[id] {
			continue
		}
		page := h.history(chat.HistoryLoadArgs{ConversationID: id, Limit: 3})
		if len(page.Messages) == 0 {
			continue
		}
		a, b, _ := id.DirectPair()
		s.Conversations = append(s.Conversations, chat.ConversationState{
			Conversation: chat.Conversation{ID: id, Kind: chat.KindDirect, Participants: []chat.UserID{a, b}},
			LastN:        page.Messages[len(page.Messages)-1].N, Tail: page.Messages, More: page.More})
		s.Rights.Post[id] = chat.Can{Allowed: true}
	}
	return s
}

func (h *fakeHub) history(args chat.HistoryLoadArgs) chat.HistoryLoadAnswer {
	all := []chat.Message{}
	for _, m := range h.posts {
		if m.ConversationID == args.ConversationID && (args.BeforeN == 0 || m.N < args.BeforeN) {
			all = append(all, m)
		}
	}
	skip := max(0, len(all)-args.Limit)
	return chat.HistoryLoadAnswer{Messages: all[skip:], More: skip > 0}
}

// post judges a message and commits it unless it is there.
func (h *fakeHub) post(user chat.UserID, q wire.Request, answer func(any, *chat.Error)) bool {
	var args chat.MessagePostArgs
	_ = json.Unmarshal(q.Args, &args)
	if args.Document != nil {
		args.Text, args.Document, _ = chat.CleanContent("", args.Document, true)
	}
	h.attempt = append(h.attempt, args.ID)
	try := 0
	for _, id := range h.attempt {
		if id == args.ID {
			try++
		}
	}
	v := commit
	if h.judge != nil {
		v = h.judge(args, try)
	}
	switch v {
	case cutBefore:
		return false
	case busy:
		answer(nil, &chat.Error{Code: chat.CodeBusy, Text: "busy", RetryAfterMs: 1500})
		return true
	case denied:
		answer(nil, &chat.Error{Code: chat.CodeDenied, Text: "You may not write to them.", Refusal: &chat.Refusal{Gate: chat.GatePersonal, Rule: chat.RuleStartOff}})
		return true
	case silent:
		return true
	}
	for _, m := range h.posts {
		if m.ID != args.ID {
			continue
		}
		if m.Text != args.Text || m.ConversationID != args.ConversationID || m.AuthorID != user {
			answer(nil, &chat.Error{Code: chat.CodeConflict, Text: "conflict"})
			return true
		}
		answer(chat.MessagePostAnswer{N: m.N, At: m.At}, nil)
		return true
	}
	if v == answerThenIt {
		// The answer must leave before the connection breaks, and the event must not.
		sockets := h.sockets
		h.sockets = nil
		m := h.commit(user, args)
		h.sockets = sockets
		answer(chat.MessagePostAnswer{N: m.N, At: m.At}, nil)
		return true
	}
	if v == cutAfter {
		h.sockets = map[*websocket.Conn]chan []byte{}
	}
	m := h.commit(user, args)
	answer(chat.MessagePostAnswer{N: m.N, At: m.At}, nil)
	return v != cutAfter
}

// commit numbers a message and tells it.
func (h *fakeHub) commit(author chat.UserID, args chat.MessagePostArgs) chat.Message {
	m := chat.Message{ID: args.ID, ConversationID: args.ConversationID, N: 1, AuthorID: author, At: chat.MillisOf(noon), Text: args.Text, Document: args.Document}
	for _, other := range h.posts {
		if other.ConversationID == m.ConversationID {
			m.N = other.N + 1
		}
	}
	m.At += chat.Millis(m.N)
	h.posts = append(h.posts, m)
	if m.N == 1 {
		a, b, _ := m.ConversationID.DirectPair()
		h.append(chat.Event{Type: chat.ConversationOpened, Conversation: &chat.Conversation{ID: m.ConversationID, Kind: chat.KindDirect, Participants: []chat.UserID{a, b}}})
	}
	h.append(chat.Event{Type: chat.MessagePosted, Message: &m})
	return m
}

func (h *fakeHub) append(e chat.Event) {
	raw, err := json.Marshal(e)
	if err != nil {
		h.t.Error(err)
	}
	prev := h.cursor()
	h.log = append(h.log, raw)
	h.send(wire.Frame{Prev: prev, Cursor: h.cursor(), Events: []json.RawMessage{raw}})
}

// send sends a frame to everybody who is connected; the mutex is held.
func (h *fakeHub) send(f wire.Frame) {
	data, err := json.Marshal(f)
	if err != nil {
		h.t.Error(err)
	}
	for _, out := range h.sockets {
		out <- data
	}
}

// --- what tests do ---

// says has a colleague write to Ana.
func (h *fakeHub) says(author chat.UserID, text string) chat.Message {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.commit(author, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: chat.DirectID(ana, author), Text: text})
}

func (h *fakeHub) tell(f wire.Frame) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.send(f)
}

func (h *fakeHub) set(change func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change()
}

// cutAll breaks every connection, as a network does.
func (h *fakeHub) cutAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ws := range h.sockets {
		ws.CloseNow()
	}
}

// closeAll ends every connection with a code.
func (h *fakeHub) closeAll(code websocket.StatusCode) {
	h.mu.Lock()
	var all []*websocket.Conn
	for ws := range h.sockets {
		all = append(all, ws)
	}
	h.mu.Unlock()
	for _, ws := range all {
		ws.Close(code, "")
	}
}

// await waits until ok, which is asked under the mutex whenever something has happened.
func (h *fakeHub) await(what string, ok func() bool) {
	h.t.Helper()
	awaitCond(h.t, h.changed, what, ok)
}

// texts lists what was committed in a conversation, in order.
func (h *fakeHub) texts(id chat.ConversationID) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []string
	for _, m := range h.posts {
		if m.ConversationID == id {
			all = append(all, m.Text)
		}
	}
	return all
}

// attempts counts the posts that arrived, repeats included.
func (h *fakeHub) attempts() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.attempt)
}
