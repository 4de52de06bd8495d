package rig_test

import (
	"testing"
	"time"

	"parley/backend/chat"
	"parley/backend/rig"
	"parley/backend/server"
	"parley/backend/wire"
)

// TestPresence_noGhost: a device whose network has gone silent is given up within 30 s by the product's own times; until then it counts,
// and then the user's other device is the one to disturb, or nobody is there.
func TestPresence_noGhost(t *testing.T) {
	if given := wire.PingEvery + wire.PingTimeout; given > 30*time.Second {
		t.Errorf("a silent device is given up after %v", given)
	}
	s := rig.Start(t, rig.Limits(server.Options{PingEvery: 100 * time.Millisecond, PingTimeout: time.Second}))
	proxy := rig.NewProxy(t, s.URL)
	liam := s.As("liam")
	desk := s.As("mira")
	laptop := s.AsVia("mira", proxy.URL)
	desk.ExpectSignal("the laptop is where Mira is", func(g chat.Signal) bool { return g.Type == chat.SignalForemost && !g.Foremost })
	liam.Until("Mira is here", func(w *rig.World) bool { return w.Presence[desk.ID].Availability == chat.Online })

	proxy.Swallow(rig.Up)
	proxy.Swallow(rig.Down)
	desk.ExpectSignal("the desk is to disturb her", func(g chat.Signal) bool { return g.Type == chat.SignalForemost && g.Foremost })
	if p := liam.World().Presence[desk.ID]; p.Availability != chat.Online {
		t.Errorf("with one device left Mira is %+v", p)
	}
	desk.Disconnect()
	liam.Until("nobody is there any more", func(w *rig.World) bool { _, here := w.Presence[desk.ID]; return !here })
	proxy.Heal()
	laptop.Ended()
}

// TestPresence_evidenceOfIdleness is told to who may know, with the device, and is over at once.
func TestPresence_evidenceOfIdleness(t *testing.T) {
	s := rig.Start(t, rig.HandClock())
	liam, mira := s.As("liam"), s.As("mira")
	s.Clock().Turn(time.Hour)
	mira.Do(chat.IdleSet, chat.IdleSetArgs{Idle: true, ForMs: 12 * 60_000}, nil)
	since := chat.MillisOf(s.Clock().Now().Add(-12 * time.Minute))
	liam.Until("she has been idle for 12 minutes, and is online all the same", func(w *rig.World) bool {
		p := w.Presence[mira.ID]
		return p.IdleSinceAt == since && p.Availability == chat.Online && p.Device == chat.DeviceDesktop
	})
	mira.Do(chat.IdleSet, chat.IdleSetArgs{}, nil)
	liam.Until("she is at it again", func(w *rig.World) bool { return w.Presence[mira.ID].IdleSinceAt == 0 })
}
