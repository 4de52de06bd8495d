package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/coder/websocket"

	"parley/backend/chat"
	"parley/backend/wire"
)

// signIn signs a desktop's core in at a server, as its page would: over the page's socket, with the token of the page's
// address. A profile that is signed in already is left as it is.
func signIn(ctx context.Context, page, server, name, password string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	at, err := url.Parse(page)
	if err != nil || at.Fragment == "" {
		return errors.New("the core did not print the address of its page")
	}
	conn, _, err := websocket.Dial(ctx, "ws://"+at.Host+"/v1/socket", &websocket.DialOptions{
		Subprotocols: []string{wire.SubprotocolName, wire.TokenPrefix + at.Fragment},
		HTTPHeader:   map[string][]string{"Origin": {"http://" + at.Host}},
	})
	if err != nil {
		return fmt.Errorf("connect to the core: %w", err)
	}
	defer conn.CloseNow()
	conn.SetReadLimit(wire.MaxSnapshotBytes)
	hello := chat.HelloArgs{Protocol: chat.ProtocolVersion,
		Device: chat.Device{ID: chat.DeviceID(chat.NewUUID()), Kind: chat.DeviceDesktop, Name: "The demo's start"}}
	err = ask(ctx, conn, 1, chat.Hello, hello)
	if chat.AsError(err).Code != chat.CodeSignedOut {
		return err
	}
	return ask(ctx, conn, 2, chat.ReplicaSignIn, chat.ReplicaSignInArgs{Server: server, Name: name, Password: password})
}

// ask sends a request and waits for its answer; other frames are not looked at.
func ask(ctx context.Context, conn *websocket.Conn, id int64, do chat.CommandName, args any) error {
	raw, err := json.Marshal(args)
	if err != nil {
		return fmt.Errorf("encode %s: %w", do, err)
	}
	request, err := json.Marshal(wire.Request{ID: id, Do: do, Args: raw})
	if err != nil {
		return fmt.Errorf("encode %s: %w", do, err)
	}
	if err := conn.Write(ctx, websocket.MessageText, request); err != nil {
		return fmt.Errorf("send %s: %w", do, err)
	}
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return fmt.Errorf("wait for the answer to %s: %w", do, err)
		}
		var frame wire.Frame
		if err := json.Unmarshal(data, &frame); err != nil {
			return fmt.Errorf("read a frame: %w", err)
		}
		if frame.Re == id && frame.Error != nil {
			return frame.Error
		}
		if frame.Re == id {
			return nil
		}
	}
}
