package proof

import (
	"fmt"
	"strings"

	"parley/backend/chat"
)

// Steps about public rooms and the owners of rooms; the rooms are those of equalityRoom.

// opens makes a public room.
func opens(by string, n int, name, topic string, with ...string) equalityStep {
	return equalityStep{by: by, do: chat.RoomCreate, what: name + ", public", args: func(*equality) any {
		return chat.RoomCreateArgs{ID: equalityRoom(n), Name: name, Topic: topic, Public: true, Participants: simUsers(with)}
	}}
}

// looks looks for public rooms.
func looks(by, text string) equalityStep {
	return equalityStep{by: by, do: chat.RoomFind, what: text, args: func(*equality) any { return chat.RoomFindArgs{Text: text, Limit: 5} }}
}

func joins(by string, n int) equalityStep {
	return equalityStep{by: by, do: chat.RoomJoin, args: func(*equality) any { return chat.RoomJoinArgs{ConversationID: equalityRoom(n)} }}
}

func topics(by string, n int, topic string) equalityStep {
	return equalityStep{by: by, do: chat.RoomSetTopic, what: topic, args: func(*equality) any {
		return chat.RoomSetTopicArgs{ConversationID: equalityRoom(n), Topic: topic}
	}}
}

// decides has an owner change what owners decide.
func decides(by string, n int, what string, change func(*chat.RoomUpdateArgs)) equalityStep {
	return equalityStep{by: by, do: chat.RoomUpdate, what: what, args: func(*equality) any {
		args := chat.RoomUpdateArgs{ConversationID: equalityRoom(n)}
		change(&args)
		return args
	}}
}

// owns makes somebody an owner, or none any more.
func owns(by string, n int, who string, owner bool) equalityStep {
	return equalityStep{by: by, do: chat.RoomSetOwner, what: fmt.Sprint(who, " ", owner), args: func(*equality) any {
		return chat.RoomSetOwnerArgs{ConversationID: equalityRoom(n), UserID: simUser(who), Owner: owner}
	}}
}

func removes(by string, n int, who ...string) equalityStep {
	return equalityStep{by: by, do: chat.RoomRemove, what: strings.Join(who, ", "), args: func(*equality) any {
		return chat.RoomRemoveArgs{ConversationID: equalityRoom(n), UserIDs: simUsers(who)}
	}}
}

// succeeds has an owner leave and name who follows them.
func succeeds(by string, n int, who string) equalityStep {
	return equalityStep{by: by, do: chat.RoomLeave, what: "to " + who, args: func(*equality) any {
		return chat.RoomLeaveArgs{ConversationID: equalityRoom(n), SuccessorID: simUser(who)}
	}}
}

// The story goes on in public rooms.
func init() {
	yes, no, name := true, false, "Closed doors"
	equalityStory = append(equalityStory,
		opens("max", 4, "Open doors", "Come in", "sue"), saysIn("max", 4, "before she came"), looks("ada", "door"), joins("ada", 4), saysIn("ada", 4, "here I am"),
		topics("max", 4, "Come in, all of you"),
		decides("max", 4, "name, private, who invites", func(a *chat.RoomUpdateArgs) {
			a.Name, a.Public, a.OwnersInvite, a.MembersTopic = &name, &no, &yes, &yes
		}),
		topics("sue", 4, ""), owns("max", 4, "sue", true), owns("sue", 4, "max", false), removes("sue", 4, "ada"), invites("sue", 4, "ada"),
		leaves("sue", 4), succeeds("max", 4, "ada"), decides("ada", 4, "public again", func(a *chat.RoomUpdateArgs) { a.Public = &yes }),
		leaves("ada", 4), joins("sue", 4), activates("max", false), activates("max", true))
}
