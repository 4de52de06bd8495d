package chat

// GateVerdict is what a gate answered when an act was decided.
type GateVerdict string

// The verdicts of a gate. The first that refuses decides, and those after it are not asked.
const (
	GatePassed   GateVerdict = "passed"
	GateRefused  GateVerdict = "refused"
	GateNotAsked GateVerdict = "notAsked"
)

// Because says why a gate let an act pass. User interfaces translate it.
type Because string

// The reasons.
const (
	BecauseActive      Because = "active"      // the accounts concerned are active
	BecauseOn          Because = "on"          // messages between users are on, without restriction
	BecauseSuperior    Because = "superior"    // superiors only (IM-3), and no agent without a superior is concerned
	BecauseModeAllows  Because = "modeAllows"  // administrators start (IM-4), and an administrator starts or somebody answers
	BecauseSameGroup   Because = "sameGroup"   // both are agents of one group
	BecauseNoWall      Because = "noWall"      // a wall stands between agents only (EXP-20)
	BecauseRole        Because = "role"        // the role grants the act
	BecauseReplies     Because = "replies"     // Replies is on, and the other side wrote within the reply window
	BecauseStart       Because = "start"       // Start is on and covers the other side
	BecauseParticipant Because = "participant" // the actor takes part in the conversation
	BecauseNotNeeded   Because = "notNeeded"   // the act needs nothing of this gate
)

// GateStep is one gate's part of an Explanation.
type GateStep struct {
	Gate    Gate        `json:"gate"`
	Verdict GateVerdict `json:"verdict"`
	// Rule is what refused; with GateRefused only.
	Rule Rule `json:"rule,omitempty"`
	// Because is why it passed; with GatePassed only.
	Because Because `json:"because,omitempty"`
}

// Reach is how far one user's right to write to another goes. Each contains the one before it.
type Reach string

// The reaches.
const (
	ReachNone  Reach = "none"
	ReachReply Reach = "reply" // once the other side has written, for as long as the reply window is open
	ReachStart Reach = "start" // at any time
)
