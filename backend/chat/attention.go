package chat

import "slices"

// ReminderMode says which messages a toast tells of while somebody is elsewhere (MSG-32).
type ReminderMode string

// The modes. Sound and flashing do not depend on them.
const (
	// ReminderEvery shows a toast with every new message.
	ReminderEvery ReminderMode = "every"
	// ReminderAfter shows one toast, a set time after the first message that nobody has looked at.
	ReminderAfter ReminderMode = "after"
	// ReminderOff shows none.
	ReminderOff ReminderMode = "off"
	// ReminderNotChosen leaves it to the organisation; where that has not chosen either it is ReminderEvery.
	ReminderNotChosen ReminderMode = ""
)

// Reminder is a choice of when toasts remind.
type Reminder struct {
	Mode ReminderMode `json:"mode"`
	// AfterMs is the time of ReminderAfter, at most MaxReminderMs; zero with the other modes.
	AfterMs Millis `json:"afterMs,omitempty"`
}

// The bounds of what is chosen.
const (
	MinReminderMs Millis = 1000
	MaxReminderMs Millis = 24 * 3600 * 1000
	// MaxQuietHours bounds how many times of quiet somebody has.
	MaxQuietHours = 20
	// minutesOfDay is how many minutes a day has by the clock.
	minutesOfDay = 24 * 60
)

// QuietHours is a time in which nothing disturbs, by the clock of whichever device one is at.
type QuietHours struct {
	// Days are those on which it begins: 0 is Sunday, 6 Saturday; each at most once, ascending.
	Days []int `json:"days"`
	// FromMinute and ToMinute are minutes after midnight, 0 to 1439. A time that ends no later than it begins ends on the next
	// day; from a minute to the same it lasts a whole day.
	FromMinute int `json:"fromMinute"`
	ToMinute   int `json:"toMinute"`
}

// DoNotDisturb is the wish not to be disturbed from now on.
type DoNotDisturb struct {
	On bool `json:"on"`
	// UntilAt is when it ends by itself; zero: when it is switched off.
	UntilAt Millis `json:"untilAt,omitempty"`
}

// Attention is how a user wants to be disturbed, on all of their devices. Whether a device plays sounds, and how loud, is that
// device's own business.
type Attention struct {
	Reminder     Reminder     `json:"reminder,omitzero"`
	QuietHours   []QuietHours `json:"quietHours,omitempty"`
	DoNotDisturb DoNotDisturb `json:"doNotDisturb,omitzero"`
}

// AttentionUpdateArgs change how one wants to be disturbed. What is absent stays.
type AttentionUpdateArgs struct {
	Reminder     *Reminder     `json:"reminder,omitempty"`
	QuietHours   *[]QuietHours `json:"quietHours,omitempty"`
	DoNotDisturb *DoNotDisturb `json:"doNotDisturb,omitempty"`
}

// ConversationMuteArgs say whether new messages of a conversation disturb the asker. They are counted in any case.
type ConversationMuteArgs struct {
	ConversationID ConversationID `json:"conversationId"`
	Muted          bool           `json:"muted"`
}

// IdleSetArgs say whether somebody is at the device that asks. A device counts as used until it says otherwise.
type IdleSetArgs struct {
	// Idle is true when nobody has used it for a while, or it is locked.
	Idle bool `json:"idle"`
	// ForMs is for how long already; zero if not idle.
	ForMs Millis `json:"forMs,omitempty"`
}

// CleanReminder checks a choice of when to be reminded.
func CleanReminder(r Reminder) (Reminder, error) {
	switch r.Mode {
	case ReminderAfter:
		if r.AfterMs < MinReminderMs || r.AfterMs > MaxReminderMs {
			return r, Invalid("a reminder comes between 1 second and 24 hours after the first message")
		}
	case ReminderNotChosen, ReminderEvery, ReminderOff:
		r.AfterMs = 0
	default:
		return r, Invalid("%.40q is not a way to be reminded", string(r.Mode))
	}
	return r, nil
}

// CleanQuietHours checks times of quiet and puts their days in order.
func CleanQuietHours(list []QuietHours) ([]QuietHours, error) {
	if len(list) > MaxQuietHours {
		return nil, Invalid("there are %d quiet hours; at most %d are allowed", len(list), MaxQuietHours)
	}
	var clean []QuietHours
	for _, q := range list {
		days := slices.Clone(q.Days)
		slices.Sort(days)
		q.Days = slices.Compact(days)
		if len(q.Days) == 0 || q.Days[0] < 0 || q.Days[len(q.Days)-1] > 6 {
			return nil, Invalid("quiet hours are on days from 0, Sunday, to 6, Saturday, at least one of them")
		}
		if q.FromMinute < 0 || q.FromMinute >= minutesOfDay || q.ToMinute < 0 || q.ToMinute >= minutesOfDay {
			return nil, Invalid("quiet hours begin and end at a minute of the day, from 0 to %d", minutesOfDay-1)
		}
		clean = append(clean, q)
	}
	return clean, nil
}

// Apply returns the attention after the change, which is checked.
func (a Attention) Apply(args AttentionUpdateArgs) (Attention, error) {
	if args == (AttentionUpdateArgs{}) {
		return a, Invalid("say what is to change: the reminder, the quiet hours, or do-not-disturb")
	}
	var err error
	if args.Reminder != nil {
		if a.Reminder, err = CleanReminder(*args.Reminder); err != nil {
			return a, err
		}
	}
	if args.QuietHours != nil {
		if a.QuietHours, err = CleanQuietHours(*args.QuietHours); err != nil {
			return a, err
		}
	}
	if args.DoNotDisturb != nil {
		a.DoNotDisturb = *args.DoNotDisturb
		if !a.DoNotDisturb.On {
			a.DoNotDisturb.UntilAt = 0
		}
		if a.DoNotDisturb.UntilAt < 0 {
			return a, Invalid("do-not-disturb ends at a time, or when it is switched off")
		}
	}
	return a, nil
}
