package chat_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"parley/backend/chat"
)

// The files in testdata are the examples of the vocabulary. The tests here keep them equal to what Go reads and writes;
// the interface's tests and other clients' may read the same files.

// example reads a file of testdata.
func example(t *testing.T, name string, v any) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// mustRoundTrip fails unless raw is decoded into v without a field left over, and encoded again says the same.
func mustRoundTrip(t *testing.T, raw json.RawMessage, v any) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	encoded, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if !sameJSON(t, raw, encoded) {
		t.Errorf("the example\n%s\nis written as\n%s", raw, encoded)
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal(a, &x); err != nil {
		t.Fatalf("%s: %v", a, err)
	}
	if err := json.Unmarshal(b, &y); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return reflect.DeepEqual(x, y)
}

type none struct{}

// forms are the argument and answer of each command, of the hub and of the replica.
var forms = map[chat.CommandName]struct{ args, answer any }{
	chat.Hello:              {&chat.HelloArgs{}, &chat.HelloAnswer{}},
	chat.Ping:               {&none{}, &none{}},
	chat.MessagePost:        {&chat.MessagePostArgs{}, &chat.MessagePostAnswer{}},
	chat.MessageEdit:        {&chat.MessageEditArgs{}, &chat.RevisionAnswer{}},
	chat.MessageDelete:      {&chat.MessageDeleteArgs{}, &none{}},
	chat.MessageReact:       {&chat.MessageReactArgs{}, &none{}},
	chat.MessageVersions:    {&chat.MessageVersionsArgs{}, &chat.MessageVersionsAnswer{}},
	chat.HistoryLoad:        {&chat.HistoryLoadArgs{}, &chat.HistoryLoadAnswer{}},
	chat.MessageSearch:      {&chat.MessageSearchArgs{}, &chat.MessageSearchAnswer{}},
	chat.ReadMark:           {&chat.ReadMarkArgs{}, &none{}},
	chat.DraftSet:           {&chat.DraftSetArgs{}, &none{}},
	chat.TypingSet:          {&chat.TypingSetArgs{}, &none{}},
	chat.RoomCreate:         {&chat.RoomCreateArgs{}, &none{}},
	chat.RoomInvite:         {&chat.RoomInviteArgs{}, &none{}},
	chat.RoomLeave:          {&chat.RoomLeaveArgs{}, &none{}},
	chat.RoomFind:           {&chat.RoomFindArgs{}, &chat.RoomFindAnswer{}},
	chat.RoomJoin:           {&chat.RoomJoinArgs{}, &none{}},
	chat.RoomSetTopic:       {&chat.RoomSetTopicArgs{}, &none{}},
	chat.RoomUpdate:         {&chat.RoomUpdateArgs{}, &none{}},
	chat.RoomSetOwner:       {&chat.RoomSetOwnerArgs{}, &none{}},
	chat.RoomRemove:         {&chat.RoomRemoveArgs{}, &none{}},
	chat.StatusSet:          {&chat.StatusSetArgs{}, &none{}},
	chat.IdleSet:            {&chat.IdleSetArgs{}, &none{}},
	chat.AttentionUpdate:    {&chat.AttentionUpdateArgs{}, &none{}},
	chat.ConversationMute:   {&chat.ConversationMuteArgs{}, &none{}},
	chat.PushSubscribe:      {&chat.PushSubscribeArgs{}, &none{}},
	chat.PushUnsubscribe:    {&none{}, &none{}},
	chat.SessionList:        {&none{}, &chat.SessionListAnswer{}},
	chat.SessionEnd:         {&chat.SessionEndArgs{}, &none{}},
	chat.PasswordChange:     {&chat.PasswordChangeArgs{}, &none{}},
	chat.UserAdd:            {&chat.UserAddArgs{}, &chat.UserAddAnswer{}},
	chat.UserList:           {&none{}, &chat.UserListAnswer{}},
	chat.UserUpdate:         {&chat.UserUpdateArgs{}, &chat.RevisionAnswer{}},
	chat.FactorShow:         {&none{}, &chat.FactorState{}},
	chat.FactorBegin:        {&chat.FactorBeginArgs{}, &chat.Enrolment{}},
	chat.FactorConfirm:      {&chat.FactorCodeArgs{}, &chat.RecoveryAnswer{}},
	chat.FactorRenew:        {&chat.FactorCodeArgs{}, &chat.RecoveryAnswer{}},
	chat.FactorDisable:      {&chat.FactorCodeArgs{}, &none{}},
	chat.UserResetFactor:    {&chat.UserResetFactorArgs{}, &none{}},
	chat.UserSetPassword:    {&chat.UserSetPasswordArgs{}, &none{}},
	chat.UserUpdateMany:     {&chat.UserUpdateManyArgs{}, &chat.UserUpdateManyAnswer{}},
	chat.UserImport:         {&chat.UserImportArgs{}, &chat.UserImportAnswer{}},
	chat.GroupCreate:        {&chat.GroupCreateArgs{}, &chat.GroupCreateAnswer{}},
	chat.GroupUpdate:        {&chat.GroupUpdateArgs{}, &chat.RevisionAnswer{}},
	chat.GroupSetDefault:    {&chat.GroupSetDefaultArgs{}, &chat.RevisionAnswer{}},
	chat.GroupDelete:        {&chat.GroupRevisionArgs{}, &none{}},
	chat.TeamCreate:         {&chat.TeamCreateArgs{}, &chat.TeamCreateAnswer{}},
	chat.TeamRename:         {&chat.TeamRenameArgs{}, &chat.RevisionAnswer{}},
	chat.TeamDelete:         {&chat.TeamDeleteArgs{}, &none{}},
	chat.QueueCreate:        {&chat.QueueCreateArgs{}, &chat.QueueCreateAnswer{}},
	chat.QueueUpdate:        {&chat.QueueUpdateArgs{}, &chat.RevisionAnswer{}},
	chat.QueueDelete:        {&chat.QueueDeleteArgs{}, &none{}},
	chat.TemplateList:       {&none{}, &chat.TemplateListAnswer{}},
	chat.TemplateCreate:     {&chat.TemplateCreateArgs{}, &chat.RevisionAnswer{}},
	chat.TemplateUpdate:     {&chat.TemplateUpdateArgs{}, &chat.RevisionAnswer{}},
	chat.TemplateDelete:     {&chat.TemplateDeleteArgs{}, &none{}},
	chat.SettingsUpdate:     {&chat.SettingsUpdateArgs{}, &chat.RevisionAnswer{}},
	chat.OrganisationUpdate: {&chat.OrganisationUpdateArgs{}, &chat.RevisionAnswer{}},
	chat.SetList:            {&none{}, &chat.SetListAnswer{}},
	chat.SetCreate:          {&chat.SetCreateArgs{}, &chat.SetAnswer{}},
	chat.SetUpdate:          {&chat.SetUpdateArgs{}, &chat.SetAnswer{}},
	chat.SetClone:           {&chat.SetCloneArgs{}, &chat.SetAnswer{}},
	chat.SetDelete:          {&chat.SetDeleteArgs{}, &none{}},
	chat.SetAssign:          {&chat.SetAssignArgs{}, &chat.UsersAnswer{}},
	chat.LicenseAssign:      {&chat.LicenseAssignArgs{}, &chat.UsersAnswer{}},
	chat.EditionPreview:     {&chat.EditionPreviewArgs{}, &chat.EditionPreviewAnswer{}},
	chat.EditionUpdate:      {&chat.EditionUpdateArgs{}, &chat.RevisionAnswer{}},
	chat.ExplainAsk:         {&chat.ExplainAskArgs{}, &chat.Explanation{}},
	chat.ChangePreview:      {&chat.ChangePreviewArgs{}, &chat.ChangePreviewAnswer{}},
	chat.AuditList:          {&chat.AuditListArgs{}, &chat.AuditListAnswer{}},
	chat.AuditVerify:        {&none{}, &chat.AuditVerifyAnswer{}},
	chat.HealthCheck:        {&none{}, &chat.HealthCheckAnswer{}},
	chat.RequestMake:        {&chat.RequestMakeArgs{}, &chat.RequestMakeAnswer{}},
	chat.RequestList:        {&chat.RequestListArgs{}, &chat.RequestListAnswer{}},
	chat.RequestDecide:      {&chat.RequestDecideArgs{}, &none{}},
	chat.MonitoringList:     {&none{}, &chat.MonitoringListAnswer{}},
	chat.MonitoringUpdate:   {&chat.MonitoringUpdateArgs{}, &chat.RevisionAnswer{}},
	chat.MonitoringShow:     {&chat.MonitoringShowArgs{}, &none{}},
	chat.TranscriptList:     {&chat.TranscriptListArgs{}, &chat.TranscriptListAnswer{}},
	chat.TranscriptLoad:     {&chat.HistoryLoadArgs{}, &chat.HistoryLoadAnswer{}},
	chat.TranscriptWatch:    {&chat.TranscriptWatchArgs{}, &none{}},
	chat.TranscriptUnwatch:  {&chat.TranscriptWatchArgs{}, &none{}},
	chat.TranscriptVersions: {&chat.MessageVersionsArgs{}, &chat.MessageVersionsAnswer{}},
	chat.ReplicaSSOName:     {&chat.ReplicaServerArgs{}, &chat.ReplicaSSONameAnswer{}},
	chat.ReplicaSSOBegin:    {&chat.ReplicaServerArgs{}, &chat.ReplicaSSOBeginAnswer{}},
	chat.ReplicaSSOAwait:    {&none{}, &none{}},
	chat.ReplicaSignIn:      {&chat.ReplicaSignInArgs{}, &chat.ReplicaSignInAnswer{}},
	chat.ReplicaSignOut:     {&none{}, &none{}},
	chat.ReplicaRetry:       {&none{}, &none{}},
	chat.OutboxDiscard:      {&chat.OutboxDiscardArgs{}, &none{}},
	chat.AttentionLook:      {&chat.AttentionLookArgs{}, &none{}},
	chat.FileTicket:         {&chat.FileTicketArgs{}, &chat.FileTicketAnswer{}},
}

