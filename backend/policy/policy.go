// Package policy decides who may do what to whom: the seven gates of SPEC section 1, asked in their order, with default deny.
//
// It owns the decision and its reason. It does no input or output, keeps nothing and looks nothing up: facts in, decision
// out, so the same question always has the same answer. Fetching facts and asking on every way in is the hub's work; what
// the acts, gates and rules are called is package chat's.
//
// # Order and silence
//
// The first gate that refuses is the reason kept in a Decision, for the log and for administrators. What the asker is told
// is less: whoever may not know of the other side gets the same answer as for somebody who does not exist, whichever gate
// refused. Decision.Err and Decision.Can do that redaction; nothing else may be sent to a client.
package policy

import "parley/backend/chat"

// Person is what the gates need to know of one user. It is built by NewPerson, never changed afterwards, and shared by
// pointer.
type Person struct {
	ID       chat.UserID
	Role     chat.Role
	GroupID  chat.GroupID
	TeamIDs  []chat.TeamID
	Active   bool
	Settings chat.MessagingSettings

	rank   rank
	rights Rights
	users  map[chat.UserID]struct{}
	teams  map[chat.TeamID]struct{}
	roles  [rankCount]bool
}

// rank is a role as a small number, so that the hot path compares no strings. Its zero value grants nothing.
type rank uint8

const (
	rankNone rank = iota
	rankAgent
	rankSupervisor
	rankAdministrator
	rankExpert
	rankCount
)

func rankOf(role chat.Role) rank {
	switch role {
	case chat.RoleAgent:
		return rankAgent
	case chat.RoleSupervisor:
		return rankSupervisor
	case chat.RoleAdministrator:
		return rankAdministrator
	case chat.RoleExpert:
		return rankExpert
	}
	return rankNone
}

func (r rank) superior() bool { return r == rankSupervisor || r == rankAdministrator }

// NewPerson returns the person with the targets of Start indexed. settings are those in force, not pending ones. An
// administrator's settings are always the default, whatever is stored (IM-9), so somebody promoted is bound by nothing
// older. The person holds neither license nor set: see With.
func NewPerson(id chat.UserID, role chat.Role, group chat.GroupID, teams []chat.TeamID, active bool, settings chat.MessagingSettings) *Person {
	if role == chat.RoleAdministrator {
		settings = chat.DefaultSettings(role)
	}
	p := &Person{ID: id, Role: role, GroupID: group, TeamIDs: teams, Active: active, Settings: settings, rank: rankOf(role), rights: statuses}
	if p.rank == rankAdministrator {
		p.rights = everything
	}
	switch settings.Scope {
	case chat.StartUsers:
		p.users = make(map[chat.UserID]struct{}, len(settings.Targets))
		for _, t := range settings.Targets {
			p.users[chat.UserID(t)] = struct{}{}
		}
	case chat.StartTeams:
		p.teams = make(map[chat.TeamID]struct{}, len(settings.Targets))
		for _, t := range settings.Targets {
			p.teams[chat.TeamID(t)] = struct{}{}
		}
	case chat.StartRoles:
		for _, t := range settings.Targets {
			p.roles[rankOf(chat.Role(t))] = true
		}
		p.roles[rankNone] = false
	}
	return p
}

// Facts are what a decision is made on. Organisation and Actor are always needed.
type Facts struct {
	Organisation *chat.Organisation
	Actor        *Person
	// Other is the other side of a conversation, or the person looked at; nil if there is no such user. For ActConfigure it
	// is the user whose messaging settings are to change (IM-9 protects administrators'), and nil for all other configuring. For
	// the acts of administration that sets grant it is the user concerned, if any.
	Other *Person
	// OtherWroteAt is when Other last wrote in the conversation; zero for never.
	OtherWroteAt chat.Millis
	// Room is true if the conversation is a room: then there is no Other, and membership decides.
	Room bool
	// Public is true if the room is found and joined; Owner if the actor owns it; OwnersOnly if its owners keep the act, inviting or
	// setting the topic, to themselves.
	Public, Owner, OwnersOnly bool
	// Participant is true if the actor takes part in the conversation. A direct conversation has its two users as
	// participants even before its first message. ActSee and ActStart do not ask it.
	Participant bool
	Now         chat.Millis
	// Gift is what an act of administration would give (SET-23).
	Gift Gift
	// Watched is the conversation that ActTranscript and ActMonitor are about.
	Watched Watched
	// Relation is how the messaging session or messaging user stands to the actor that ActSeeSession and the like are about.
	Relation Relation
}

// Decision is the verdict on one act.
type Decision struct {
	Allowed bool
	// Gate and Rule are what refused; empty if allowed. They may name what the asker must not know: see Err and Can.
	Gate chat.Gate
	Rule chat.Rule
	// UntilAt is when an allowance ends by itself because it rests on the reply window; zero for never. From then on
	// ThenGate and ThenRule refuse.
	UntilAt  chat.Millis
	ThenGate chat.Gate
	ThenRule chat.Rule
	// Act is the act decided on; for ActPost it is ActReply or ActStart, whichever the facts made it.
	Act chat.Act

	// hidden is true if the asker may not know of the other side.
	hidden bool
}

