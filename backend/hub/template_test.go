package hub

import (
	"slices"
	"strings"
	"testing"

	"parley/backend/chat"
)

// newTemplate makes a template by the server's command line.
func (r *rig) newTemplate(c chat.TemplateContent) chat.TemplateID {
	r.t.Helper()
	id := chat.TemplateID(chat.NewUUID())
	r.must(Console, chat.TemplateCreate, chat.TemplateCreateArgs{ID: id, Content: c}, nil)
	return id
}

// template returns the template of a name.
func (r *rig) template(name string) chat.TemplateRecord {
	r.t.Helper()
	var list chat.TemplateListAnswer
	r.must(Console, chat.TemplateList, nil, &list)
	for _, t := range list.Templates {
		if t.Template.Name == name {
			return t
		}
	}
	r.t.Fatalf("there is no template %q", name)
	return chat.TemplateRecord{}
}

// change updates the template of a name.
func (r *rig) change(name string, c chat.TemplateContent) {
	r.t.Helper()
	t := r.template(name)
	r.must(Console, chat.TemplateUpdate, chat.TemplateUpdateArgs{ID: t.Template.ID, Revision: t.Revision, Content: c}, nil)
}

// templates returns the names and texts of the templates that the client holds.
func (c *client) templates() string {
	var told []string
	for _, t := range c.state.Templates {
		told = append(told, t.Name+": "+t.Text)
	}
	return strings.Join(told, ", ")
}

func (c *client) hasTemplates(want string) {
	c.t.Helper()
	c.barrier()
	if got := c.templates(); got != want {
		c.t.Errorf("%s has the templates %q, want %q", c.name, got, want)
	}
}

// TestTemplates_reachThoseTheyAreFor: live, after an absence, and when teams or a queue's teams change.
func TestTemplates_reachThoseTheyAreFor(t *testing.T) {
	r := newRig(t)
	furniture := r.teamRecord("Furniture").ID
	r.must(Console, chat.QueueCreate, chat.QueueCreateArgs{Name: "Orders"}, nil)
	ana, ben := r.connect("ana"), r.connect("ben")
	r.newTemplate(chat.TemplateContent{Name: "Greeting", Text: "Good day"})
	r.newTemplate(chat.TemplateContent{Name: "Chairs", Text: "All chairs", TeamIDs: []chat.TeamID{furniture}})
	orders := r.queueRecord("Orders")
	r.newTemplate(chat.TemplateContent{Name: "Order", Text: "Your order", QueueIDs: []chat.QueueID{orders.ID}})
	ana.hasTemplates("Chairs: All chairs, Greeting: Good day")
	ben.hasTemplates("Greeting: Good day")

	r.change("Greeting", chat.TemplateContent{Name: "Greeting", Text: "Hello {{otherName}}"})
	ben.hasTemplates("Greeting: Hello {{otherName}}")

	teams := []chat.TeamID{furniture}
	r.must(Console, chat.QueueUpdate, chat.QueueUpdateArgs{QueueID: orders.ID, Revision: orders.Revision, TeamIDs: &teams}, nil)
	ana.hasTemplates("Chairs: All chairs, Greeting: Hello {{otherName}}, Order: Your order")

	r.update("ben", func(a *chat.UserUpdateArgs) { a.Teams = &[]string{"Furniture"} })
	ben.hasTemplates("Chairs: All chairs, Greeting: Hello {{otherName}}, Order: Your order")
	r.update("ana", func(a *chat.UserUpdateArgs) { a.Teams = &[]string{} })
	ana.hasTemplates("Greeting: Hello {{otherName}}")

	ben.feed.Close()
	r.change("Chairs", chat.TemplateContent{Name: "Chairs", Text: "For Night alone", TeamIDs: []chat.TeamID{r.night()}})
	order := r.template("Order")
	r.must(Console, chat.TemplateDelete, chat.TemplateDeleteArgs{ID: order.Template.ID, Revision: order.Revision}, nil)
	ben.attach()
	ben.hasTemplates("Greeting: Hello {{otherName}}")
	ben.same()
	ana.same()

	r.restart()
	r.connect("ana").hasTemplates("Greeting: Hello {{otherName}}")
}

