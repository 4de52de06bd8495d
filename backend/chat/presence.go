package chat

import "slices"

// WorkState is what users say about their work; presence is derived from it (EXP-3, EXP-4).
type WorkState string

// The work states. Experts and others use Available, Break (shown as Away) and WorkingOffline (shown as Busy).
const (
	WorkAvailable      WorkState = "available"
	WorkBreak          WorkState = "break"
	WorkWorkingOffline WorkState = "workingOffline"
	WorkWrapUp         WorkState = "wrapUp"
)

// WorkStates lists all work states in the order in which they are shown.
var WorkStates = []WorkState{WorkAvailable, WorkBreak, WorkWorkingOffline, WorkWrapUp}

// Valid tells whether w is a known work state.
func (w WorkState) Valid() bool { return slices.Contains(WorkStates, w) }

// Status is a declared work state. It is kept over restarts: a restart ends nobody's break.
type Status struct {
	State WorkState `json:"state"`
	// Reason is free text or a break reason, at most MaxReasonLength characters, may be empty.
	Reason string `json:"reason"`
	At     Millis `json:"at"`
}

// Availability is the shown presence (EXP-4).
type Availability string

// The values, from most to least present.
const (
	Online  Availability = "online"
	Busy    Availability = "busy"
	Away    Availability = "away"
	Offline Availability = "offline"
)

// PresenceRule names the rule that gave a presence, as part of its evidence.
type PresenceRule string

// The rules, in the order in which they are asked: Offline, else Away (break), else Busy, else Online.
const (
	RuleNoDevice       PresenceRule = "noDevice"       // no live device (or, for an agent, only a phone: EXP-8)
	RuleBreak          PresenceRule = "break"          // declared break
	RuleWorkingOffline PresenceRule = "workingOffline" // declared working offline
	RuleWrapUp         PresenceRule = "wrapUp"         // declared wrap-up
	RuleSignedIn       PresenceRule = "signedIn"       // a live device and nothing against it
)

// Presence is how present a user is, with the evidence for it, as one viewer may know it.
type Presence struct {
	UserID       UserID       `json:"userId"`
	Availability Availability `json:"availability"`
	Rule         PresenceRule `json:"rule"`
	// Reason is what the user said with the declared state; empty where the viewer may not know it.
	Reason string `json:"reason,omitempty"`
	// Device is the kind of the most present live device; empty when offline.
	Device DeviceKind `json:"device,omitempty"`
	// SinceAt is when this presence began.
	SinceAt Millis `json:"sinceAt"`
	// IdleSinceAt is since when nobody has been at any device that counts; zero while somebody is. It is evidence only: what is
	// shown does not follow from it.
	IdleSinceAt Millis `json:"idleSinceAt,omitempty"`
}

// DeviceKind is the kind of program a session belongs to.
type DeviceKind string

// The kinds of device.
const (
	DeviceDesktop DeviceKind = "desktop"
	DeviceBrowser DeviceKind = "browser"
	DevicePhone   DeviceKind = "phone"
)

// Valid tells whether d is a known kind.
func (d DeviceKind) Valid() bool {
	return d == DeviceDesktop || d == DeviceBrowser || d == DevicePhone
}
