package hub

import (
	"slices"
	"strings"
	"testing"
	"time"

	"parley/backend/chat"
)

// set returns the permission set of the label, made by the console if there is none.
func (r *rig) set(set chat.PermissionSet) chat.PermissionSet {
	r.t.Helper()
	var list chat.SetListAnswer
	r.must(Console, chat.SetList, nil, &list)
	if i := slices.IndexFunc(list.Sets, func(s chat.PermissionSet) bool { return s.Label == set.Label }); i >= 0 {
		return list.Sets[i]
	}
	var answer chat.SetAnswer
	r.must(Console, chat.SetCreate, chat.SetCreateArgs{Set: set}, &answer)
	return answer.Set
}

// seen names users in their present revisions.
func (r *rig) seen(names ...string) []chat.UserRevision {
	r.t.Helper()
	var users []chat.UserRevision
	for _, name := range names {
		users = append(users, chat.UserRevision{UserID: r.users[name], Revision: r.record(name).Revision})
	}
	return users
}

// grant gives users a set of these permissions, made for them.
func (r *rig) grant(names []string, permissions ...chat.Permission) chat.PermissionSet {
	r.t.Helper()
	label := "Of"
	for _, p := range permissions {
		label += " " + string(p)
	}
	set := r.set(chat.PermissionSet{Label: label, Permissions: permissions})
	r.must(Console, chat.SetAssign, chat.SetAssignArgs{Users: r.seen(names...), Enable: []chat.SetRevision{set.Seen()}}, nil)
	return set
}

func (r *rig) license(names ...string) {
	r.t.Helper()
	license := r.hub.facts.Load().licensing.Edition.License()
	r.must(Console, chat.LicenseAssign, chat.LicenseAssignArgs{Users: r.seen(names...), License: license}, nil)
}

// TestSets_form says what a set must look like to be kept (SET-8, SET-9).
func TestSets_form(t *testing.T) {
	r := newRig(t)
	good := chat.PermissionSet{Label: " Night shift ", Permissions: []chat.Permission{chat.PermissionViewSetup, chat.PermissionMessagingAgent, chat.PermissionViewSetup}}
	set := r.set(good)
	if set.Label != "Night shift" || set.APIName != "Night_shift" || set.Sessions != chat.AccessNone || set.Revision != 1 ||
		!slices.Equal(set.Permissions, []chat.Permission{chat.PermissionMessagingAgent, chat.PermissionViewSetup}) {
		t.Errorf("kept as %+v", set)
	}
	for what, change := range map[string]func(*chat.PermissionSet){
		"no label":                  func(s *chat.PermissionSet) { s.Label = " " },
		"an API name with a space":  func(s *chat.PermissionSet) { s.APIName = "Night shift" },
		"one that begins with 1":    func(s *chat.PermissionSet) { s.APIName = "1st" },
		"one of 81 characters":      func(s *chat.PermissionSet) { s.APIName = strings.Repeat("a", 81) },
		"unknown permission":        func(s *chat.PermissionSet) { s.Permissions = []chat.Permission{"fly"} },
		"unknown access":            func(s *chat.PermissionSet) { s.Sessions = "some" },
		"unknown status":            func(s *chat.PermissionSet) { s.Statuses = []chat.WorkState{"asleep"} },
		"unknown license":           func(s *chat.PermissionSet) { s.License = "gold" },
		"SET-9: tied and app right": func(s *chat.PermissionSet) { s.License = chat.LicenseMessagingUser },
	} {
		bad := good
		bad.Label = "Other"
		change(&bad)
		if err := r.do(Console, chat.SetCreate, chat.SetCreateArgs{Set: bad}, nil); chat.AsError(err).Code != chat.CodeInvalid {
			t.Errorf("%s: %v", what, err)
		}
	}
	tied := chat.PermissionSet{Label: "Tied", License: chat.LicenseMessagingUser, Permissions: []chat.Permission{chat.PermissionViewSetup}, Sessions: chat.AccessOwn}
	if got := r.set(tied); got.License != tied.License || got.Sessions != tied.Sessions {
		t.Errorf("SET-9, the twin: %+v", got)
	}
	if err := r.do(Console, chat.SetCreate, chat.SetCreateArgs{Set: chat.PermissionSet{Label: "x", APIName: "night_SHIFT"}}, nil); chat.AsError(err).Code != chat.CodeConflict {
		t.Errorf("an API name that is taken: %v", err)
	}
	renamed := set
	renamed.APIName = "Day_shift"
	if err := r.do(Console, chat.SetUpdate, chat.SetUpdateArgs{Set: renamed}, nil); chat.AsError(err).Code != chat.CodeInvalid {
		t.Errorf("SET-8: another API name for a saved set: %v", err)
	}
	var clone chat.SetAnswer
	r.must(Console, chat.SetClone, chat.SetCloneArgs{SetID: set.ID, Label: "Day shift"}, &clone)
	if clone.Set.ID == set.ID || clone.Set.APIName != "Day_shift" || !slices.Equal(clone.Set.Permissions, set.Permissions) {
		t.Errorf("SET-19: the clone is %+v", clone.Set)
	}
	r.restart()
	if got := r.set(chat.PermissionSet{Label: "Day shift"}); got.ID != clone.Set.ID || !slices.Equal(got.Permissions, set.Permissions) {
		t.Errorf("after a restart: %+v", got)
	}
}