// night makes a team that nobody is in.
func (r *rig) night() chat.TeamID {
	r.t.Helper()
	var made chat.TeamCreateAnswer
	r.must(Console, chat.TeamCreate, chat.TeamCreateArgs{Name: "Night"}, &made)
	return made.TeamID
}

// TestTemplates_hidden: who is not meant is told nothing, not even that something has changed; administrators keep what they do not use.
func TestTemplates_hidden(t *testing.T) {
	r := newRig(t)
	night := r.night()
	ben, ada := r.connect("ben"), r.connect("ada")
	ben.barrier()
	heard := len(ben.frames) + len(ben.rights)
	r.newTemplate(chat.TemplateContent{Name: "Secret", Text: "Of the night", TeamIDs: []chat.TeamID{night}})
	r.change("Secret", chat.TemplateContent{Name: "Secret", Text: "Of the night and the furniture", TeamIDs: []chat.TeamID{night, r.teamRecord("Furniture").ID}})
	ben.hasTemplates("")
	if now := len(ben.frames) + len(ben.rights); now != heard {
		t.Errorf("ben was told %d frames of what is not for him", now-heard)
	}
	ada.hasTemplates("")
	var list chat.TemplateListAnswer
	ada.mustAsk(chat.TemplateList, nil, &list)
	if len(list.Templates) != 1 || list.Templates[0].Revision != 2 {
		t.Errorf("ada keeps %+v", list.Templates)
	}
	eve := r.connect("eve")
	eve.hasTemplates("Secret: Of the night and the furniture")
	eve.barrier()
	heard = len(eve.rights)
	r.change("Secret", chat.TemplateContent{Name: "Secret", Text: "Of the night and the furniture", TeamIDs: []chat.TeamID{r.teamRecord("Furniture").ID}})
	eve.barrier()
	if len(eve.rights) != heard {
		t.Errorf("eve was told that others use her template no more: %+v", eve.rights[heard:])
	}
}

// TestTemplates_whoKeepsThem: the permission Configure Messaging, as far as one may know of the teams and queues; everybody else is refused.
func TestTemplates_whoKeepsThem(t *testing.T) {
	r := newRig(t)
	night := r.night()
	hidden := r.newTemplate(chat.TemplateContent{Name: "Hidden", Text: "x", TeamIDs: []chat.TeamID{night}})
	ana := r.connect("ana")
	if err := ana.ask(chat.TemplateList, nil, nil); err == nil || err.Code != chat.CodeDenied {
		t.Fatalf("an agent without the permission is answered %+v", err)
	}
	r.holds("ana", chat.PermissionConfigureMessaging)
	var list chat.TemplateListAnswer
	ana.mustAsk(chat.TemplateList, nil, &list)
	if len(list.Templates) != 0 || slices.ContainsFunc(list.Teams, func(t chat.Team) bool { return t.ID == night }) {
		t.Errorf("ana, who knows nobody of the night, is told %+v", list)
	}
	content := chat.TemplateContent{Name: "Mine", Text: "x"}
	for _, refused := range []struct {
		code chat.Code
		do   chat.CommandName
		args any
	}{
		{chat.CodeUnknown, chat.TemplateUpdate, chat.TemplateUpdateArgs{ID: hidden, Revision: 1, Content: content}},
		{chat.CodeUnknown, chat.TemplateUpdate, chat.TemplateUpdateArgs{ID: chat.TemplateID(chat.NewUUID()), Revision: 1, Content: content}},
		{chat.CodeUnknown, chat.TemplateDelete, chat.TemplateDeleteArgs{ID: hidden, Revision: 1}},
		{chat.CodeConflict, chat.TemplateCreate, chat.TemplateCreateArgs{ID: hidden, Content: content}},
		{chat.CodeInvalid, chat.TemplateCreate, chat.TemplateCreateArgs{ID: chat.TemplateID(chat.NewUUID()),
			Content: chat.TemplateContent{Name: "x", Text: "x", TeamIDs: []chat.TeamID{night}}}},
	} {
		if err := ana.ask(refused.do, refused.args, nil); err == nil || err.Code != refused.code {
			t.Errorf("%s is answered %+v, want %s", refused.do, err, refused.code)
		}
	}
	ana.mustAsk(chat.TemplateCreate, chat.TemplateCreateArgs{ID: chat.TemplateID(chat.NewUUID()), Content: content}, nil)
	ana.hasTemplates("Mine: x")
}

