package hub

import (
	"slices"
	"testing"

	"parley/backend/chat"
)

// watchers sets the rule of the group that somebody is in.
func (r *rig) watchers(of string, transcripts, live []string) {
	r.t.Helper()
	group := r.record(of).Group.ID
	var list chat.MonitoringListAnswer
	r.must(Console, chat.MonitoringList, nil, &list)
	rule := chat.MonitoringRule{GroupID: group}
	for _, known := range list.Rules {
		if known.GroupID == group {
			rule.Revision = known.Revision
		}
	}
	for _, name := range transcripts {
		rule.Transcripts = append(rule.Transcripts, r.users[name])
	}
	for _, name := range live {
		rule.Live = append(rule.Live, r.users[name])
	}
	r.must(Console, chat.MonitoringUpdate, chat.MonitoringUpdateArgs{Rule: rule}, nil)
}

func (c *client) readTranscript(a, b string) (chat.HistoryLoadAnswer, *chat.Error) {
	c.t.Helper()
	var answer chat.HistoryLoadAnswer
	err := c.ask(chat.TranscriptLoad, chat.HistoryLoadArgs{ConversationID: c.direct(a, b), Limit: 50}, &answer)
	return answer, err
}

func (c *client) follow(do chat.CommandName, a, b string) *chat.Error {
	c.t.Helper()
	return c.ask(do, chat.TranscriptWatchArgs{ConversationID: c.direct(a, b)}, nil)
}

func (c *client) transcripts(text string) chat.TranscriptListAnswer {
	c.t.Helper()
	var list chat.TranscriptListAnswer
	c.mustAsk(chat.TranscriptList, chat.TranscriptListArgs{Text: text, Limit: 50}, &list)
	return list
}

// followed returns the texts that a client was told of conversations it follows.
func (c *client) followed() []string {
	c.barrier()
	texts := []string{}
	for _, s := range c.watching {
		if s.Type == chat.SignalTranscript {
			texts = append(texts, s.Message.Text)
		}
	}
	return texts
}

// talks lets everybody talk whom the tests watch: agents of both groups with experts and each other, and experts among themselves.
func (r *rig) talks() {
	r.t.Helper()
	for _, pair := range [][2]string{{"max", "ana"}, {"max", "eve"}, {"mia", "max"}, {"sue", "ana"}, {"ada", "max"}} {
		r.connect(pair[0]).mustPost(pair[1], pair[0]+" to "+pair[1])
	}
	r.settings("ana", chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartEveryone, Targets: []string{}})
	r.connect("ana").mustPost("ben", "ana to ben")
}