// TestSets_conflict: what somebody else changed meanwhile stays.
func TestSets_conflict(t *testing.T) {
	r := newRig(t)
	set := r.set(chat.PermissionSet{Label: "Viewers"})
	ana := r.seen("ana")
	set.Label = "Readers"
	r.must(Console, chat.SetUpdate, chat.SetUpdateArgs{Set: set}, nil)
	r.license("ana")
	for what, try := range map[string]struct {
		name chat.CommandName
		args any
	}{
		"update":  {chat.SetUpdate, chat.SetUpdateArgs{Set: set}},
		"delete":  {chat.SetDelete, chat.SetDeleteArgs{SetID: set.ID, Revision: 1}},
		"assign":  {chat.SetAssign, chat.SetAssignArgs{Users: ana, Enable: []chat.SetRevision{set.Seen()}}},
		"license": {chat.LicenseAssign, chat.LicenseAssignArgs{Users: ana}},
		"many":    {chat.LicenseAssign, chat.LicenseAssignArgs{Users: append(r.seen("ben"), ana...), License: chat.LicenseMessagingUser}},
		"edition": {chat.EditionUpdate, chat.EditionUpdateArgs{Edition: chat.EditionContactCenter, Revision: 1}},
	} {
		if err := r.do(Console, try.name, try.args, nil); chat.AsError(err).Code != chat.CodeConflict {
			t.Errorf("%s of an older revision: %v", what, err)
		}
	}
	if r.record("ben").License != "" {
		t.Error("of many users, some got what others did not")
	}
	set = r.set(set)
	r.must(Console, chat.SetAssign, chat.SetAssignArgs{Users: r.seen("ana", "ben"), Enable: []chat.SetRevision{set.Seen()}}, nil)
	if !slices.Equal(r.record("ben").SetIDs, []chat.PermissionSetID{set.ID}) {
		t.Errorf("SET-22: ben has %v", r.record("ben").SetIDs)
	}
}

