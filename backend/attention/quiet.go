package attention

import (
	"slices"
	"time"

	"parley/backend/chat"
)

// Settings are how a user wants to be disturbed.
type Settings struct {
	chat.Attention
	// Organisation is the reminder of those who have not chosen one.
	Organisation chat.Reminder
}

// reminder is the one that counts.
func (s *Settings) reminder() chat.Reminder {
	if s.Reminder.Mode != chat.ReminderNotChosen {
		return s.Reminder
	}
	return s.Organisation
}

// Quiet tells whether nothing is to disturb at now, and until when; zero if nobody knows, because it lasts until it is switched
// off. Quiet hours count by the clock of now's location.
func (s *Settings) Quiet(now time.Time) (quiet bool, until time.Time) {
	if d := s.DoNotDisturb; d.On && d.UntilAt == 0 {
		return true, time.Time{}
	}
	until = now
	// Times of quiet may follow each other, all week long if need be.
	for until.Sub(now) < 8*24*time.Hour {
		next := s.endOf(until)
		if !next.After(until) {
			return until.After(now), until
		}
		until = next
	}
	return true, time.Time{}
}

// endOf is when the quiet ends in which at lies; at itself if it lies in none.
func (s *Settings) endOf(at time.Time) time.Time {
	end := at
	if until := s.DoNotDisturb.UntilAt.Time(); s.DoNotDisturb.On && until.After(end) {
		end = until.In(at.Location())
	}
	for _, q := range s.QuietHours {
		for _, ago := range []int{1, 0} { // what has begun yesterday may last until today
			from, to := span(q, at.AddDate(0, 0, -ago))
			if !slices.Contains(q.Days, int(from.Weekday())) || at.Before(from) || !to.After(end) {
				continue
			}
			end = to
		}
	}
	return end
}

// span is when quiet hours begin on a day, and end.
func span(q chat.QuietHours, day time.Time) (from, to time.Time) {
	y, m, d := day.Date()
	from = time.Date(y, m, d, 0, q.FromMinute, 0, 0, day.Location())
	if q.ToMinute <= q.FromMinute {
		d++
	}
	return from, time.Date(y, m, d, 0, q.ToMinute, 0, 0, day.Location())
}
