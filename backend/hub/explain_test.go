package hub

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/backend/chat"
)

// explain asks why one of the cast may do something to another.
func (r *rig) explain(a Actor, actor string, act chat.Act, other string) *chat.Explanation {
	r.t.Helper()
	var e chat.Explanation
	r.must(a, chat.ExplainAsk, chat.ExplainAskArgs{ActorID: r.users[actor], Act: act, OtherID: r.users[other]}, &e)
	return &e
}

// steps says in short what a fix would change.
func steps(f *chat.Fix) string {
	if f == nil {
		return "nothing"
	}
	var words []string
	for _, s := range f.Steps {
		word := string(s.Kind) + string(s.TeamID) + string(s.Role) + string(s.Mode) + s.Group
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

// TestExplain_smallestFix goes through what refuses, and executes what is proposed: afterwards it is allowed (WHY-1).
func TestExplain_smallestFix(t *testing.T) {
	t.Parallel()
	off := func(o *chat.Organisation) { o.Messaging = false }
	mode := func(m chat.MessagingMode) func(*chat.Organisation) {
		return func(o *chat.Organisation) { o.Mode = m }
	}
	roles := chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartRoles, Targets: []string{"supervisor"}}
	for name, c := range map[string]struct {
		prepare func(r *rig)
		actor   string
		act     chat.Act
		other   string
		rule    chat.Rule
		fix     string
	}{
		"Start off: with this one only": {func(*rig) {}, "ana", chat.ActPost, "max", chat.RuleStartOff, "personal.startUser"},
		"Start by role: this role too":  {func(r *rig) { r.settings("ana", roles) }, "ana", chat.ActPost, "max", chat.RuleStartNotIncluded, "personal.startRoleexpert"},
		"the switch, and then Start": {func(r *rig) { r.organisation(off) }, "ana", chat.ActPost, "max", chat.RuleMessagingOff,
			"switch.on, personal.startUser"},
		"superiors only, an expert": {func(r *rig) { r.organisation(mode(chat.ModeSuperiorsOnly)) }, "max", chat.ActPost, "ana", chat.RuleSuperiorsOnly,
			"switch.modeeveryone"},
		"administrators start, a supervisor": {func(r *rig) { r.organisation(mode(chat.ModeAdministratorsStart)) }, "sue", chat.ActPost, "max",
			chat.RuleAdministratorsStart, "switch.modesuperiorsOnly"},
		"the wall, and then Start": {func(*rig) {}, "eve", chat.ActPost, "ana", chat.RuleWall, "wall.groupSouth, personal.startUser"},
		"a deactivated account": {func(r *rig) { no := false; r.update("mia", func(a *chat.UserUpdateArgs) { a.Active = &no }) }, "max", chat.ActPost, "mia",
			chat.RuleOtherInactive, "account.activate"},
		"Replies off": {func(r *rig) {
			r.settings("ana", chat.MessagingSettings{Scope: chat.StartEveryone})
			r.connect("max").mustPost("ana", "hello")
		}, "ana", chat.ActPost, "max", chat.RuleRepliesOff, "personal.startUser"},
		"only Replies answer": {func(r *rig) {
			r.settings("ana", chat.MessagingSettings{Scope: chat.StartEveryone})
			r.connect("max").mustPost("ana", "hello")
		}, "ana", chat.ActReply, "max", chat.RuleRepliesOff, "personal.repliesOn"},
		"configure": {func(*rig) {}, "sue", chat.ActConfigure, "ana", chat.RuleNotAdministrator, "nothing"},
		"see":       {func(*rig) {}, "ana", chat.ActSee, "eve", chat.RuleWall, "wall.groupSouth"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.must(Console, chat.UserAdd, chat.UserAddArgs{Name: "sol", DisplayName: "Sol", Role: chat.RoleAgent, Group: "North", Password: password}, nil)
			c.prepare(r)
			ada := r.signIn("ada")
			e := r.explain(ada, c.actor, c.act, c.other)
			if e.Allowed || e.Rule != c.rule || steps(e.Fix) != c.fix || len(e.Gates) != 7 {
				t.Fatalf("%+v, fix %s; want %s and %s", e, steps(e.Fix), c.rule, c.fix)
			}
			if e.Fix == nil {
				return
			}
			gained := e.Fix.Gained
			var p chat.ChangePreviewAnswer
			r.must(ada, chat.ChangePreview, chat.ChangePreviewArgs{Changes: e.Fix.Changes}, &p)
			if p.Gained != gained || c.act != chat.ActSee && gained == 0 {
				t.Errorf("said to open %d pairs, opens %d", gained, p.Gained)
			}
			for _, ch := range e.Fix.Changes {
				r.must(ada, ch.Do, ch.Args, nil)
			}
			if e = r.explain(ada, c.actor, c.act, c.other); !e.Allowed || e.Fix != nil || e.SetBy != nil {
				t.Errorf("after the fix: %+v", e)
			}
		})
	}
}

