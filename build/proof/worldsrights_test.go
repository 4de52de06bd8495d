package proof

import (
	"fmt"

	"parley/backend/chat"
)

// hiddenMessage is the first of the secret messages, which eve writes to max in hiddenTalk.
const hiddenMessage chat.MessageID = "01d00000-0000-7000-8000-000000000001"

var hiddenTalk = chat.DirectID(simUser("eve"), simUser("max"))

// rightsProbes ask, about somebody behind the wall, what explains, asks for, and gives rights.
func rightsProbes(of string) []probe {
	plain := func(args any) func(*equality) any { return func(*equality) any { return args } }
	nobody := chat.PermissionSetID("01c00000-0000-7000-8000-00000000000f")
	users := []chat.UserRevision{{UserID: simUser(of), Revision: 1}}
	return []probe{
		{chat.ExplainAsk, plain(chat.ExplainAskArgs{Act: chat.ActPost, OtherID: simUser(of)})},
		{chat.ExplainAsk, plain(chat.ExplainAskArgs{ActorID: simUser(of), Act: chat.ActPost, OtherID: simUser("max")})},
		{chat.ExplainAsk, plain(chat.ExplainAskArgs{Act: chat.ActRead, ConversationID: chat.DirectID(simUser("eve"), simUser("max"))})},
		{chat.ChangePreview, nil}, {chat.HealthCheck, nil}, {chat.RequestList, nil}, {chat.RequestDecide, nil},
		{chat.RequestMake, plain(chat.RequestMakeArgs{Act: chat.ActPost, OtherID: simUser(of)})},
		{chat.SetList, nil}, {chat.SetCreate, plain(chat.SetCreateArgs{Set: chat.PermissionSet{Label: "Mine"}})},
		{chat.SetUpdate, plain(chat.SetUpdateArgs{Set: chat.PermissionSet{ID: nobody, Label: "Mine"}})},
		{chat.SetClone, plain(chat.SetCloneArgs{SetID: nobody, Label: "Mine"})}, {chat.SetDelete, plain(chat.SetDeleteArgs{SetID: nobody})},
		{chat.SetAssign, plain(chat.SetAssignArgs{Users: users, Enable: []chat.SetRevision{{SetID: nobody}}})},
		{chat.LicenseAssign, plain(chat.LicenseAssignArgs{Users: users, License: chat.LicenseMessagingUser})},
		{chat.EditionPreview, nil}, {chat.EditionUpdate, nil},
		{chat.MessageEdit, plain(chat.MessageEditArgs{ConversationID: hiddenTalk, ID: hiddenMessage, Text: "x"})},
		{chat.MessageEdit, plain(chat.MessageEditArgs{ConversationID: chat.DirectID(simUser("ana"), simUser("max")), ID: hiddenMessage, Text: "x"})},
		{chat.MessageDelete, plain(chat.MessageDeleteArgs{ConversationID: hiddenTalk, ID: hiddenMessage})},
		{chat.MessageDelete, plain(chat.MessageDeleteArgs{ConversationID: chat.DirectID(simUser("ana"), simUser("max")), ID: hiddenMessage})},
		{chat.MessageReact, plain(chat.MessageReactArgs{ConversationID: hiddenTalk, ID: hiddenMessage, Emoji: "👍", On: true})},
		{chat.MessageReact, plain(chat.MessageReactArgs{ConversationID: chat.DirectID(simUser("ana"), simUser("max")), ID: hiddenMessage, Emoji: "👍", On: true})},
		{chat.MessagePost, plain(chat.MessagePostArgs{ID: "01c00000-0000-7000-8000-000000000003", ConversationID: chat.DirectID(simUser("ana"), simUser("max")),
			Text: "what they said", ReplyToID: hiddenMessage})},
		{chat.MessagePost, plain(chat.MessagePostArgs{ID: "01c00000-0000-7000-8000-000000000004", ConversationID: chat.DirectID(simUser("ana"), simUser("max")),
			Text: "ask them", Mentions: []chat.UserID{simUser(of)}})},
		{chat.MessageVersions, plain(chat.MessageVersionsArgs{ConversationID: hiddenTalk, ID: hiddenMessage})},
		{chat.MessageVersions, plain(chat.MessageVersionsArgs{ConversationID: chat.DirectID(simUser("ana"), simUser("max")), ID: hiddenMessage})},
		{chat.TranscriptVersions, plain(chat.MessageVersionsArgs{ConversationID: hiddenTalk, ID: hiddenMessage})},
	}
}