// TestSets_escalation tries each way to a right that one lacks (SET-23). Each refusal has a twin that differs in that right alone,
// and is done.
func TestSets_escalation(t *testing.T) {
	t.Parallel()
	data := []chat.Permission{chat.PermissionModifyAllData}
	set := func(r *rig) chat.PermissionSet {
		return r.set(chat.PermissionSet{Label: "Data", Permissions: data})
	}
	admin, agent, supervisor := chat.RoleAdministrator, chat.RoleAgent, chat.RoleSupervisor
	title, south := "Helped", "South"
	rename := func(who string) func(*rig) (chat.CommandName, any) {
		return func(r *rig) (chat.CommandName, any) {
			return chat.UserUpdate, chat.UserUpdateArgs{UserID: r.users[who], Revision: r.record(who).Revision, Title: &title}
		}
	}
	promote := func(role chat.Role) func(*rig) (chat.CommandName, any) {
		return func(r *rig) (chat.CommandName, any) {
			return chat.UserUpdate, chat.UserUpdateArgs{UserID: r.users["ben"], Revision: r.record("ben").Revision, Role: &role}
		}
	}
	add := func(role chat.Role, group string) func(*rig) (chat.CommandName, any) {
		return func(*rig) (chat.CommandName, any) {
			return chat.UserAdd, chat.UserAddArgs{Name: "new", DisplayName: "New", Role: role, Group: group, Password: password}
		}
	}
	setPassword := func(who string) func(*rig) (chat.CommandName, any) {
		return func(r *rig) (chat.CommandName, any) {
			return chat.UserSetPassword, chat.UserSetPasswordArgs{UserID: r.users[who], Password: password + "!"}
		}
	}
	resetFactor := func(who string) func(*rig) (chat.CommandName, any) {
		return func(r *rig) (chat.CommandName, any) {
			return chat.UserResetFactor, chat.UserResetFactorArgs{UserID: r.users[who]}
		}
	}
	assign := func(who string) func(*rig) (chat.CommandName, any) {
		return func(r *rig) (chat.CommandName, any) {
			return chat.SetAssign, chat.SetAssignArgs{Users: r.seen(who), Enable: []chat.SetRevision{set(r).Seen()}}
		}
	}
	tests := map[string]struct {
		by      string
		right   chat.Permission
		prepare func(*rig)
		refused func(*rig) (chat.CommandName, any)
		// twin is what is done instead, or with what the asker holds as well.
		with []chat.Permission
		twin func(*rig) (chat.CommandName, any)
	}{
		"an administrator's account is edited":      {by: "sue", right: chat.PermissionManageInternalUsers, refused: rename("ada"), twin: rename("max")},
		"an administrator's password is replaced":   {by: "sue", right: chat.PermissionManageInternalUsers, refused: setPassword("ada"), twin: setPassword("max")},
		"an administrator's second factor is reset": {by: "sue", right: chat.PermissionManageInternalUsers, refused: resetFactor("ada"), twin: resetFactor("max")},
		"an administrator is made":                  {by: "sue", right: chat.PermissionManageInternalUsers, refused: add(admin, ""), twin: add(supervisor, "")},
		"somebody is promoted":                      {by: "sue", right: chat.PermissionManageInternalUsers, refused: promote(admin), twin: promote(supervisor)},
		"oneself is promoted":                       {by: "ben", right: chat.PermissionManageInternalUsers, refused: promote(supervisor), twin: rename("ben")},
		"the password of somebody with more rights": {by: "sue", right: chat.PermissionManageInternalUsers, with: data, refused: setPassword("max"), twin: setPassword("max"),
			prepare: func(r *rig) { r.grant([]string{"max"}, data...) }},
		"an administrator's license":   {by: "sue", right: chat.PermissionManageUsers, refused: licenses("ada"), twin: licenses("max")},
		"an administrator gets a set":  {by: "sue", right: chat.PermissionAssignPermissionSets, with: data, refused: assign("ada"), twin: assign("max")},
		"a set with a right one lacks": {by: "sue", right: chat.PermissionAssignPermissionSets, with: data, refused: assign("max"), twin: assign("max")},
		"the same to oneself":          {by: "sue", right: chat.PermissionAssignPermissionSets, with: data, refused: assign("sue"), twin: assign("sue")},
		"a set is made stronger than oneself": {by: "sue", right: chat.PermissionManagePermissionSets, with: data,
			refused: func(*rig) (chat.CommandName, any) {
				return chat.SetCreate, chat.SetCreateArgs{Set: chat.PermissionSet{Label: "Mine", Permissions: data}}
			},
			twin: func(*rig) (chat.CommandName, any) {
				return chat.SetCreate, chat.SetCreateArgs{Set: chat.PermissionSet{Label: "Mine", Permissions: data}}
			}},
		"a stronger one is cloned": {by: "sue", right: chat.PermissionManagePermissionSets, with: data, prepare: func(r *rig) { set(r) },
			refused: func(r *rig) (chat.CommandName, any) {
				return chat.SetClone, chat.SetCloneArgs{SetID: set(r).ID, Label: "Mine"}
			},
			twin: func(r *rig) (chat.CommandName, any) {
				return chat.SetClone, chat.SetCloneArgs{SetID: set(r).ID, Label: "Mine"}
			}},
		"one's own set grows": {by: "sue", right: chat.PermissionManagePermissionSets, with: data, refused: grow, twin: grow},
		"a license wakes a set tied to it": {by: "sue", right: chat.PermissionManageUsers, with: data, refused: licenses("max"), twin: licenses("max"),
			prepare: func(r *rig) {
				tied := r.set(chat.PermissionSet{Label: "Tied", License: chat.LicenseMessagingUser, Permissions: data})
				r.must(Console, chat.SetAssign, chat.SetAssignArgs{Users: r.seen("max"), Enable: []chat.SetRevision{tied.Seen()}}, nil)
			}},
		"an agent makes an agent elsewhere": {by: "ana", right: chat.PermissionManageInternalUsers, refused: add(agent, "South"), twin: add(agent, "North")},
		"an agent goes through the wall": {by: "ben", right: chat.PermissionManageInternalUsers, twin: rename("ben"),
			refused: func(r *rig) (chat.CommandName, any) {
				return chat.UserUpdate, chat.UserUpdateArgs{UserID: r.users["ben"], Revision: r.record("ben").Revision, Group: &south}
			}},
	}
	for what, tt := range tests {
		t.Run(what, func(t *testing.T) {
			r := newRig(t)
			if tt.prepare != nil {
				tt.prepare(r)
			}
			r.grant([]string{tt.by}, tt.right)
			by := r.signIn(tt.by)
			name, args := tt.refused(r)
			if err := chat.AsError(r.do(by, name, args, nil)); err == nil || err.Code != chat.CodeDenied || err.Refusal.Rule != chat.RuleBeyondOwn {
				t.Fatalf("%s: %v, want a refusal by %s", name, err, chat.RuleBeyondOwn)
			}
			if len(tt.with) > 0 {
				r.grant([]string{tt.by}, tt.with...)
			}
			name, args = tt.twin(r)
			r.must(by, name, args, nil)
		})
	}
}