// TestMonitoring_whoMay: each refusal has a twin that differs in the rule, or in the group, only.
func TestMonitoring_whoMay(t *testing.T) {
	r := newRig(t)
	r.talks()
	sue, ada, max := r.connect("sue"), r.connect("ada"), r.connect("max")
	unknown := func(what string, err *chat.Error) {
		t.Helper()
		if err == nil || err.Code != chat.CodeUnknown || err.Text != chat.ErrUnknown.Text {
			t.Errorf("%s: %v", what, err)
		}
	}
	allowed := func(what string, err *chat.Error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	read := func(c *client, a, b string) *chat.Error {
		t.Helper()
		_, err := c.readTranscript(a, b)
		return err
	}
	unknown("without a rule", read(sue, "ana", "max"))
	unknown("without a rule, live", sue.follow(chat.TranscriptWatch, "ana", "max"))
	if list := sue.transcripts(""); len(list.Conversations)+len(list.Groups) != 0 {
		t.Errorf("without a rule there is a list: %+v", list)
	}

	r.watchers("ana", []string{"sue"}, nil)
	allowed("with the rule of transcripts", read(sue, "ana", "max"))
	unknown("live is another right", sue.follow(chat.TranscriptWatch, "ana", "max"))
	r.watchers("ana", nil, []string{"sue"})
	allowed("with the rule of live", sue.follow(chat.TranscriptWatch, "ana", "max"))
	unknown("transcripts are another right", read(sue, "ana", "max"))

	r.watchers("ana", []string{"sue"}, []string{"sue"})
	unknown("an agent of another group", read(sue, "eve", "max"))
	unknown("among experts", read(sue, "max", "mia"))
	unknown("an administrator and an expert", read(sue, "ada", "max"))
	unknown("one's own", read(sue, "sue", "ana"))
	unknown("somebody who does not exist", sue.ask(chat.TranscriptLoad, chat.HistoryLoadArgs{ConversationID: chat.DirectID(chat.UserID(chat.NewUUID()), r.users["ana"]), Limit: 5}, nil))
	unknown("an administrator", read(ada, "ana", "max"))
	unknown("an expert", read(max, "ana", "ben"))
	unknown("a colleague", read(r.connect("ben"), "ana", "max"))
	r.watchers("eve", []string{"sue"}, nil)
	allowed("the other group, with its rule", read(sue, "eve", "max"))

	room := chat.NewRoomID()
	max.mustAsk(chat.RoomCreate, chat.RoomCreateArgs{ID: room, Name: "Quality", Participants: []chat.UserID{r.users["mia"]}}, nil)
	for _, c := range []*client{sue, ada} {
		unknown("a room", c.ask(chat.TranscriptLoad, chat.HistoryLoadArgs{ConversationID: room, Limit: 5}, nil))
		unknown("a room, live", c.ask(chat.TranscriptWatch, chat.TranscriptWatchArgs{ConversationID: room}, nil))
	}
	if err := max.ask(chat.TranscriptWatch, chat.TranscriptWatchArgs{ConversationID: room}, nil); err == nil {
		t.Error("a room is followed by a member")
	}
	if err := r.do(Console, chat.MonitoringUpdate, chat.MonitoringUpdateArgs{Rule: chat.MonitoringRule{GroupID: r.record("ana").Group.ID, Revision: 3,
		Live: []chat.UserID{r.users["max"]}}}, nil); chat.AsError(err).Code != chat.CodeInvalid {
		t.Errorf("a rule that names an expert: %v", err)
	}
}

func TestMonitoring_list(t *testing.T) {
	r := newRig(t)
	r.talks()
	r.watchers("ana", []string{"sue"}, nil)
	r.watchers("eve", nil, []string{"sue"})
	sue := r.connect("sue")
	list := sue.transcripts("")
	if len(list.Groups) != 2 || list.Groups[0].Group.Name != "North" || !list.Groups[0].Transcripts || list.Groups[0].Live || !list.Groups[1].Live {
		t.Errorf("groups %+v", list.Groups)
	}
	var ids []chat.ConversationID
	for _, c := range list.Conversations {
		ids = append(ids, c.Conversation.ID)
		if c.LastAt == 0 || len(c.Conversation.Participants) != 2 || c.Transcript == c.Live {
			t.Errorf("%+v", c)
		}
	}
	want := []chat.ConversationID{r.direct("ana", "max"), r.direct("eve", "max"), r.direct("ana", "ben")}
	slices.Sort(ids)
	slices.Sort(want)
	if !slices.Equal(ids, want) {
		t.Errorf("listed %v, want %v", ids, want)
	}
	if found := sue.transcripts(" BEN ").Conversations; len(found) != 1 || found[0].Conversation.ID != r.direct("ana", "ben") {
		t.Errorf("looking for Ben finds %+v", found)
	}
	var page, rest chat.TranscriptListAnswer
	sue.mustAsk(chat.TranscriptList, chat.TranscriptListArgs{Limit: 2}, &page)
	sue.mustAsk(chat.TranscriptList, chat.TranscriptListArgs{Limit: 2, AfterID: page.Conversations[1].Conversation.ID}, &rest)
	if !page.More || rest.More || len(rest.Conversations) != 1 || rest.Conversations[0].Conversation.ID != list.Conversations[2].Conversation.ID {
		t.Errorf("pages %+v, %+v", page, rest)
	}
}

// TestMonitoring_live: what is followed comes to the session that follows, moves no cursor, and stops with the right.
func TestMonitoring_live(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(r *rig, sue *client){
		"unwatched":      func(_ *rig, sue *client) { _ = sue.follow(chat.TranscriptUnwatch, "ana", "max") },
		"the rule":       func(r *rig, _ *client) { r.watchers("ana", []string{"sue"}, nil) },
		"another group":  func(r *rig, _ *client) { r.moveTo("ana", "South") },
		"the connection": func(_ *rig, sue *client) { sue.feed.Close(); sue.attach() },
		"no agent's chat": func(r *rig, _ *client) {
			expert := chat.RoleExpert
			r.update("ana", func(a *chat.UserUpdateArgs) { a.Role = &expert })
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.talks()
			r.watchers("ana", nil, []string{"sue"})
			sue, other, max := r.connect("sue"), r.connect("sue"), r.connect("max")
			max.mustPost("ana", "before")
			if err := sue.follow(chat.TranscriptWatch, "ana", "max"); err != nil {
				t.Fatal(err)
			}
			sue.barrier()
			cursor := sue.cursor
			max.mustPost("ana", "one")
			max.mustPost("eve", "elsewhere")
			r.connect("ana").mustPost("max", "two")
			if got := sue.followed(); !slices.Equal(got, []string{"one", "two"}) {
				t.Errorf("followed %q", got)
			}
			if sue.cursor != cursor || len(other.followed()) != 0 {
				t.Error("the cursor moved, or another session follows too")
			}
			end(r, sue)
			max.mustPost("ana", "after")
			if got := sue.followed(); slices.Contains(got, "after") {
				t.Errorf("after the end: %q", got)
			}
			ended := slices.ContainsFunc(sue.watching, func(s chat.Signal) bool {
				return s.Type == chat.SignalTranscriptEnded && s.ConversationID == r.direct("ana", "max")
			})
			if want := name != "unwatched" && name != "the connection"; ended != want {
				t.Errorf("told that it ended: %t, want %t", ended, want)
			}
		})
	}
}