// TestExplain_licenseAndSet: for messages with customers a license is needed, and of the sets that grant the act the one that
// grants the least (SET-4, SET-13).
func TestExplain_licenseAndSet(t *testing.T) {
	r := newRig(t)
	r.set(chat.PermissionSet{Label: "Everything", Permissions: chat.AppPermissions})
	r.set(chat.PermissionSet{Label: "Engage", Permissions: []chat.Permission{chat.PermissionMessagingAgent}})
	r.set(chat.PermissionSet{Label: "Flows", Permissions: []chat.Permission{chat.PermissionRunFlows}})
	ada := r.signIn("ada")
	e := r.explain(ada, "ana", chat.ActEngage, "")
	if e.Rule != chat.RuleNoLicense || steps(e.Fix) != "license.assign, grant.set" || e.Fix.Steps[1].Name != "Engage" {
		t.Fatalf("%+v, fix %+v", e, e.Fix)
	}
	if own := r.explain(r.signIn("ana"), "ana", chat.ActEngage, ""); own.Fix == nil || own.Fix.Steps[1].Name != "" || own.Fix.Steps[1].SetID != "" {
		t.Errorf("ana is told %+v", own.Fix)
	}
	for _, ch := range e.Fix.Changes {
		r.must(ada, ch.Do, ch.Args, nil)
	}
	if e = r.explain(ada, "ana", chat.ActEngage, ""); !e.Allowed {
		t.Errorf("after the fix: %+v", e)
	}
}

func TestExplain_pendingWouldHelp(t *testing.T) {
	r := newRig(t)
	ada := r.signIn("ada")
	wants := chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartUsers, Targets: []string{string(r.users["max"])}}
	r.must(ada, chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: r.users["ana"], Revision: 1, Settings: wants}, nil)
	if e := r.explain(ada, "ana", chat.ActStart, "max"); steps(e.Fix) != "personal.applyPending" {
		t.Errorf("%+v, %s", e, steps(e.Fix))
	}
}

func TestExplain_whoAndWhen(t *testing.T) {
	r := newRig(t)
	ada, ana := r.signIn("ada"), r.signIn("ana")
	r.clock.turn(time.Hour)
	at := r.hub.now()
	r.must(ada, chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: r.users["ana"], Revision: 1, ApplyNow: true,
		Settings: chat.MessagingSettings{Replies: true, Scope: chat.StartRoles, Targets: []string{"expert"}}}, nil)
	for who, asker := range map[string]Actor{"an administrator": ada, "ana herself": ana} {
		if s := r.explain(asker, "ana", chat.ActPost, "max").SetBy; s == nil || s.UserID != r.users["ada"] || s.Name != "Ada" || s.At != at {
			t.Errorf("%s is told %+v", who, s)
		}
	}
	no := false
	r.must(ada, chat.UserUpdate, chat.UserUpdateArgs{UserID: r.users["max"], Revision: 1, Active: &no}, nil)
	if s := r.explain(ada, "ana", chat.ActPost, "max").SetBy; s == nil || s.Name != "Ada" {
		t.Errorf("who deactivated max: %+v", s)
	}
	if e := r.explain(ana, "ana", chat.ActPost, "max"); e.Rule != chat.RuleOtherInactive || e.SetBy != nil {
		t.Errorf("ana is told who deactivated another: %+v", e)
	}
}

