// Package presence derives how present a user is from the declared work state and the devices that are live now (EXP-3,
// EXP-4, EXP-8). It is pure: the hub keeps states and devices, asks here after each change, and decides through package
// policy who is told how much of the evidence.
package presence

import "parley/backend/chat"

// Device is one live session of the user.
type Device struct {
	Kind chat.DeviceKind
	// SinceAt is when it became live.
	SinceAt chat.Millis
	// IdleSinceAt is since when nobody has been at it; zero while somebody is.
	IdleSinceAt chat.Millis
}

// Of returns the presence of a user of the role with the declared status and the live devices. The rules are asked in this
// order: Offline, else Away (break), else Busy (working offline, wrap-up), else Online. A declared state outlives the
// devices: whoever comes back from offline is still on the break they declared. An interaction with a customer makes busy, too,
// behind wrap-up; it comes in as a further argument with what gives agents such interactions.
//
// The most present device wins and is the evidence: one that is in use before one that is idle, then a desktop before a browser
// before a phone, of equals the one longest live. That all of them are idle is evidence as well and changes nothing else. An
// agent's phone does not count: it alone leaves the agent offline (EXP-8).
//
// The caller sets UserID. SinceAt is when the presence began as far as the arguments tell: the later of the declaration
// and the moment a counting device became live; zero when offline, where nothing here knows.
func Of(role chat.Role, status chat.Status, devices []Device) chat.Presence {
	var best Device
	var liveAt, idleAt chat.Millis
	for _, d := range devices {
		if rank(d.Kind) == 0 || role == chat.RoleAgent && d.Kind == chat.DevicePhone {
			continue
		}
		if best.Kind == "" || d.SinceAt < liveAt {
			liveAt = d.SinceAt
		}
		idleAt = max(idleAt, d.IdleSinceAt)
		if best.Kind == "" || d.before(best) {
			best = d
		}
	}
	if best.Kind == "" {
		return chat.Presence{Availability: chat.Offline, Rule: chat.RuleNoDevice}
	}
	p := chat.Presence{Reason: status.Reason, Device: best.Kind, SinceAt: max(liveAt, status.At)}
	if best.IdleSinceAt != 0 {
		p.IdleSinceAt = idleAt
	}
	switch status.State {
	case chat.WorkBreak:
		p.Availability, p.Rule = chat.Away, chat.RuleBreak
	case chat.WorkWorkingOffline:
		p.Availability, p.Rule = chat.Busy, chat.RuleWorkingOffline
	case chat.WorkWrapUp:
		p.Availability, p.Rule = chat.Busy, chat.RuleWrapUp
	default:
		p.Availability, p.Rule = chat.Online, chat.RuleSignedIn
	}
	return p
}

// before tells whether a device shows its user more present than another one.
func (d Device) before(other Device) bool {
	if idle := d.IdleSinceAt != 0; idle != (other.IdleSinceAt != 0) {
		return !idle
	}
	if d.Kind != other.Kind {
		return rank(d.Kind) > rank(other.Kind)
	}
	return d.SinceAt < other.SinceAt
}

// rank orders the kinds of device by how present they make somebody; zero for kinds nobody has heard of, which do not
// count.
func rank(kind chat.DeviceKind) int {
	switch kind {
	case chat.DeviceDesktop:
		return 3
	case chat.DeviceBrowser:
		return 2
	case chat.DevicePhone:
		return 1
	}
	return 0
}
