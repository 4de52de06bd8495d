package policy

import "parley/backend/chat"

// Explanation is a decision with the answer of each gate (WHY-1). It may say what the asker must not know: for whom
// Decision.Err is chat.ErrUnknown, nothing of it may be told.
type Explanation struct {
	Decision
	// Gates are all seven in their order: those before the one that refused have passed, those after it were not asked.
	Gates [len(gateOrder)]chat.GateStep
}

// gateOrder is chat.Gates with a length the compiler knows.
var gateOrder = [...]chat.Gate{chat.GateAccount, chat.GateSwitch, chat.GateWall, chat.GateLicense, chat.GateGrant, chat.GatePersonal, chat.GatePlace}

// Explain decides as May does and says of each gate what it answered, and why it let the act pass. It allocates nothing.
func Explain(act chat.Act, f Facts) Explanation {
	e := Explanation{Decision: May(act, f)}
	asked := true
	for i, gate := range gateOrder {
		e.Gates[i].Gate = gate
		switch {
		case !asked:
			e.Gates[i].Verdict = chat.GateNotAsked
		case gate == e.Gate:
			e.Gates[i].Verdict, e.Gates[i].Rule = chat.GateRefused, e.Rule
			asked = false
		default:
			e.Gates[i].Verdict, e.Gates[i].Because = chat.GatePassed, because(gate, act, &e.Decision, &f)
		}
	}
	return e
}

// because returns why a gate let an act pass.
func because(gate chat.Gate, act chat.Act, d *Decision, f *Facts) chat.Because {
	writes := d.Act == chat.ActPost || d.Act == chat.ActReply || d.Act == chat.ActStart || d.Act == chat.ActInvite || d.Act == chat.ActGather
	changes := d.Act == chat.ActJoin || d.Act == chat.ActTopic || d.Act == chat.ActModerate
	switch gate {
	case chat.GateAccount:
		return chat.BecauseActive
	case chat.GateSwitch:
		if writes || changes {
			return becauseMode(f.Organisation.Mode)
		}
	case chat.GateWall:
		switch {
		case f.Other == nil:
		case f.Actor.rank == rankAgent && f.Other.rank == rankAgent:
			return chat.BecauseSameGroup
		default:
			return chat.BecauseNoWall
		}
	case chat.GateLicense:
		if needsLicense(act) {
			return chat.BecauseLicense
		}
	case chat.GateGrant:
		if _, bySet := demandOf(act); (bySet && act != chat.ActSupervise || onCustomers(act)) && f.Actor.rank != rankAdministrator {
			return chat.BecauseSet
		}
		return chat.BecauseRole
	case chat.GatePersonal:
		switch {
		case d.Act == chat.ActReply && f.Actor.Settings.Replies:
			return chat.BecauseReplies
		case writes && !f.Room:
			return chat.BecauseStart
		}
	case chat.GatePlace:
		if f.Participant && act != chat.ActSee && act != chat.ActStart {
			return chat.BecauseParticipant
		}
	}
	return chat.BecauseNotNeeded
}

// onCustomers tells whether the act is on a messaging session or messaging user.
func onCustomers(act chat.Act) bool {
	switch act {
	case chat.ActSeeSession, chat.ActEditSession, chat.ActSeeContact, chat.ActEditContact:
		return true
	}
	return false
}

func needsLicense(act chat.Act) bool {
	d, _ := demandOf(act)
	return d.license || onCustomers(act)
}

func becauseMode(m chat.MessagingMode) chat.Because {
	switch m {
	case chat.ModeEveryone:
		return chat.BecauseOn
	case chat.ModeSuperiorsOnly:
		return chat.BecauseSuperior
	}
	return chat.BecauseModeAllows
}