// TestExplain_ofOneself: everybody may ask about themselves, and only administrators about others and other times.
func TestExplain_ofOneself(t *testing.T) {
	r := newRig(t)
	for _, name := range []string{"ana", "sue", "max"} {
		a := r.signIn(name)
		for what, args := range map[string]chat.ExplainAskArgs{
			"somebody":         {ActorID: r.users["ben"], Act: chat.ActPost, OtherID: r.users["max"]},
			"nobody":           {ActorID: "nobody", Act: chat.ActPost, OtherID: r.users["max"]},
			"an earlier time":  {Act: chat.ActPost, OtherID: r.users["mia"], At: 1},
			"the hidden's own": {ActorID: r.users["eve"], Act: chat.ActPost, OtherID: r.users["ana"]},
		} {
			if err := chat.AsError(r.do(a, chat.ExplainAsk, args, nil)); err.Code != chat.CodeDenied || err.Refusal.Rule != chat.RuleNotAdministrator {
				t.Errorf("%s asks about %s: %v", name, what, err)
			}
		}
	}
	var e chat.Explanation
	r.must(r.signIn("ana"), chat.ExplainAsk, chat.ExplainAskArgs{Act: chat.ActPost, ConversationID: r.direct("ana", "max")}, &e)
	if e.ActorID != r.users["ana"] || e.OtherID != r.users["max"] || e.Rule != chat.RuleStartOff || e.Fix == nil || e.Fix.Changes != nil || e.Fix.Gained != 0 {
		t.Errorf("%+v", e)
	}
	for what, args := range map[string]chat.ExplainAskArgs{
		"no act":      {OtherID: r.users["max"]},
		"unheard of":  {Act: "fly", OtherID: r.users["max"]},
		"two targets": {Act: chat.ActPost, OtherID: r.users["max"], ConversationID: r.direct("ana", "max")},
	} {
		if err := r.do(r.signIn("ana"), chat.ExplainAsk, args, nil); chat.AsError(err).Code != chat.CodeInvalid {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestExplain_hiddenLikeNobody: about somebody behind the wall, an unknown person, others' conversations and rooms, every act is
// explained in the same bytes.
func TestExplain_hiddenLikeNobody(t *testing.T) {
	r := newRig(t)
	r.startsAll("ana")
	sue, max := r.connect("sue"), r.connect("max")
	sue.mustPost("eve", "there is something to hide")
	room := chat.NewRoomID()
	max.mustAsk(chat.RoomCreate, chat.RoomCreateArgs{ID: room, Name: "Secret", Participants: []chat.UserID{r.users["mia"]}}, nil)
	ana := r.signIn("ana")
	for act := range explainable {
		want := ""
		for what, args := range map[string]chat.ExplainAskArgs{
			"nobody":                 {Act: act, OtherID: chat.UserID(chat.NewUUID())},
			"behind the wall":        {Act: act, OtherID: r.users["eve"]},
			"a talk with the hidden": {Act: act, ConversationID: r.direct("ana", "eve")},
			"others' talk":           {Act: act, ConversationID: r.direct("sue", "eve")},
			"no talk":                {Act: act, ConversationID: "d.x"},
			"others' room":           {Act: act, ConversationID: room},
			"no room":                {Act: act, ConversationID: chat.NewRoomID()},
		} {
			raw, err := r.hub.Do(t.Context(), ana, chat.ExplainAsk, args)
			aboutNobody := act == chat.ActConnect || act == chat.ActOwn || act == chat.ActGather || act == chat.ActSee || act.Administers() || onCustomers[act]
			if aboutNobody && args.ConversationID.IsRoom() {
				continue // these acts are not done to a room, whether there is one or not
			}
			got := string(raw) + string(mustEncode(chat.AsError(err)))
			if err == nil || want != "" && got != want {
				t.Errorf("%s, %s: %s; other than %s", act, what, got, want)
			}
			want = got
		}
	}
	raw, _ := r.hub.Do(t.Context(), ana, chat.ExplainAsk, chat.ExplainAskArgs{Act: chat.ActConfigure, OtherID: r.users["max"]})
	var e chat.Explanation
	if json.Unmarshal(raw, &e); e.Rule != chat.RuleNotAdministrator {
		t.Errorf("configure somebody who is known: %s", raw)
	}
}

// TestExplain_twoWorlds: what ana is told of everybody she sees is the same whatever is behind the wall.
func TestExplain_twoWorlds(t *testing.T) {
	r := newRig(t)
	roles := chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartTeams, Targets: []string{}}
	for _, team := range r.hub.facts.Load().teamsSeen(nil) {
		if team.Name != "Furniture" {
			roles.Targets = append(roles.Targets, string(team.ID))
		}
	}
	teams := []string{"Furniture", "Returns"}
	r.update("max", func(a *chat.UserUpdateArgs) { a.Teams = &teams })
	r.settings("ana", roles)
	ana := r.signIn("ana")
	told := func() string {
		var all []byte
		for _, name := range []string{"ben", "sue", "ada", "max", "mia"} {
			for _, act := range []chat.Act{chat.ActSee, chat.ActPost, chat.ActStart, chat.ActReply, chat.ActInvite, chat.ActGather} {
				raw, err := r.hub.Do(t.Context(), ana, chat.ExplainAsk, chat.ExplainAskArgs{Act: act, OtherID: r.users[name]})
				all = append(append(all, raw...), mustEncode(chat.AsError(err))...)
			}
		}
		return string(all)
	}
	before := told()
	for i := range 5 { // many more in one of max's teams, all hidden
		r.must(Console, chat.UserAdd, chat.UserAddArgs{Name: "hidden" + string(rune('a'+i)), DisplayName: "Hidden", Role: chat.RoleAgent, Group: "South",
			Teams: []string{"Returns"}, Password: password}, nil)
	}
	r.startsAll("eve")
	if after := told(); after != before {
		t.Errorf("what ana is told depends on whom she may not know of:\n%s\n%s", before, after)
	}
	if strings.Contains(before, "South") || strings.Contains(before, string(r.users["eve"])) {
		t.Error("ana is told of the other group")
	}
}

func TestPreview_saysWhatThenHappens(t *testing.T) {
	r := newRig(t)
	ada, ana, ben := r.connect("ada"), r.connect("ana"), r.connect("ben")
	r.startsAll("ana")
	ana.mustPost("ben", "one")
	ana.mustPost("max", "two")
	ada.barrier()
	ben.barrier()
	before := r.hub.facts.Load()
	frames, rights := len(ada.got)+len(ben.got), len(ada.rights)
	group := "South"
	var p chat.ChangePreviewAnswer
	ada.mustAsk(chat.ChangePreview, chat.ChangePreviewArgs{Changes: []chat.Change{
		change(chat.UserUpdate, chat.UserUpdateArgs{UserID: r.users["ben"], Revision: r.record("ben").Revision, Group: &group}),
	}}, &p)
	pair := func(a, o string, was, is chat.Reach) chat.PairMove {
		return chat.PairMove{ActorID: r.users[a], OtherID: r.users[o], Before: was, After: is}
	}
	if p.Lost != 2 || !slices.Contains(p.LostPairs, pair("ana", "ben", chat.ReachStart, chat.ReachNone)) ||
		!slices.Contains(p.LostPairs, pair("ben", "ana", chat.ReachReply, chat.ReachNone)) {
		t.Errorf("lost: %+v", p.LostPairs)
	}
	if p.Gained != 2 || !slices.Contains(p.GainedPairs, pair("ben", "eve", chat.ReachNone, chat.ReachReply)) {
		t.Errorf("gained: %+v", p.GainedPairs)
	}
	if p.CutCount != 1 || len(p.Cut) != 1 || p.Cut[0].Kind != chat.CutHidden || p.Cut[0].ConversationID != r.direct("ana", "ben") {
		t.Errorf("cut: %+v", p.Cut)
	}
	ben.barrier()
	if r.hub.facts.Load() != before || len(ada.got)+len(ben.got) != frames || len(ada.rights) != rights {
		t.Error("a preview changed or told something")
	}
	if _, sees := ben.people[r.users["ana"]]; !sees {
		t.Error("a preview raised a wall")
	}
}

func TestPreview_manyThings(t *testing.T) {
	r := newRig(t)
	ada, max := r.connect("ada"), r.connect("max")
	max.mustPost("ana", "hello")
	room := chat.NewRoomID()
	max.mustAsk(chat.RoomCreate, chat.RoomCreateArgs{ID: room, Name: "Quality", Participants: []chat.UserID{r.users["mia"]}}, nil)
	preview := func(changes ...chat.Change) (p chat.ChangePreviewAnswer) {
		t.Helper()
		ada.mustAsk(chat.ChangePreview, chat.ChangePreviewArgs{Changes: changes}, &p)
		return p
	}
	settings := func(name string, s chat.MessagingSettings, now bool) chat.Change {
		return change(chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: r.users[name], Revision: r.record(name).Revision, Settings: s, ApplyNow: now})
	}
	silent := chat.MessagingSettings{Scope: chat.StartEveryone}
	for _, now := range []bool{true, false} { // IM-19: what comes at the next sign-in is foretold as if it had
		p := preview(settings("ana", silent, now), settings("ben", silent, now))
		if p.Lost != 10 || p.CutCount != 1 || p.Cut[0].Kind != chat.CutOneWay || len(p.Stranded) != 2 || (len(p.Later) == 2) == now {
			t.Errorf("Replies off, now %t: %+v", now, p)
		}
	}
	agent := chat.RoleAgent
	p := preview(change(chat.UserUpdate, chat.UserUpdateArgs{UserID: r.users["mia"], Revision: r.record("mia").Revision, Role: &agent}))
	if p.CutCount != 1 || p.Cut[0].Kind != chat.CutLeft || p.Cut[0].ConversationID != room || !slices.Equal(p.Cut[0].UserIDs, []chat.UserID{r.users["mia"]}) {
		t.Errorf("mia becomes an agent: %+v", p)
	}
	no, o := false, r.hub.facts.Load().organisation.Organisation
	if p = preview(change(chat.UserUpdate, chat.UserUpdateArgs{UserID: r.users["max"], Revision: r.record("max").Revision, Active: &no})); !slices.Equal(p.SignedOut,
		[]chat.UserID{r.users["max"]}) || p.Cut[0].Kind != chat.CutSilent {
		t.Errorf("max is deactivated: %+v", p)
	}
	o.Messaging = false
	if p = preview(change(chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: o})); p.Gained != 0 || len(p.Stranded) != 3 || p.CutCount != 1 {
		t.Errorf("the switch: %+v", p)
	}
	if p = preview(change(chat.UserAdd, chat.UserAddArgs{Name: "new", DisplayName: "New", Role: chat.RoleAgent, Group: "North", Password: password})); p.Gained != 12 || p.Lost != 0 {
		t.Errorf("somebody new: %+v", p)
	}
	teams := []string{}
	var furniture []chat.TeamID
	for _, x := range r.hub.facts.Load().teamsSeen(nil) {
		furniture = append(furniture, x.ID)
	}
	var queue chat.QueueCreateAnswer
	r.must(Console, chat.QueueCreate, chat.QueueCreateArgs{Name: "Claims", TeamIDs: furniture}, &queue)
	leaves := func(name string) chat.Change {
		return change(chat.UserUpdate, chat.UserUpdateArgs{UserID: r.users[name], Revision: r.record(name).Revision, Teams: &teams})
	}
	if p = preview(leaves("ana")); len(p.Queues) != 0 {
		t.Errorf("one of two leaves the queue: %v", p.Queues)
	}
	if p = preview(leaves("ana"), leaves("eve")); len(p.Queues) != 1 || p.Queues[0] != queue.QueueID {
		t.Errorf("the last leaves the queue: %v", p.Queues)
	}
	// The key that the new user had on scratch is the next real user's.
	var added chat.UserAddAnswer
	r.must(ada.actor, chat.UserAdd, chat.UserAddArgs{Name: "real", DisplayName: "Real", Role: chat.RoleExpert, Password: password}, &added)
	if f := r.hub.facts.Load(); f.ids[len(f.ids)-1] != added.UserID {
		t.Error("the real user's key belongs to another")
	}
}