// May decides whether f.Actor may do act. It allocates nothing.
//
// What the gates say per act:
//   - connect, own: an active account.
//   - see: the wall (EXP-20).
//   - deliver, read: the wall and being a participant. Neither the switch nor a deactivated other side takes history away
//     (IM-2, IM-12).
//   - post, start, reply: all gates; see post.
//   - deliver, read, post in a room: membership, and for post the switch; see inRoom.
//   - join, setTopic, moderate: the switch, and in a public room not even membership for join; see inRoom.
//   - find: everybody but agents.
//   - gather, invite: all gates; see gather.
//   - configure: administrators (IM-7), and nobody an administrator's messaging settings (IM-9).
//   - administration that sets grant, and acts on messages with customers: wall, license and grant; see granted and onObject.
//   - transcript, monitor: what a rule of the agent's group names the supervisor for; in rooms nothing; see watch.
//   - everything unheard of: nothing grants it, so it is refused.
func May(act chat.Act, f Facts) Decision {
	switch {
	case f.Actor == nil || f.Organisation == nil || !f.Actor.Active:
		return refuse(act, chat.GateAccount, chat.RuleAccountInactive)
	case f.Actor.rank == rankNone:
		return refuse(act, chat.GateGrant, chat.RuleNoGrant)
	}
	switch act {
	case chat.ActConnect, chat.ActOwn:
		return allow(act)
	case chat.ActSee:
		return see(f)
	case chat.ActGather:
		return gather(f)
	case chat.ActFind:
		return find(f)
	case chat.ActInvite:
		d := invite(f)
		d.hidden = wall(f) != "" || !f.Participant
		return d
	case chat.ActSeeSession, chat.ActEditSession:
		return onObject(act, f, firstSession, act == chat.ActEditSession)
	case chat.ActSeeContact, chat.ActEditContact:
		return onObject(act, f, firstContact, act == chat.ActEditContact)
	}
	if f.Room {
		d := inRoom(act, f)
		d.hidden = !knowsRoom(act, f)
		return d
	}
	switch act {
	case chat.ActDeliver, chat.ActRead:
		return read(act, f)
	case chat.ActPost, chat.ActReply, chat.ActStart:
		d := post(act, f)
		d.hidden = wall(f) != ""
		return d
	case chat.ActConfigure:
		return configure(f)
	case chat.ActTranscript, chat.ActMonitor:
		return watch(act, f)
	}
	if d, known := demandOf(act); known {
		return granted(act, d, f)
	}
	return ungranted(act)
}

// ungranted refuses what nothing grants.
func ungranted(act chat.Act) Decision {
	// Whether the thing exists must not show in the refusal of an act on it.
	d := refuse(act, chat.GateGrant, chat.RuleNoGrant)
	d.hidden = true
	return d
}

func allow(act chat.Act) Decision { return Decision{Allowed: true, Act: act} }

func refuse(act chat.Act, gate chat.Gate, rule chat.Rule) Decision {
	return Decision{Gate: gate, Rule: rule, Act: act}
}

func hide(act chat.Act, gate chat.Gate, rule chat.Rule) Decision {
	return Decision{Gate: gate, Rule: rule, Act: act, hidden: true}
}

// wall returns the rule by which the actor may not know of the other side, or "" if they may (EXP-20). The wall stands
// between agents only; an agent who is in no group yet shares one with nobody.
func wall(f Facts) chat.Rule {
	a, o := f.Actor, f.Other
	switch {
	case o == nil || o.rank == rankNone:
		return chat.RuleUnknown
	case a.rank != rankAgent || o.rank != rankAgent || a.ID == o.ID:
		return ""
	case a.GroupID == "" || a.GroupID != o.GroupID:
		return chat.RuleWall
	}
	return ""
}

func see(f Facts) Decision {
	if rule := wall(f); rule != "" {
		return hide(chat.ActSee, chat.GateWall, rule)
	}
	return allow(chat.ActSee)
}

func read(act chat.Act, f Facts) Decision {
	if rule := wall(f); rule != "" {
		return hide(act, chat.GateWall, rule)
	}
	if !f.Participant {
		return hide(act, chat.GatePlace, chat.RuleNotParticipant)
	}
	return allow(act)
}

func configure(f Facts) Decision {
	switch {
	case f.Actor.rank != rankAdministrator:
		return refuse(chat.ActConfigure, chat.GateGrant, chat.RuleNotAdministrator)
	case f.Other != nil && f.Other.rank == rankAdministrator:
		return refuse(chat.ActConfigure, chat.GateGrant, chat.RuleAdministratorFixed)
	}
	return allow(chat.ActConfigure)
}

