package policy

import (
	"strconv"
	"strings"

	"parley/backend/chat"
)

// actorClass returns a word that is the same for people with the same rights towards everybody but themselves. It is "" for
// nobody. A test compares it with the fields of Person.
func (p *Person) actorClass() string {
	if p == nil {
		return ""
	}
	var b strings.Builder
	p.writePlace(&b)
	s := &p.Settings
	b.WriteString(strconv.FormatBool(s.Replies))
	b.WriteString(strconv.FormatBool(s.Start))
	b.WriteString(string(s.Scope))
	for _, t := range s.Targets {
		b.WriteByte(0)
		b.WriteString(t)
	}
	return b.String()
}

// targetClass returns a word that is the same for people towards whom everybody else has the same rights, single users'
// names in Start excepted. teams are those that are named in anybody's Start.
func (p *Person) targetClass(teams map[chat.TeamID]bool) string {
	if p == nil {
		return ""
	}
	var b strings.Builder
	p.writePlace(&b)
	for _, t := range p.TeamIDs {
		if teams[t] {
			b.WriteByte(0)
			b.WriteString(string(t))
		}
	}
	return b.String()
}

// writePlace writes what counts of a person on both sides.
func (p *Person) writePlace(b *strings.Builder) {
	b.WriteByte('0' + byte(p.rank))
	b.WriteString(strconv.FormatBool(p.Active))
	if p.rank == rankAgent {
		b.WriteString(string(p.GroupID))
	}
	b.WriteByte(1)
}