// rightsSecrets are what others ask and change of it.
var rightsSecrets = []secret{
	silently(equalityStep{by: "eve", do: chat.ExplainAsk, args: func(*equality) any {
		return chat.ExplainAskArgs{Act: chat.ActPost, OtherID: simUser("max")}
	}}, "it only reads"),
	silently(equalityStep{by: "ada", do: chat.HealthCheck}, "it only reads"),
	silently(equalityStep{by: "eve", do: chat.MessageSearch, args: func(*equality) any { return chat.MessageSearchArgs{Text: "behind", Limit: 5} }}, "it only reads"),
	silently(equalityStep{by: "ada", do: chat.SetList}, "it only reads"),
	silently(equalityStep{by: "ada", do: chat.RequestList}, "it only reads"),
	silently(equalityStep{by: "ada", do: chat.EditionPreview, args: func(*equality) any {
		return chat.EditionPreviewArgs{Edition: chat.EditionContactCenter}
	}}, "it only reads"),
	commanded(equalityStep{by: "eve", do: chat.RequestMake, what: "to write to max", args: func(*equality) any {
		return chat.RequestMakeArgs{Act: chat.ActStart, OtherID: simUser("max"), Text: "please"}
	}}),
	commanded(equalityStep{by: "ada", do: chat.SetCreate, what: "a set", args: func(*equality) any {
		return chat.SetCreateArgs{Set: chat.PermissionSet{Label: "Secret set"}}
	}}),
	inOrder("a request is declined", chat.RequestDecide,
		settings("eve", "no start to ask for", true, chat.MessagingSettings{Replies: true, Scope: chat.StartEveryone, Targets: []string{}}), asksFor("eve", "max"), declines()), silently(foretells(), "it only reads"),
	inOrder("a set changes", chat.SetUpdate, sets(chat.SetCreate, "Second set"), sets(chat.SetUpdate, "Second set")),
	inOrder("a set is cloned", chat.SetClone, sets(chat.SetCreate, "Third set"), sets(chat.SetClone, "Third set")),
	inOrder("a set goes", chat.SetDelete, sets(chat.SetCreate, "Fourth set"), sets(chat.SetClone, "Fourth set"), sets(chat.SetDelete, "Fourth set")),
	inOrder("eve gets a set", chat.SetAssign, sets(chat.SetCreate, "Fifth set"), sets(chat.SetAssign, "Fifth set", "eve")),
	inOrder("eve edits", chat.MessageEdit, secretMessage("eve", "max", "a slip"), rewrites("eve", "max", 0, "no slip", "")),
	inOrder("eve deletes", chat.MessageDelete, secretMessage("eve", "max", "a slip"), takesBack("eve", "max", 0)),
	inOrder("max reacts to eve", chat.MessageReact, secretMessage("eve", "max", "well?"), reactsTo("max", "eve", "max", "👍", true)),
	silently(equalityStep{by: "max", do: chat.MessageVersions, args: func(*equality) any {
		return chat.MessageVersionsArgs{ConversationID: hiddenTalk, ID: hiddenMessage}
	}}, "it only reads"),
	inOrder("sue reads what eve wrote first", chat.TranscriptVersions, watchedBy(simSouth, "sue"), equalityStep{by: "sue", do: chat.TranscriptVersions,
		args: func(*equality) any { return chat.MessageVersionsArgs{ConversationID: hiddenTalk, ID: hiddenMessage} }}),
	commanded(licenses("eve", chat.LicenseMessagingUser)), commanded(buys(chat.EditionContactCenter)),
}

// teamSecrets are teams that nobody is in whom ana may know of.
var teamSecrets = []secret{
	inOrder("a team", chat.TeamCreate, teams(chat.TeamCreate), teams(chat.TeamDelete)),
	inOrder("eve's team gets another name", chat.TeamRename, teams(chat.TeamCreate), puts("eve", "Early"), teams(chat.TeamRename), puts("eve"), teams(chat.TeamDelete)),
	inOrder("eve's team goes", chat.TeamDelete, teams(chat.TeamCreate), puts("eve", "Early"), puts("eve"), teams(chat.TeamDelete)),
	commanded(puts("eve", "Moonlight")),
}

// puts somebody into these teams.
func puts(name string, teams ...string) equalityStep {
	return updates(name, fmt.Sprint("into the teams ", teams), func(a *chat.UserUpdateArgs) { a.Teams = &teams })
}

// mightyAna gives ana, an agent, every permission of administration, those for which customers' channels are left aside.
var mightyAna = []equalityStep{
	{by: "ada", do: chat.SetCreate, args: func(*equality) any {
		return chat.SetCreateArgs{Set: chat.PermissionSet{Label: "Ana's", Permissions: []chat.Permission{chat.PermissionViewSetup, chat.PermissionManageUsers,
			chat.PermissionManageInternalUsers, chat.PermissionManagePermissionSets, chat.PermissionAssignPermissionSets, chat.PermissionConfigureMessaging}}}
	}},
	sets(chat.SetAssign, "Ana's", "ana"),
}

// forSetupReaders are commands whose effect whoever may read the setup is told: permission sets and the edition are the
// organisation's, and no wall runs through them.
var forSetupReaders = []chat.CommandName{chat.SetCreate, chat.SetUpdate, chat.SetClone, chat.SetDelete, chat.SetAssign, chat.EditionUpdate}

func init() { secrets = append(append(secrets, rightsSecrets...), teamSecrets...) }
