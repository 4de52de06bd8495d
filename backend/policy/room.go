package policy

import "parley/backend/chat"

// inRoom decides on acts in a room. Membership decides: Replies and Start were asked when its members were invited. A public room
// is joined without either. What no member may do (monitor: EXP-17) nobody may. While messages are off no room changes; whoever
// wants to go goes, which is ActRead.
func inRoom(act chat.Act, f Facts) Decision {
	changes := false
	switch act {
	case chat.ActDeliver, chat.ActRead:
	case chat.ActPost, chat.ActJoin, chat.ActTopic, chat.ActModerate:
		changes = true
	default:
		return ungranted(act)
	}
	switch {
	case changes && !f.Organisation.Messaging:
		return refuse(act, chat.GateSwitch, chat.RuleMessagingOff)
	case f.Actor.rank == rankAgent:
		return refuse(act, chat.GateGrant, chat.RuleDirectOnly)
	case !f.Participant && (act != chat.ActJoin || !f.Public):
		return refuse(act, chat.GatePlace, chat.RuleNotParticipant)
	case !f.Owner && (act == chat.ActModerate || act == chat.ActTopic && f.OwnersOnly):
		return refuse(act, chat.GatePlace, chat.RuleNotOwner)
	}
	return allow(act)
}

// knowsRoom tells whether the actor may be told that there is the room: its members may, and of a public one whoever may join it.
// All else that somebody tries who is in no room is answered like one that is not there, public or not.
func knowsRoom(act chat.Act, f Facts) bool {
	return f.Participant || act == chat.ActJoin && f.Public && f.Actor.rank != rankAgent
}

// find decides on looking for public rooms. To agents there is nothing of the kind (EXP-19).
func find(f Facts) Decision {
	if f.Actor.rank == rankAgent {
		return hide(chat.ActFind, chat.GateGrant, chat.RuleDirectOnly)
	}
	return allow(chat.ActFind)
}

// gather decides on making a room, which is to start a conversation: whoever may start with nobody makes none. Agents take
// no part in rooms at all (EXP-19).
func gather(f Facts) Decision {
	gate, rule := mayStart(f.Organisation, f.Actor)
	switch {
	case !f.Organisation.Messaging:
		return refuse(chat.ActGather, chat.GateSwitch, chat.RuleMessagingOff)
	case gate == chat.GateSwitch:
		return refuse(chat.ActGather, gate, rule)
	case f.Actor.rank == rankAgent:
		return refuse(chat.ActGather, chat.GateGrant, chat.RuleDirectOnly)
	case gate != "":
		return refuse(chat.ActGather, gate, rule)
	}
	return allow(chat.ActGather)
}

// invite decides on taking the other user into a room, of which Participant says whether the actor is a member: one may
// invite whom one may write to first, agents excepted, where the room's owners do not keep that to themselves.
func invite(f Facts) Decision {
	gate, rule := mayStartWith(f)
	switch {
	case f.Other != nil && !f.Other.Active:
		return refuse(chat.ActInvite, chat.GateAccount, chat.RuleOtherInactive)
	case !f.Organisation.Messaging:
		return refuse(chat.ActInvite, chat.GateSwitch, chat.RuleMessagingOff)
	case gate == chat.GateSwitch:
		return refuse(chat.ActInvite, gate, rule)
	case wall(f) != "":
		return refuse(chat.ActInvite, chat.GateWall, wall(f))
	case f.Actor.rank == rankAgent || f.Other.rank == rankAgent:
		return refuse(chat.ActInvite, chat.GateGrant, chat.RuleDirectOnly)
	case gate != "":
		return refuse(chat.ActInvite, gate, rule)
	case !f.Participant:
		return refuse(chat.ActInvite, chat.GatePlace, chat.RuleNotParticipant)
	case f.OwnersOnly && !f.Owner:
		return refuse(chat.ActInvite, chat.GatePlace, chat.RuleNotOwner)
	}
	return allow(chat.ActInvite)
}
