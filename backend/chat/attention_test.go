package chat_test

import (
	"reflect"
	"testing"

	"parley/backend/chat"
)

func TestAttention_applyTakesWhatIsThereAndKeepsTheRest(t *testing.T) {
	was := chat.Attention{Reminder: chat.Reminder{Mode: chat.ReminderOff}, QuietHours: []chat.QuietHours{{Days: []int{0}, ToMinute: 60}},
		DoNotDisturb: chat.DoNotDisturb{On: true, UntilAt: 5}}
	for _, c := range []struct {
		name string
		args chat.AttentionUpdateArgs
		want func(*chat.Attention)
	}{
		{"a reminder, whose time counts with its mode only", chat.AttentionUpdateArgs{Reminder: &chat.Reminder{Mode: chat.ReminderEvery, AfterMs: 7}},
			func(a *chat.Attention) { a.Reminder = chat.Reminder{Mode: chat.ReminderEvery} }},
		{"one that is left to the organisation", chat.AttentionUpdateArgs{Reminder: &chat.Reminder{}}, func(a *chat.Attention) { a.Reminder = chat.Reminder{} }},
		{"one after a time", chat.AttentionUpdateArgs{Reminder: &chat.Reminder{Mode: chat.ReminderAfter, AfterMs: chat.MinReminderMs}},
			func(a *chat.Attention) {
				a.Reminder = chat.Reminder{Mode: chat.ReminderAfter, AfterMs: chat.MinReminderMs}
			}},
		{"quiet hours, their days in order", chat.AttentionUpdateArgs{QuietHours: &[]chat.QuietHours{{Days: []int{6, 1, 6}, FromMinute: 1439}}},
			func(a *chat.Attention) { a.QuietHours = []chat.QuietHours{{Days: []int{1, 6}, FromMinute: 1439}} }},
		{"none", chat.AttentionUpdateArgs{QuietHours: &[]chat.QuietHours{}}, func(a *chat.Attention) { a.QuietHours = nil }},
		{"to be disturbed again", chat.AttentionUpdateArgs{DoNotDisturb: &chat.DoNotDisturb{UntilAt: 9}}, func(a *chat.Attention) { a.DoNotDisturb = chat.DoNotDisturb{} }},
	} {
		want := was
		c.want(&want)
		if got, err := was.Apply(c.args); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, want)
		}
	}
}

func TestAttention_refusesWhatIsNoTime(t *testing.T) {
	many := make([]chat.QuietHours, chat.MaxQuietHours+1)
	for _, args := range []chat.AttentionUpdateArgs{
		{},
		{Reminder: &chat.Reminder{Mode: "loudly"}},
		{Reminder: &chat.Reminder{Mode: chat.ReminderAfter, AfterMs: chat.MinReminderMs - 1}},
		{Reminder: &chat.Reminder{Mode: chat.ReminderAfter, AfterMs: chat.MaxReminderMs + 1}},
		{QuietHours: &many}, {QuietHours: &[]chat.QuietHours{{}}},
		{QuietHours: &[]chat.QuietHours{{Days: []int{7}}}}, {QuietHours: &[]chat.QuietHours{{Days: []int{-1}}}},
		{QuietHours: &[]chat.QuietHours{{Days: []int{1}, FromMinute: -1}}}, {QuietHours: &[]chat.QuietHours{{Days: []int{1}, ToMinute: 1440}}},
		{DoNotDisturb: &chat.DoNotDisturb{On: true, UntilAt: -1}},
	} {
		if _, err := (chat.Attention{}).Apply(args); chat.AsError(err).Code != chat.CodeInvalid {
			t.Errorf("%+v: %v", args, err)
		}
	}
}
