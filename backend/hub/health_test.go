package hub

import (
	"fmt"
	"slices"
	"testing"

	"parley/backend/chat"
)

// health says in short what is odd.
func (r *rig) health() []string {
	r.t.Helper()
	names := map[chat.UserID]string{}
	for name, id := range r.users {
		names[id] = name
	}
	var answer chat.HealthCheckAnswer
	r.must(Console, chat.HealthCheck, nil, &answer)
	found := []string{}
	for _, f := range answer.Findings {
		what := string(f.Kind)
		who := []string{}
		for _, id := range f.UserIDs {
			who = append(who, names[id])
		}
		slices.Sort(who)
		if f.Count > 0 {
			what += fmt.Sprint(who)
		}
		if t, ok := r.hub.facts.Load().teams.get(f.TeamID); ok {
			what += " " + t.Name
		}
		found = append(found, what)
	}
	return found
}

// ends deactivates an account as no command would if it is the last administrator's: of a database from elsewhere nobody knows.
func (r *rig) ends(name string) {
	r.t.Helper()
	no := false
	_, err := r.hub.perform(r.t.Context(), Console, chat.ActConnect, task{write: func(b *batch, _ *user) (any, error) {
		return b.alterUser(b.facts.user(r.users[name]), chat.UserUpdateArgs{Active: &no}, Console)
	}})
	if err != nil {
		r.t.Fatal(err)
	}
}

// TestHealth makes the organisation odd in one way after the other (WHY-4).
func TestHealth(t *testing.T) {
	t.Parallel()
	nobody, no := []string{}, false
	silent := chat.MessagingSettings{Scope: chat.StartEveryone}
	for name, c := range map[string]struct {
		make func(r *rig)
		want []string
	}{
		"as it begins": {func(*rig) {}, []string{"oneAdministrator[ada]"}},
		"an agent who may write to no supervisor": {func(r *rig) { r.settings("ana", silent) }, []string{"unsupervised[ana]", "oneAdministrator[ada]"}},
		"a Start that includes nobody": {func(r *rig) {
			r.settings("ana", chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartUsers, Targets: []string{string(r.users["mia"])}})
			r.update("mia", func(a *chat.UserUpdateArgs) { a.Active = &no })
		}, []string{"startNobody[ana]", "oneAdministrator[ada]"}},
		"a team without members": {func(r *rig) {
			for _, who := range []string{"ana", "eve"} {
				r.update(who, func(a *chat.UserUpdateArgs) { a.Teams = &nobody })
			}
		}, []string{"oneAdministrator[ada]", "emptyTeam Furniture"}},
		"an island": {func(r *rig) {
			for _, who := range []string{"sue", "max", "mia"} {
				r.settings(who, chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartUsers,
					Targets: []string{string(r.users["sue"]), string(r.users["max"]), string(r.users["mia"])}})
			}
			r.ends("ada")
			r.settings("ana", chat.MessagingSettings{Replies: true, Start: true, Scope: chat.StartUsers, Targets: []string{string(r.users["ben"])}})
		}, []string{"noAdministrator", "unreached[ana eve]", "island[ana ben]"}},
		"sets without a license, and one that grants nothing": {func(r *rig) {
			night := r.set(chat.PermissionSet{Label: "Night shift", Permissions: []chat.Permission{chat.PermissionMessagingAgent}})
			r.set(chat.PermissionSet{Label: "Empty"})
			r.must(Console, chat.SetAssign, chat.SetAssignArgs{Enable: []chat.SetRevision{night.Seen()},
				Users: []chat.UserRevision{{UserID: r.users["sue"], Revision: r.record("sue").Revision}}}, nil)
		}, []string{"unlicensed[sue]", "oneAdministrator[ada]", "emptySet"}},
		"a queue that nobody serves": {func(r *rig) {
			r.must(Console, chat.QueueCreate, chat.QueueCreateArgs{Name: "Claims"}, nil)
		}, []string{"emptyQueue", "oneAdministrator[ada]"}},
		"off": {func(r *rig) { r.organisation(func(o *chat.Organisation) { o.Messaging = false }) }, []string{"messagingOff", "oneAdministrator[ada]"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			c.make(r)
			if got := r.health(); !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}