// holds gives somebody a permission by a set.
func (r *rig) holds(name string, p chat.Permission) {
	r.t.Helper()
	set := r.set(chat.PermissionSet{Label: "Of " + name, Permissions: []chat.Permission{p}})
	r.must(Console, chat.SetAssign, chat.SetAssignArgs{Users: r.seen(name), Enable: []chat.SetRevision{set.Seen()}}, nil)
}

// TestTemplates_twoKeepers: of two changes of one revision the second is refused; making a template again is harmless until it is changed.
func TestTemplates_twoKeepers(t *testing.T) {
	r := newRig(t)
	ada := r.connect("ada")
	made := chat.TemplateCreateArgs{ID: chat.TemplateID(chat.NewUUID()), Content: chat.TemplateContent{Name: "Greeting", Text: "Hello"}}
	var first, again chat.RevisionAnswer
	ada.mustAsk(chat.TemplateCreate, made, &first)
	ada.mustAsk(chat.TemplateCreate, made, &again)
	if first.Revision != 1 || again.Revision != 1 {
		t.Errorf("made with revision %d, and again with %d", first.Revision, again.Revision)
	}
	r.change("Greeting", chat.TemplateContent{Name: "Greeting", Text: "Good day"})
	late := chat.TemplateUpdateArgs{ID: made.ID, Revision: 1, Content: chat.TemplateContent{Name: "Greeting", Text: "Hi"}}
	for do, args := range map[chat.CommandName]any{chat.TemplateUpdate: late, chat.TemplateCreate: made, chat.TemplateDelete: chat.TemplateDeleteArgs{ID: made.ID, Revision: 1}} {
		if err := ada.ask(do, args, nil); err == nil || err.Code != chat.CodeConflict {
			t.Errorf("%s of what somebody else has changed is answered %+v", do, err)
		}
	}
	ada.hasTemplates("Greeting: Good day")
}

// TestTemplates_keepTeamsAndQueues: what a template is for is not deleted.
func TestTemplates_keepTeamsAndQueues(t *testing.T) {
	r := newRig(t)
	night := r.night()
	r.must(Console, chat.QueueCreate, chat.QueueCreateArgs{Name: "Orders"}, nil)
	orders := r.queueRecord("Orders")
	r.newTemplate(chat.TemplateContent{Name: "Late", Text: "x", TeamIDs: []chat.TeamID{night}, QueueIDs: []chat.QueueID{orders.ID}})
	r.refusedWith(chat.CodeConflict, `"Late" is for Night`, chat.TeamDelete, chat.TeamDeleteArgs{TeamID: night, Revision: 1})
	r.refusedWith(chat.CodeConflict, `"Late" is for Orders`, chat.QueueDelete, chat.QueueDeleteArgs{QueueID: orders.ID, Revision: orders.Revision})

	sue := r.connect("sue")
	r.holds("sue", chat.PermissionConfigureMessaging) // who may not read the setup, and knows nobody of the night
	err := sue.ask(chat.QueueDelete, chat.QueueDeleteArgs{QueueID: orders.ID, Revision: orders.Revision}, nil)
	if err == nil || err.Code != chat.CodeConflict || strings.Contains(err.Text, "Late") {
		t.Errorf("sue is answered %+v", err)
	}
}

// TestTemplates_thereAreNotEndlesslyMany.
func TestTemplates_thereAreNotEndlesslyMany(t *testing.T) {
	r := newRig(t)
	b := r.hub.facts.Load().scratch(0)
	p := &templating{content: chat.TemplateContent{Name: "x", Text: "x"}}
	for range chat.MaxTemplates {
		p.id = chat.TemplateID(chat.NewUUID())
		if _, err := createTemplate(b, nil, Console, p); err != nil {
			t.Fatal(err)
		}
	}
	p.id = chat.TemplateID(chat.NewUUID())
	if _, err := createTemplate(b, nil, Console, p); chat.AsError(err).Code != chat.CodeInvalid {
		t.Errorf("one more is answered %v", err)
	}
}