func licenses(who string) func(*rig) (chat.CommandName, any) {
	return func(r *rig) (chat.CommandName, any) {
		return chat.LicenseAssign, chat.LicenseAssignArgs{Users: r.seen(who), License: chat.LicenseMessagingUser}
	}
}

// grow adds a right to a set that sue holds already.
func grow(r *rig) (chat.CommandName, any) {
	set := r.set(chat.PermissionSet{Label: "Of managePermissionSets"})
	set.Permissions = []chat.Permission{chat.PermissionManagePermissionSets, chat.PermissionModifyAllData}
	return chat.SetUpdate, chat.SetUpdateArgs{Set: set}
}

// TestSets_wall: an agent who may administer is told of nobody behind the wall, in the words for nobody at all.
func TestSets_wall(t *testing.T) {
	r := newRig(t)
	r.grant([]string{"ana"}, chat.PermissionManageInternalUsers)
	ana := r.signIn("ana")
	var list chat.UserListAnswer
	r.must(ana, chat.UserList, nil, &list)
	for _, u := range list.Users {
		if u.User.ID == r.users["eve"] || u.Group != nil && u.Group.Name == "South" {
			t.Errorf("listed: %+v", u)
		}
	}
	if len(list.Users) != len(cast)-1 || len(list.Groups) != 1 {
		t.Errorf("%d users, groups %v", len(list.Users), list.Groups)
	}
	title := "x"
	for _, id := range []chat.UserID{r.users["eve"], "nobody"} {
		err := chat.AsError(r.do(ana, chat.UserUpdate, chat.UserUpdateArgs{UserID: id, Revision: 1, Title: &title}, nil))
		if *err != *chat.ErrUnknown {
			t.Errorf("editing %s: %v", id, err)
		}
	}
}

