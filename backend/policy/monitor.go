package policy

import "parley/backend/chat"

// Monitoring says, for each group, which supervisors may watch the conversations of its agents (EXP-17). It never changes.
type Monitoring map[chat.GroupID]Watchers

// Watchers are the supervisors of one rule.
type Watchers struct {
	Transcripts, Live map[chat.UserID]struct{}
}

// Watched is a conversation that the actor takes no part in.
type Watched struct {
	Monitoring Monitoring
	// Pair are its two participants; nil where there is none so called.
	Pair [2]*Person
}

// watch decides on reading a conversation one takes no part in, and on following it. Only supervisors may, and only what the
// rule of the agent's present group names them for; of two agents in different groups either rule grants. One's own
// conversations are read as ever.
func watch(act chat.Act, f Facts) Decision {
	for _, p := range f.Watched.Pair {
		if p == nil || p.ID == f.Actor.ID {
			return ungranted(act)
		}
	}
	for _, p := range f.Watched.Pair {
		if f.Actor.rank == rankSupervisor && p.rank == rankAgent && f.Watched.Monitoring.Names(act, p.GroupID, f.Actor.ID) {
			return allow(act)
		}
	}
	return ungranted(act)
}

// Names tells whether the rule of a group names the user for the act.
func (m Monitoring) Names(act chat.Act, group chat.GroupID, id chat.UserID) bool {
	if group == "" {
		return false
	}
	named := m[group].Live
	if act == chat.ActTranscript {
		named = m[group].Transcripts
	}
	_, ok := named[id]
	return ok
}

// Beyond tells whether some rule names the other for an act for which it does not name the actor. Whoever could act as the other
// would see what they may not.
func (m Monitoring) Beyond(actor, other chat.UserID) bool {
	for group := range m {
		for _, act := range []chat.Act{chat.ActTranscript, chat.ActMonitor} {
			if m.Names(act, group, other) && !m.Names(act, group, actor) {
				return true
			}
		}
	}
	return false
}
