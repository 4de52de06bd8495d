package rig_test

import (
	"encoding/json"
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/rig"
)

// TestReceipts_expertsGiveNone: an agent cannot tell whether an expert has read what they wrote (EXP-16): not live, not after an
// absence, not by the history, not by what a new device is told. The expert's own devices know.
func TestReceipts_expertsGiveNone(t *testing.T) {
	s := rig.Start(t)
	mira, liam := s.As("mira"), s.As("liam")
	for _, text := range []string{"one", "two", "three"} {
		liam.Post("mira", "say "+text)
		mira.Post("liam", text)
	}
	mira.Post("liam", "four")
	liam.ExpectText("four")
	talk := s.Direct("mira", "liam")
	picture := func() (heard, fresh, history string) {
		mira.Barrier()
		heard = mira.Heard()
		var page json.RawMessage
		mira.Do(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: talk, Limit: 10}, &page)
		world := mira.Fresh()
		return heard, world.Render(), string(page)
	}
	_, fresh, history := picture()
	other := s.Absent("liam", s.URL)
	other.Connect()
	other.Barrier()
	liam.Do(chat.ReadMark, chat.ReadMarkArgs{ConversationID: talk, N: 6}, nil)
	other.Expect("the mark", func(e chat.Event) bool { return e.Type == chat.ReadMarked && e.Read.N == 6 })
	mira.Disconnect()
	liam.Do(chat.ReadMark, chat.ReadMarkArgs{ConversationID: talk, N: 7}, nil)
	mira.Connect()
	heardAfter, freshAfter, historyAfter := picture()
	if strings.Contains(heardAfter, string(chat.ReadMarked)) {
		t.Errorf("mira is told that liam has read: %s", heardAfter)
	}
	if freshAfter != fresh || historyAfter != history {
		t.Errorf("mira is told\n%s\n%s\nwhere she was told before\n%s\n%s", freshAfter, historyAfter, fresh, history)
	}
}

// TestPlainText_expertsInRooms: experts send no formatting, in rooms either, nor by an edit (EXP-11); supervisors do.
func TestPlainText_expertsInRooms(t *testing.T) {
	s := rig.Start(t)
	liam, renata := s.As("liam"), s.As("renata")
	room := gather(liam, "Glass", renata)
	bold := json.RawMessage(`{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"bold","marks":[{"type":"bold"}]}]}]}`)
	plain := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: room, Text: "plain"}
	liam.Do(chat.MessagePost, plain, nil)
	refusedBy(t, liam.Refused(chat.MessagePost, chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: room, Document: bold}),
		chat.GateGrant, chat.RulePlainTextOnly)
	refusedBy(t, liam.Refused(chat.MessageEdit, chat.MessageEditArgs{ConversationID: room, ID: plain.ID, Document: bold}),
		chat.GateGrant, chat.RulePlainTextOnly)
	rich := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: room, Document: bold}
	renata.Do(chat.MessagePost, rich, nil)
	renata.Do(chat.MessageEdit, chat.MessageEditArgs{ConversationID: room, ID: rich.ID, Document: json.RawMessage(strings.ReplaceAll(string(bold), "bold\",", "bolder\","))}, nil)
	liam.ExpectText("bold")
}