// TestMonitoring_shown: the participants are told who follows, or nothing at all.
func TestMonitoring_shown(t *testing.T) {
	r := newRig(t)
	r.talks()
	r.watchers("ana", nil, []string{"sue"})
	sue, ana, ben, max := r.connect("sue"), r.connect("ana"), r.connect("ben"), r.connect("max")
	told := func(c *client) [][]chat.UserID {
		t.Helper()
		c.barrier()
		var all [][]chat.UserID
		for _, s := range c.watching {
			if s.Type == chat.SignalWatched && s.ConversationID == r.direct("ana", "max") {
				all = append(all, s.Watchers)
			}
		}
		return all
	}
	same := func(what string, got [][]chat.UserID, want ...[]chat.UserID) {
		t.Helper()
		if !slices.EqualFunc(got, want, func(a, b []chat.UserID) bool { return slices.Equal(a, b) }) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	by := []chat.UserID{r.users["sue"]}
	if err := sue.follow(chat.TranscriptWatch, "ana", "max"); err != nil {
		t.Fatal(err)
	}
	same("hidden, ana", told(ana))
	r.must(Console, chat.MonitoringShow, chat.MonitoringShowArgs{Shown: true}, nil)
	same("shown from now on, ana", told(ana), by)
	same("max", told(max), by)
	same("ben, whom it does not concern", told(ben))
	same("somebody who comes", told(r.connect("max")), by)
	sue.feed.Close()
	same("the end", told(ana), by, nil)
	r.must(Console, chat.MonitoringShow, chat.MonitoringShowArgs{}, nil)
	sue.attach()
	if err := sue.follow(chat.TranscriptWatch, "ana", "max"); err != nil {
		t.Fatal(err)
	}
	same("hidden again", told(ana), by, nil)
}

// TestMonitoring_audited: who reads and follows is in the log, of which nobody is told; a refusal leaves nothing.
func TestMonitoring_audited(t *testing.T) {
	r := newRig(t)
	r.talks()
	r.watchers("ana", []string{"sue"}, []string{"sue"})
	sue, ada := r.connect("sue"), r.connect("ada")
	before, events := len(r.auditLog(chat.AuditListArgs{})), len(ada.told())
	if _, err := sue.readTranscript("ana", "max"); err != nil {
		t.Fatal(err)
	}
	if err := sue.follow(chat.TranscriptWatch, "ana", "max"); err != nil {
		t.Fatal(err)
	}
	if _, err := sue.readTranscript("eve", "max"); err == nil {
		t.Error("the other group is read")
	}
	entries := r.auditLog(chat.AuditListArgs{})
	if len(entries) != before+2 || entries[0].Command != chat.TranscriptWatch || entries[1].Command != chat.TranscriptLoad {
		t.Fatalf("%d new entries: %+v", len(entries)-before, entries)
	}
	if e := entries[1]; e.ByID != r.users["sue"] || e.Subject.Kind != chat.SubjectConversation || e.Subject.Name != "Ana, Max" || string(e.Changes[0].To) != `{"fromN":1,"throughN":1}` {
		t.Errorf("the entry is %+v", e)
	}
	if ada.barrier(); len(ada.told()) != events {
		t.Error("administrators are told who reads")
	}
	var chain chat.AuditVerifyAnswer
	if r.must(Console, chat.AuditVerify, nil, &chain); chain.BrokenN != 0 {
		t.Errorf("the chain is broken at %d", chain.BrokenN)
	}
}

// TestMonitoring_hiddenByAWall: what a wall hides from both stays readable for their supervisors (EXP-20), after a restart too.
func TestMonitoring_hiddenByAWall(t *testing.T) {
	r := newRig(t)
	r.talks()
	r.watchers("ana", []string{"sue"}, nil)
	r.moveTo("ben", "South")
	if err := r.connect("ana").ask(chat.HistoryLoad, chat.HistoryLoadArgs{ConversationID: r.direct("ana", "ben"), Limit: 5}, nil); err == nil || err.Code != chat.CodeUnknown {
		t.Errorf("ana reads over the wall: %v", err)
	}
	r.restart()
	answer, err := r.connect("sue").readTranscript("ana", "ben")
	if err != nil || len(answer.Messages) != 1 || answer.Messages[0].Text != "ana to ben" {
		t.Errorf("sue reads %+v, %v", answer, err)
	}
}