func TestExamples_commands(t *testing.T) {
	examples := map[chat.CommandName]struct{ Args, Answer json.RawMessage }{}
	example(t, "commands.json", &examples)
	for name := range chat.Commands {
		if _, ok := forms[name]; !ok {
			t.Errorf("%s is in the table of commands and has no form here", name)
		}
	}
	for name, form := range forms {
		e, ok := examples[name]
		if !ok {
			t.Errorf("%s has no example", name)
			continue
		}
		delete(examples, name)
		t.Run(string(name), func(t *testing.T) {
			mustRoundTrip(t, e.Args, form.args)
			mustRoundTrip(t, e.Answer, form.answer)
		})
	}
	for name := range examples {
		t.Errorf("there is an example of %s, which is no command", name)
	}
}

func TestExamples_events(t *testing.T) {
	var examples []json.RawMessage
	example(t, "events.json", &examples)
	seen := map[chat.EventType]bool{}
	for _, raw := range examples {
		var e chat.Event
		mustRoundTrip(t, raw, &e)
		seen[e.Type] = true
		if n := fieldsSet(e); n != 1 {
			t.Errorf("%s carries %d things, want 1", e.Type, n)
		}
	}
	for name := range chat.EventTypes {
		if !seen[name] {
			t.Errorf("%s has no example", name)
		}
	}
	if len(seen) != len(chat.EventTypes) {
		t.Errorf("examples of %d types, the table has %d", len(seen), len(chat.EventTypes))
	}
}

