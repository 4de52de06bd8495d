package proof

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"parley/backend/chat"
	"parley/backend/hub"
)

// list is what administrators see now.
func (e *equality) list() (answer chat.UserListAnswer) {
	raw, err := e.hub.Do(context.Background(), hub.Console, chat.UserList, nil)
	if err == nil {
		err = json.Unmarshal(raw, &answer)
	}
	if err != nil {
		e.t.Fatal(err)
	}
	return answer
}

// groups is a step about the group of the name: it is made, given the other kind, made the default, or deleted.
func groups(do chat.CommandName, name string) equalityStep {
	return equalityStep{by: "ada", do: do, what: name, args: func(e *equality) any {
		if do == chat.GroupCreate {
			return chat.GroupCreateArgs{Name: name, Kind: chat.GroupFunctional}
		}
		all := e.list().Groups
		i := slices.IndexFunc(all, func(g chat.GroupRecord) bool { return g.Name == name })
		if i < 0 {
			e.t.Fatalf("there is no group %s", name)
		}
		if do == chat.GroupUpdate {
			kind := chat.GroupOrganisational
			return chat.GroupUpdateArgs{GroupID: all[i].ID, Revision: all[i].Revision, Kind: &kind}
		}
		if do == chat.GroupSetDefault {
			args := chat.GroupSetDefaultArgs{GroupID: all[i].ID, Revision: all[i].Revision}
			for _, g := range all {
				if g.Default {
					args.InsteadOfID = g.ID
				}
			}
			return args
		}
		return chat.GroupRevisionArgs{GroupID: all[i].ID, Revision: all[i].Revision}
	}}
}

// teams is a step about a team of its own: it is made, renamed, or deleted.
func teams(do chat.CommandName) equalityStep {
	const first, second = "Early", "Early shift"
	return equalityStep{by: "ada", do: do, what: first, args: func(e *equality) any {
		if do == chat.TeamCreate {
			return chat.TeamCreateArgs{Name: first}
		}
		all := e.list().Teams
		i := slices.IndexFunc(all, func(t chat.TeamRecord) bool { return t.Name == first || t.Name == second })
		if i < 0 {
			e.t.Fatalf("there is no team %s", first)
		}
		if do == chat.TeamRename {
			return chat.TeamRenameArgs{TeamID: all[i].ID, Revision: all[i].Revision, Name: second}
		}
		return chat.TeamDeleteArgs{TeamID: all[i].ID, Revision: all[i].Revision}
	}}
}

// templates is a step about a template of an id: it is made, changed, or deleted. It is for the team called for, which there is, or for
// everybody.
func templates(do chat.CommandName, n int, forTeam string) equalityStep {
	id := chat.TemplateID(fmt.Sprintf("01b00000-0000-7000-8000-%012d", n))
	return equalityStep{by: "ada", do: do, what: fmt.Sprintf("%d for %q", n, forTeam), args: func(e *equality) any {
		content, revision := chat.TemplateContent{Name: fmt.Sprintf("Answer %d", n), Text: "Good day, {{otherName}}"}, int64(1)
		if i := slices.IndexFunc(e.list().Teams, func(t chat.TeamRecord) bool { return t.Name == forTeam }); i >= 0 {
			content.TeamIDs = []chat.TeamID{e.list().Teams[i].ID}
		} else if forTeam != "" {
			e.t.Fatalf("there is no team %s", forTeam)
		}
		if do != chat.TemplateCreate {
			var list chat.TemplateListAnswer
			e.learns(chat.TemplateList, struct{}{}, &list)
			for _, t := range list.Templates {
				if t.Template.ID == id {
					revision = t.Revision
				}
			}
		}
		switch do {
		case chat.TemplateCreate:
			return chat.TemplateCreateArgs{ID: id, Content: content}
		case chat.TemplateUpdate:
			content.Text, content.Shortcut = "Hello", "hi"
			return chat.TemplateUpdateArgs{ID: id, Revision: revision, Content: content}
		}
		return chat.TemplateDeleteArgs{ID: id, Revision: revision}
	}}
}

// queues is a step about the one queue: it is made, renamed, or deleted.
func queues(do chat.CommandName) equalityStep {
	return equalityStep{by: "ada", do: do, args: func(e *equality) any {
		if do == chat.QueueCreate {
			return chat.QueueCreateArgs{Name: "Orders"}
		}
		all := e.list().Queues
		if len(all) != 1 {
			e.t.Fatalf("there is not one queue: %+v", all)
		}
		if do == chat.QueueUpdate {
			name := "Orders and returns"
			return chat.QueueUpdateArgs{QueueID: all[0].ID, Revision: all[0].Revision, Name: &name}
		}
		return chat.QueueDeleteArgs{QueueID: all[0].ID, Revision: all[0].Revision}
	}}
}