// TestPreview_refusals: a preview fails as the commands would, and takes none that do not configure.
func TestPreview_refusals(t *testing.T) {
	r := newRig(t)
	ada := r.signIn("ada")
	title := "x"
	for what, c := range map[string]struct {
		changes []chat.Change
		code    chat.Code
	}{
		"nothing":          {nil, chat.CodeInvalid},
		"a message":        {[]chat.Change{change(chat.MessagePost, none{})}, chat.CodeInvalid},
		"unheard of":       {[]chat.Change{change("user.fly", none{})}, chat.CodeInvalid},
		"reads":            {[]chat.Change{change(chat.UserList, none{})}, chat.CodeInvalid},
		"itself":           {[]chat.Change{change(chat.ChangePreview, none{})}, chat.CodeInvalid},
		"an old revision":  {[]chat.Change{change(chat.UserUpdate, chat.UserUpdateArgs{UserID: r.users["ana"], Revision: 7, Title: &title})}, chat.CodeConflict},
		"nobody":           {[]chat.Change{change(chat.UserUpdate, chat.UserUpdateArgs{UserID: "x", Revision: 1})}, chat.CodeUnknown},
		"an administrator": {[]chat.Change{change(chat.SettingsUpdate, chat.SettingsUpdateArgs{UserID: r.users["ada"], Revision: 1})}, chat.CodeDenied},
	} {
		if err := r.do(ada, chat.ChangePreview, chat.ChangePreviewArgs{Changes: c.changes}, nil); chat.AsError(err).Code != c.code {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestPreview_oneAtATime: whoever asks while another is computed waits, and leaves when they end.
func TestPreview_oneAtATime(t *testing.T) {
	r := newRig(t)
	release, err := r.hub.computing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ada := r.connect("ada")
	o := r.hub.facts.Load().organisation.Organisation
	args := chat.ChangePreviewArgs{Changes: []chat.Change{change(chat.OrganisationUpdate, chat.OrganisationUpdateArgs{Organisation: o})}}
	answered := make(chan error, 1)
	go func() { answered <- r.do(ada.actor, chat.ChangePreview, args, nil) }()
	select {
	case err := <-answered:
		t.Fatalf("answered while another was computed: %v", err)
	default:
	}
	release()
	if err := <-answered; err != nil {
		t.Fatal(err)
	}
	c := &call{h: r.hub, facts: r.hub.facts.Load(), actor: ada.actor, me: r.hub.facts.Load().user(r.users["ada"]), now: r.hub.now()}
	ctx := c.whileAsked(t.Context())
	if ctx.Err() != nil {
		t.Fatal(ctx.Err())
	}
	if err := r.hub.SignOut(t.Context(), ada.actor); err != nil {
		t.Fatal(err)
	}
	if ctx.Err() == nil {
		t.Error("it goes on for somebody who has signed out")
	}
}