// TestSets_atOnce: what is taken is gone for sessions that are open, and told to them.
func TestSets_atOnce(t *testing.T) {
	r := newRig(t)
	set := r.grant([]string{"sue"}, chat.PermissionViewSetup)
	sue := r.connect("sue")
	sue.mustAsk(chat.UserList, nil, nil)
	r.must(Console, chat.SetAssign, chat.SetAssignArgs{Users: r.seen("sue"), Disable: []chat.SetRevision{set.Seen()}}, nil)
	if err := sue.ask(chat.UserList, nil, nil); err == nil || err.Code != chat.CodeDenied {
		t.Errorf("after the set was taken: %v", err)
	}
	r.must(Console, chat.SetAssign, chat.SetAssignArgs{Users: r.seen("sue"), Enable: []chat.SetRevision{set.Seen()}}, nil)
	sue.mustAsk(chat.UserList, nil, nil)
	r.must(Console, chat.SetDelete, chat.SetDeleteArgs{SetID: set.ID, Revision: set.Revision, Holders: 1}, nil)
	if err := sue.ask(chat.UserList, nil, nil); err == nil || err.Code != chat.CodeDenied {
		t.Errorf("after the set was deleted: %v", err)
	}
	var told []int
	for _, e := range sue.got {
		if e.Type == chat.MeChanged {
			told = append(told, len(e.Me.Permissions))
		}
	}
	if !slices.Equal(told, []int{0, 1, 0}) {
		t.Errorf("told of permissions: %v", told)
	}
	r.restart()
	if r.record("sue").SetIDs != nil {
		t.Errorf("kept: %v", r.record("sue").SetIDs)
	}
}

// TestSets_viewersPreviewNothing: previews and health tell who talks to whom, behind walls too, and so are for administrators.
func TestSets_viewersPreviewNothing(t *testing.T) {
	r := newRig(t)
	r.grant([]string{"ana"}, chat.PermissionViewSetup, chat.PermissionManagePermissionSets)
	preview := chat.ChangePreviewArgs{Changes: []chat.Change{{Do: chat.SetCreate, Args: []byte(`{"set":{"label":"New"}}`)}}}
	for _, by := range []string{"ana", "ada"} {
		a := r.signIn(by)
		r.must(a, chat.UserList, nil, nil)
		for do, args := range map[chat.CommandName]any{chat.ChangePreview: preview, chat.HealthCheck: nil} {
			err := chat.AsError(r.do(a, do, args, nil))
			if refused := err != nil && err.Code == chat.CodeDenied; refused != (by == "ana") {
				t.Errorf("%s by %s: %v", do, by, err)
			}
		}
	}
}

// TestSets_statuses: the presence statuses that sets allow are all that may be chosen (SET-10).
func TestSets_statuses(t *testing.T) {
	r := newRig(t)
	ana := r.connect("ana")
	set := r.set(chat.PermissionSet{Label: "Lunch", Statuses: []chat.WorkState{chat.WorkAvailable, chat.WorkBreak}})
	ana.mustAsk(chat.StatusSet, chat.StatusSetArgs{State: chat.WorkWrapUp}, nil)
	r.must(Console, chat.SetAssign, chat.SetAssignArgs{Users: r.seen("ana"), Enable: []chat.SetRevision{set.Seen()}}, nil)
	if s := r.hub.facts.Load().user(r.users["ana"]).row.Status.State; s != chat.WorkWrapUp {
		t.Errorf("the status that was chosen before became %s", s)
	}
	if err := ana.ask(chat.StatusSet, chat.StatusSetArgs{State: chat.WorkWrapUp}, nil); err == nil || err.Refusal == nil || err.Refusal.Rule != chat.RuleStatusNotAllowed {
		t.Errorf("a status that no set names: %v", err)
	}
	ana.mustAsk(chat.StatusSet, chat.StatusSetArgs{State: chat.WorkBreak, Reason: "lunch"}, nil)
}