// post decides on writing (SPEC 1.1). It is a reply if the other side wrote within the reply window, otherwise a start. A
// reply is allowed by Replies, and by Start where it covers the other side, whichever grants it; a start by Start only.
// No license is needed and every role grants messages between users, so those two gates pass.
func post(act chat.Act, f Facts) Decision {
	kind, until := chat.ActStart, windowEnd(f)
	if act != chat.ActStart && f.Now < until {
		kind = chat.ActReply
	}
	if f.Other != nil && !f.Other.Active {
		return refuse(kind, chat.GateAccount, chat.RuleOtherInactive)
	}
	if !f.Organisation.Messaging {
		return refuse(kind, chat.GateSwitch, chat.RuleMessagingOff)
	}
	if f.Other != nil && f.Organisation.Mode == chat.ModeSuperiorsOnly && superiorsOnly(f.Actor.rank, f.Other.rank) {
		return refuse(kind, chat.GateSwitch, chat.RuleSuperiorsOnly)
	}
	gate, rule := mayStartWith(f)
	if kind == chat.ActStart && gate == chat.GateSwitch {
		return refuse(kind, gate, rule)
	}
	if w := wall(f); w != "" {
		return refuse(kind, chat.GateWall, w)
	}
	if f.Actor.ID == f.Other.ID { // there is no conversation with oneself
		return refuse(kind, chat.GateWall, chat.RuleUnknown)
	}
	d := personal(act, kind, f, until, gate, rule)
	if d.Allowed && act != chat.ActStart && !f.Participant {
		return refuse(kind, chat.GatePlace, chat.RuleNotParticipant)
	}
	return d
}

// personal asks the actor's Replies and Start. gate and rule say what stands against a start, if anything.
func personal(act, kind chat.Act, f Facts, until chat.Millis, gate chat.Gate, rule chat.Rule) Decision {
	starts := gate == ""
	switch {
	case kind == chat.ActReply && f.Actor.Settings.Replies && starts:
		return allow(chat.ActReply)
	case kind == chat.ActReply && f.Actor.Settings.Replies:
		return Decision{Allowed: true, Act: chat.ActReply, UntilAt: until, ThenGate: gate, ThenRule: rule}
	case starts && act != chat.ActReply, starts && kind == chat.ActStart:
		return allow(chat.ActStart)
	case kind == chat.ActReply:
		return refuse(kind, chat.GatePersonal, chat.RuleRepliesOff)
	}
	return refuse(kind, gate, rule)
}

// windowEnd returns when the reply window closes: the first moment at which writing is no reply any more. Zero if the
// other side never wrote. A window so long that the sum would overflow never closes.
func windowEnd(f Facts) chat.Millis {
	window := f.Organisation.ReplyWindowMs
	if f.OtherWroteAt <= 0 || window <= 0 {
		return 0
	}
	if end := f.OtherWroteAt + window; end > 0 {
		return end
	}
	return 1<<63 - 1
}

// superiorsOnly tells whether IM-3 forbids messages between the two ranks: an agent exchanges them only with supervisors
// and administrators, in both directions, experts included in the ban.
func superiorsOnly(a, b rank) bool {
	return a == rankAgent && !b.superior() || b == rankAgent && !a.superior()
}

// mayStartWith returns the gate and rule that stand against the actor's writing first to the other side, or "" if nothing
// does. Only the parts of the switch and of the personal gate that tell a start from a reply are asked here.
func mayStartWith(f Facts) (chat.Gate, chat.Rule) {
	if gate, rule := mayStart(f.Organisation, f.Actor); gate != "" {
		return gate, rule
	}
	if f.Other == nil || !f.Actor.covers(f.Other) {
		return chat.GatePersonal, chat.RuleStartNotIncluded
	}
	return "", ""
}

// mayStart is mayStartWith as far as it concerns the actor alone.
func mayStart(o *chat.Organisation, a *Person) (chat.Gate, chat.Rule) {
	switch o.Mode {
	case chat.ModeEveryone, chat.ModeSuperiorsOnly:
	default: // ModeAdministratorsStart; a mode nobody has heard of is as strict
		if a.rank != rankAdministrator {
			return chat.GateSwitch, chat.RuleAdministratorsStart
		}
	}
	if !a.Settings.Start {
		return chat.GatePersonal, chat.RuleStartOff
	}
	return "", ""
}

// covers tells whether the person's Start targets include other (IM-14..16).
func (p *Person) covers(other *Person) bool {
	switch p.Settings.Scope {
	case chat.StartEveryone:
		return true
	case chat.StartUsers:
		_, ok := p.users[other.ID]
		return ok
	case chat.StartTeams:
		for _, t := range other.TeamIDs {
			if _, ok := p.teams[t]; ok {
				return true
			}
		}
	case chat.StartRoles:
		return p.roles[other.rank]
	}
	return false
}
