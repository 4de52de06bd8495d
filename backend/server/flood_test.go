package server_test

import (
	"testing"

	"github.com/coder/websocket"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/server"
)

// TestSocket_passwordTries: the old password cannot be guessed at on an open socket, nor on the next one of the session.
func TestSocket_passwordTries(t *testing.T) {
	s := rig.Start(t)
	token := s.SignIn("mira").Token
	refused := 0
	for range 2 {
		p, _, err := dial(t, s, "Authorization", "Bearer "+token)
		if err != nil {
			t.Fatal(err)
		}
		p.hello()
		for range 8 {
			p.send(websocket.MessageText, `{"id":5,"do":"password.change","args":{"old":"a wild guess","new":"a new password"}}`)
			switch e := p.answer(5).Error; {
			case e == nil:
				t.Fatal("a wrong old password changed it")
			case e.Code == chat.CodeBusy && e.RetryAfterMs > 0:
				refused++
			case e.Code != chat.CodeDenied:
				t.Fatal(e)
			}
		}
		p.alive()
	}
	if refused == 0 {
		t.Error("16 guesses were all tried")
	}
	other := plugIn(t, s, "tomas")
	other.hello()
	other.send(websocket.MessageText, `{"id":5,"do":"password.change","args":{"old":"a wild guess","new":"a new password"}}`)
	if e := other.answer(5).Error; e == nil || e.Code != chat.CodeDenied {
		t.Errorf("another user's first try: %v", e)
	}
}

// TestSocket_connectLoop: a user who connects again and again is refused, and keeps nobody else out.
func TestSocket_connectLoop(t *testing.T) {
	s := rig.Start(t, rig.Limits(server.Options{MaxSocketsPerUser: 2, AcceptPerUser: 1, AcceptPerSecond: 10}))
	mira, tomas := s.SignIn("mira").Token, s.SignIn("tomas").Token
	refused := 0
	for range 100 {
		p, resp, err := dial(t, s, "Authorization", "Bearer "+mira)
		switch {
		case resp == nil:
			t.Fatal(err)
		case resp.StatusCode == 503:
			refused++
		default:
			_ = p.conn.CloseNow()
		}
	}
	if refused == 0 {
		t.Error("a hundred connections at once were all taken")
	}
	p, _, err := dial(t, s, "Authorization", "Bearer "+tomas)
	if err != nil {
		t.Fatalf("another user's: %v", err)
	}
	p.hello()
}