// fieldsSet counts the pointers of e that are set.
func fieldsSet(e chat.Event) int {
	v, set := reflect.ValueOf(e), 0
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Pointer && !f.IsNil() {
			set++
		}
	}
	return set
}

func TestExamples_signals(t *testing.T) {
	var examples []json.RawMessage
	example(t, "signals.json", &examples)
	want := slices.Collect(maps.Keys(chat.SignalTypes))
	for _, raw := range examples {
		var s chat.Signal
		mustRoundTrip(t, raw, &s)
		want = slices.DeleteFunc(want, func(t chat.SignalType) bool { return t == s.Type })
	}
	if len(want) > 0 {
		t.Errorf("without an example: %v", want)
	}
}

func TestExamples_snapshot(t *testing.T) {
	var raw json.RawMessage
	example(t, "snapshot.json", &raw)
	mustRoundTrip(t, raw, &chat.Snapshot{})
}

// TestDefaultSettings: IM-5, IM-6; and the list is a list, never null on the wire.
func TestDefaultSettings(t *testing.T) {
	for _, role := range chat.Roles {
		s := chat.DefaultSettings(role)
		if !s.Replies || s.Start != (role != chat.RoleAgent) || s.Scope != chat.StartEveryone || s.Targets == nil {
			t.Errorf("%s: %+v", role, s)
		}
	}
}

func TestExamples_documents(t *testing.T) {
	var examples []struct {
		Name      string
		Document  json.RawMessage
		Text      string
		Canonical json.RawMessage
		Refused   string
	}
	example(t, "documents.json", &examples)
	for _, e := range examples {
		t.Run(e.Name, func(t *testing.T) {
			text, canonical, err := chat.CleanContent("", e.Document, true)
			if e.Refused != "" {
				mustBe(t, err, chat.CodeInvalid, e.Refused)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if text != e.Text {
				t.Errorf("its text is %q, want %q", text, e.Text)
			}
			want := e.Canonical
			if want == nil {
				want = e.Document
			}
			if !sameJSON(t, canonical, want) {
				t.Errorf("it is kept as %s", canonical)
			}
			again, twice, err := chat.CleanContent("", canonical, true)
			if err != nil || again != text || !bytes.Equal(twice, canonical) {
				t.Errorf("cleaning twice is not cleaning once: %s, %v", twice, err)
			}
			if _, _, err := chat.CleanContent("", e.Document, false); chat.AsError(err).Code != chat.CodeDenied {
				t.Errorf("an expert may send it (EXP-11): %v", err)
			}
		})
	}
}
