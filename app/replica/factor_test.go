package replica_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/pquerna/otp/totp"

	"parley/app/replica"
	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/wire"
)

// bare is a page's socket before anybody is signed in.
type bare struct {
	t  *testing.T
	ws *websocket.Conn
	id int64
}

func openSignedOut(t *testing.T, r *replica.Replica) *bare {
	t.Helper()
	url, token := r.Endpoint()
	ws, resp, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{Subprotocols: []string{wire.SubprotocolName, wire.TokenPrefix + token},
		HTTPHeader: http.Header{"Origin": {"wails://wails"}}})
	if err != nil {
		t.Fatal(err)
	}
	if resp.Body != nil {
		_ = resp.Body.Close()
	}
	ws.SetReadLimit(wire.MaxSnapshotBytes)
	t.Cleanup(func() { _ = ws.CloseNow() })
	return &bare{t: t, ws: ws}
}

// try gives a command and returns its refusal, nil if it was carried out.
func (b *bare) try(do chat.CommandName, args, answer any) *chat.Error {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), rig.Patience)
	defer cancel()
	b.id++
	request, err := json.Marshal(map[string]any{"id": b.id, "do": do, "args": args})
	if err == nil {
		err = b.ws.Write(ctx, websocket.MessageText, request)
	}
	for err == nil {
		var data []byte
		if _, data, err = b.ws.Read(ctx); err != nil {
			break
		}
		var f wire.Frame
		if f, err = wire.DecodeFrame(data); err != nil || f.Re != b.id {
			continue
		}
		if f.Error == nil && answer != nil {
			err = json.Unmarshal(f.OK, answer)
		}
		if err == nil {
			return f.Error
		}
	}
	b.t.Fatal(err)
	return nil
}

// TestSignIn_secondFactor: the desktop asks for the code, sets a second factor up on the way in where one is required, and keeps
// no session before that.
func TestSignIn_secondFactor(t *testing.T) {
	s := rig.Start(t)
	keys := replica.FileKeys(t.TempDir())
	r, err := replica.Open(t.Context(), replica.Config{Profile: t.TempDir(), Origins: []string{"wails://wails"}, Keys: keys,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	ines := s.As("ines")
	o := ines.World().Organisation
	o.SecondFactor = []chat.Role{chat.RoleAgent}
	ines.Do(chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: o}, nil)

	page := openSignedOut(t, r)
	args := chat.ReplicaSignInArgs{Server: s.URL, Name: "mira", Password: rig.PasswordOf("mira")}
	asked := page.try(chat.ReplicaSignIn, args, nil)
	if asked == nil || asked.Code != chat.CodeEnrol || asked.Enrolment == nil {
		t.Fatalf("the password alone: %+v", asked)
	}
	if _, _, err := keys.Load(); !errors.Is(err, replica.ErrNoSecret) {
		t.Fatalf("half a sign-in is kept: %v", err)
	}
	now := time.Now()
	code := func(steps int) string {
		code, err := totp.GenerateCode(asked.Enrolment.Secret, now.Add(time.Duration(steps)*30*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	args.Code = "000000"
	if again := page.try(chat.ReplicaSignIn, args, nil); again == nil || again.Enrolment == nil || again.Enrolment.Secret != asked.Enrolment.Secret {
		t.Fatalf("a mistyped code: %+v", again)
	}
	args.Code = code(0)
	var done chat.ReplicaSignInAnswer
	if refused := page.try(chat.ReplicaSignIn, args, &done); refused != nil || len(done.RecoveryCodes) == 0 {
		t.Fatalf("with the code: %v, %+v", refused, done)
	}
	if refused := page.try(chat.ReplicaSignOut, struct{}{}, nil); refused != nil {
		t.Fatal(refused)
	}
	args.Code = ""
	if asked := page.try(chat.ReplicaSignIn, args, nil); asked == nil || asked.Code != chat.CodeSecondFactor {
		t.Fatalf("the next time: %+v", asked)
	}
	args.Code = done.RecoveryCodes[0]
	if refused := page.try(chat.ReplicaSignIn, args, nil); refused != nil {
		t.Fatal(refused)
	}
}
