package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"parley/backend/chat"
	"parley/backend/hub"
	"parley/backend/store"
	"parley/backend/wire"
)

// databaseFile is the database's name in a server's data directory.
const databaseFile = "parley.db"

// anyPassword stands for the hashing of passwords, which is slow on purpose and not what is measured.
type anyPassword struct{}

// Hash implements hub.Passwords.
func (anyPassword) Hash(context.Context, string) (string, error) { return "none", nil }

// Verify implements hub.Passwords.
func (anyPassword) Verify(context.Context, string, string) (bool, error) { return true, nil }

// prepare makes a data directory with n users, each with a session. Pairs are an agent and a supervisor, so each post asks
// the policy about roles, groups and personal settings.
func prepare(ctx context.Context, data string, n int) (sessions []wire.SignInAnswer, err error) {
	if err := os.Mkdir(data, 0o700); err != nil {
		return nil, err
	}
	quiet := slog.New(slog.DiscardHandler)
	st, err := store.Open(ctx, filepath.Join(data, databaseFile), store.Options{Now: chat.MillisOf(time.Now()), Log: quiet})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	h, err := hub.Open(ctx, hub.Options{Store: st, Passwords: anyPassword{}, Log: quiet})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	sessions = make([]wire.SignInAnswer, n)
	return sessions, inParallel(n, 64, func(i int) error {
		u := chat.UserAddArgs{Name: fmt.Sprintf("bench%04d", i), DisplayName: fmt.Sprintf("Bench user %d", i), Role: chat.RoleSupervisor,
			Teams: []string{fmt.Sprintf("Team %d", i%5)}, Password: "a password of the bench"}
		if i%2 == 0 {
			u.Role, u.Group = chat.RoleAgent, fmt.Sprintf("Group %d", i/2%8)
		}
		if _, err := h.Do(ctx, hub.Console, chat.UserAdd, u); err != nil {
			return err
		}
		in, err := h.SignIn(ctx, hub.SignInArgs{Name: u.Name, Password: u.Password, Device: chat.Device{ID: "bench", Kind: chat.DeviceDesktop, Name: "bench"}})
		sessions[i] = wire.SignInAnswer{Token: in.Token, UserID: in.UserID, SessionID: in.SessionID}
		return err
	})
}

// perCommit is how many messages fill writes in one transaction.
const perCommit = 5_000

// fill writes messages into the log of a server that does not run: missed ones from user 0 to user 1, and others' in all other
// pairs, evenly mixed. All these conversations must have begun.
func fill(ctx context.Context, data string, sessions []wire.SignInAnswer, missed, others int) (err error) {
	st, err := store.Open(ctx, filepath.Join(data, databaseFile), store.Options{MustExist: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	state, err := st.Load(ctx)
	if err != nil {
		return err
	}
	users := map[chat.UserID]store.UserKey{}
	for _, u := range state.Users {
		users[u.User.ID] = u.Key
	}
	conversations := map[chat.ConversationID]*store.Conversation{}
	for i := range state.Conversations {
		conversations[state.Conversations[i].ID] = &state.Conversations[i]
	}
	seq, at := state.Log.Head, chat.MillisOf(time.Now())
	var changes store.Changes
	write := func(pair int) error {
		author := sessions[2*pair].UserID
		c := conversations[chat.DirectID(author, sessions[2*pair+1].UserID)]
		if c == nil {
			return fmt.Errorf("pair %d has no conversation", pair)
		}
		seq, c.LastN = seq+1, c.LastN+1
		text := fmt.Sprintf("message %d of a long history ", seq)
		changes.Messages = append(changes.Messages, store.Message{Seq: seq, ID: chat.NewMessageID(), ConversationKey: c.Key, N: c.LastN,
			UserKey: users[author], At: at, Text: text + strings.Repeat("x", messageBytes-len(text)), Hash: make([]byte, 16)})
		if len(changes.Messages) < perCommit {
			return nil
		}
		err := st.Commit(&changes)
		changes.Messages = changes.Messages[:0]
		return err
	}
	pairs := len(sessions) / 2
	for i, done := 0, 0; i < missed+others; i++ {
		pair := 0
		if int64(i+1)*int64(missed)/int64(missed+others) > int64(done) { // the missed ones lie evenly among the others
			done++
		} else if pairs > 1 {
			pair = 1 + i%(pairs-1)
		}
		if err := errors.Join(ctx.Err(), write(pair)); err != nil {
			return err
		}
	}
	return st.Commit(&changes)
}