// TestEdition moves licenses and what is tied to them with the edition (SET-6), so that nobody gains or loses a right.
func TestEdition(t *testing.T) {
	r := newRig(t)
	r.license("ana", "sue")
	tied := r.set(chat.PermissionSet{Label: "Tied", License: chat.LicenseMessagingUser, Permissions: []chat.Permission{chat.PermissionViewSetup}})
	r.must(Console, chat.SetAssign, chat.SetAssignArgs{Users: r.seen("sue"), Enable: []chat.SetRevision{tied.Seen()}}, nil)
	ada, sue := r.signIn("ada"), r.connect("sue")
	sue.mustAsk(chat.UserList, nil, nil)
	var p chat.EditionPreviewAnswer
	r.must(ada, chat.EditionPreview, chat.EditionPreviewArgs{Edition: chat.EditionContactCenter}, &p)
	if p.From != chat.LicenseMessagingUser || p.To != chat.LicenseMessagingUnlimited || !slices.Equal(p.UserIDs, []chat.UserID{r.users["ana"], r.users["sue"]}) ||
		!slices.Equal(p.SetIDs, []chat.PermissionSetID{tied.ID}) {
		t.Fatalf("preview %+v", p)
	}
	r.license("max")
	if err := r.do(ada, chat.EditionUpdate, chat.EditionUpdateArgs{Edition: chat.EditionContactCenter, Revision: p.Revision}, nil); chat.AsError(err).Code != chat.CodeConflict {
		t.Errorf("with a license that the preview did not name: %v", err)
	}
	r.must(ada, chat.EditionPreview, chat.EditionPreviewArgs{Edition: chat.EditionContactCenter}, &p)
	r.must(ada, chat.EditionUpdate, chat.EditionUpdateArgs{Edition: chat.EditionContactCenter, Revision: p.Revision}, nil)
	for _, name := range []string{"ana", "sue", "max"} {
		if got := r.record(name).License; got != chat.LicenseMessagingUnlimited {
			t.Errorf("%s has %q", name, got)
		}
	}
	sue.mustAsk(chat.UserList, nil, nil)
	if err := r.do(ada, chat.LicenseAssign, chat.LicenseAssignArgs{Users: r.seen("ben"), License: chat.LicenseMessagingUser}, nil); chat.AsError(err).Code != chat.CodeInvalid {
		t.Errorf("the license of the other edition: %v", err)
	}
	r.restart()
	if got := r.hub.facts.Load().licensing.Edition; got != chat.EditionContactCenter {
		t.Errorf("after a restart the edition is %s", got)
	}
	r.must(r.signIn("ada"), chat.EditionPreview, chat.EditionPreviewArgs{Edition: chat.EditionContactCenter}, &p)
	if len(p.UserIDs)+len(p.SetIDs) != 0 {
		t.Errorf("still to do: %+v", p)
	}
}

// TestSets_then: the rules of an earlier moment are those of the sets, licenses and edition of then (WHY-3).
func TestSets_then(t *testing.T) {
	r := newRig(t)
	ada := r.signIn("ada")
	at := map[string]chat.Millis{}
	mark := func(name string) {
		at[name] = r.hub.now()
		r.clock.turn(time.Minute)
	}
	mark("nothing")
	r.license("sue")
	set := r.set(chat.PermissionSet{Label: "Viewers", License: chat.LicenseMessagingUser, Permissions: []chat.Permission{chat.PermissionViewSetup}})
	r.must(Console, chat.SetAssign, chat.SetAssignArgs{Users: r.seen("sue"), Enable: []chat.SetRevision{set.Seen()}}, nil)
	mark("assigned")
	set.Permissions = nil
	r.must(Console, chat.SetUpdate, chat.SetUpdateArgs{Set: set}, nil)
	mark("emptied")
	set.Revision++
	set.Permissions = []chat.Permission{chat.PermissionViewSetup}
	r.must(Console, chat.SetUpdate, chat.SetUpdateArgs{Set: set}, nil)
	r.must(Console, chat.EditionUpdate, chat.EditionUpdateArgs{Edition: chat.EditionContactCenter, Revision: r.hub.facts.Load().licensing.Revision}, nil)
	mark("moved")
	r.must(Console, chat.LicenseAssign, chat.LicenseAssignArgs{Users: r.seen("sue")}, nil)
	mark("without a license")
	r.license("sue")
	mark("licensed again")
	r.must(Console, chat.SetDelete, chat.SetDeleteArgs{SetID: set.ID, Revision: set.Revision + 2, Holders: 1}, nil)
	mark("deleted")
	for name, want := range map[string]bool{
		"nothing": false, "assigned": true, "emptied": false, "moved": true, "without a license": false, "licensed again": true, "deleted": false,
	} {
		var e chat.Explanation
		r.must(ada, chat.ExplainAsk, chat.ExplainAskArgs{ActorID: r.users["sue"], Act: chat.ActViewSetup, At: at[name]}, &e)
		if e.Allowed != want {
			t.Errorf("%s: %+v", name, e)
		}
	}
}
