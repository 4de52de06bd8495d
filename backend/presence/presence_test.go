package presence_test

import (
	"testing"

	"pgregory.net/rapid"

	"parley/backend/chat"
	"parley/backend/presence"
)

func status(s chat.WorkState, reason string) chat.Status {
	return chat.Status{State: s, Reason: reason, At: 50}
}

func TestOf(t *testing.T) {
	desktop, browser, phone := chat.DeviceDesktop, chat.DeviceBrowser, chat.DevicePhone
	tests := []struct {
		name    string
		role    chat.Role
		status  chat.Status
		devices []presence.Device
		want    chat.Presence
	}{
		{"EXP-3 signed in is online", chat.RoleAgent, status(chat.WorkAvailable, ""), []presence.Device{{desktop, 100, 0}},
			chat.Presence{Availability: chat.Online, Rule: chat.RuleSignedIn, Device: desktop, SinceAt: 100}},
		{"EXP-4 break is away", chat.RoleAgent, status(chat.WorkBreak, "lunch"), []presence.Device{{desktop, 20, 0}},
			chat.Presence{Availability: chat.Away, Rule: chat.RuleBreak, Reason: "lunch", Device: desktop, SinceAt: 50}},
		{"EXP-4 working offline is busy", chat.RoleAgent, status(chat.WorkWorkingOffline, "audit"), []presence.Device{{desktop, 20, 0}},
			chat.Presence{Availability: chat.Busy, Rule: chat.RuleWorkingOffline, Reason: "audit", Device: desktop, SinceAt: 50}},
		{"EXP-4 wrap-up is busy", chat.RoleAgent, status(chat.WorkWrapUp, ""), []presence.Device{{browser, 20, 0}},
			chat.Presence{Availability: chat.Busy, Rule: chat.RuleWrapUp, Device: browser, SinceAt: 50}},
		{"EXP-4 signed out is offline, whatever was declared", chat.RoleAgent, status(chat.WorkBreak, "lunch"), nil,
			chat.Presence{Availability: chat.Offline, Rule: chat.RuleNoDevice}},
		{"a declared break outlives being away", chat.RoleExpert, status(chat.WorkBreak, "lunch"), []presence.Device{{phone, 90, 0}},
			chat.Presence{Availability: chat.Away, Rule: chat.RuleBreak, Reason: "lunch", Device: phone, SinceAt: 90}},
		{"EXP-8 an agent's phone alone is offline", chat.RoleAgent, status(chat.WorkAvailable, ""), []presence.Device{{phone, 10, 0}},
			chat.Presence{Availability: chat.Offline, Rule: chat.RuleNoDevice}},
		{"EXP-8 an expert's phone is not", chat.RoleExpert, status(chat.WorkAvailable, ""), []presence.Device{{phone, 60, 0}},
			chat.Presence{Availability: chat.Online, Rule: chat.RuleSignedIn, Device: phone, SinceAt: 60}},
		{"the most present device wins", chat.RoleExpert, status(chat.WorkAvailable, ""), []presence.Device{{phone, 60, 0}, {desktop, 90, 0}, {browser, 70, 0}},
			chat.Presence{Availability: chat.Online, Rule: chat.RuleSignedIn, Device: desktop, SinceAt: 60}},
		{"an agent's phone adds nothing to the desktop", chat.RoleAgent, status(chat.WorkAvailable, ""), []presence.Device{{phone, 60, 0}, {desktop, 90, 0}},
			chat.Presence{Availability: chat.Online, Rule: chat.RuleSignedIn, Device: desktop, SinceAt: 90}},
		{"one that is in use wins over one that is idle", chat.RoleExpert, status(chat.WorkAvailable, ""),
			[]presence.Device{{desktop, 60, 95}, {phone, 70, 0}},
			chat.Presence{Availability: chat.Online, Rule: chat.RuleSignedIn, Device: phone, SinceAt: 60}},
		{"all idle: the one used last is the evidence, and nothing else changes", chat.RoleExpert, status(chat.WorkBreak, "lunch"),
			[]presence.Device{{desktop, 60, 95}, {phone, 70, 98}},
			chat.Presence{Availability: chat.Away, Rule: chat.RuleBreak, Reason: "lunch", Device: desktop, SinceAt: 60, IdleSinceAt: 98}},
		{"an agent's phone in use does not make the desktop so", chat.RoleAgent, status(chat.WorkAvailable, ""),
			[]presence.Device{{desktop, 60, 95}, {phone, 70, 0}},
			chat.Presence{Availability: chat.Online, Rule: chat.RuleSignedIn, Device: desktop, SinceAt: 60, IdleSinceAt: 95}},
		{"unheard-of devices do not count", chat.RoleExpert, status(chat.WorkAvailable, ""), []presence.Device{{"toaster", 60, 0}},
			chat.Presence{Availability: chat.Offline, Rule: chat.RuleNoDevice}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := presence.Of(tt.role, tt.status, tt.devices); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestOf_order: the order in which devices are listed does not matter, and one device more never makes less present.
func TestOf_order(t *testing.T) {
	kinds := []chat.DeviceKind{chat.DeviceDesktop, chat.DeviceBrowser, chat.DevicePhone, "toaster"}
	rapid.Check(t, func(t *rapid.T) {
		role := rapid.SampledFrom(chat.Roles).Draw(t, "role")
		st := status(rapid.SampledFrom([]chat.WorkState{chat.WorkAvailable, chat.WorkBreak, chat.WorkWorkingOffline, chat.WorkWrapUp}).Draw(t, "state"), "r")
		var devices []presence.Device
		for range rapid.IntRange(0, 5).Draw(t, "devices") {
			devices = append(devices, presence.Device{Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), SinceAt: chat.Millis(rapid.IntRange(0, 99).Draw(t, "since")),
				IdleSinceAt: chat.Millis(rapid.IntRange(0, 2).Draw(t, "idle"))})
		}
		got := presence.Of(role, st, devices)
		if shuffled := presence.Of(role, st, rapid.Permutation(devices).Draw(t, "order")); shuffled != got {
			t.Fatalf("%+v, in another order %+v", got, shuffled)
		}
		more := presence.Of(role, st, append(devices, presence.Device{Kind: rapid.SampledFrom(kinds).Draw(t, "one more")}))
		if got.Availability != chat.Offline && more.Availability != got.Availability {
			t.Fatalf("one device more makes %s of %s", more.Availability, got.Availability)
		}
	})
}
