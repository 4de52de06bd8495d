package hub

import (
	"bytes"
	"context"
	"fmt"
	"unicode/utf8"

	"parley/backend/chat"
	"parley/backend/store"
)

// audit notes in the audit log what a command has changed, in the transaction in which it is changed, and tells administrators. A
// command that has changed nothing leaves no entry.
func (b *batch) audit(by Actor, command chat.CommandName, subject chat.AuditSubject, changes []chat.AuditChange) {
	b.auditBy(by, b.facts.addressOf(by), command, subject, changes)
}

// addressOf returns the network address of somebody's session; "" for the console.
func (f *facts) addressOf(by Actor) string {
	if s, ok := f.sessions.get(by.SessionID); ok {
		return s.Address
	}
	return ""
}

// auditBy is audit for what takes effect without its author being there.
func (b *batch) auditBy(by Actor, address string, command chat.CommandName, subject chat.AuditSubject, changes []chat.AuditChange) {
	if len(changes) > 0 {
		e := b.note(by, address, command, subject, changes)
		b.log(chat.Event{Type: chat.ConfigurationChanged, Audit: e}, entry{configuring: true}, by)
	}
}

// note writes an entry of the audit log.
func (b *batch) note(by Actor, address string, command chat.CommandName, subject chat.AuditSubject, changes []chat.AuditChange) *chat.AuditEntry {
	e := chat.AuditEntry{N: b.facts.audit.N + 1, At: b.at, ByID: by.UserID, ByName: b.facts.nameOf(by.UserID), Address: address, Command: command,
		Subject: subject, Changes: changes}
	hash, err := e.Chain(b.facts.audit.Hash)
	if err != nil {
		panic(fmt.Sprintf("hub: encode an audit entry: %v", err)) // as in mustEncode
	}
	e.Hash = hash
	b.facts.audit = store.AuditHead{N: e.N, Hash: hash}
	b.changes.Audit = append(b.changes.Audit, e)
	return &e
}

// nameOf returns how somebody who acts is called.
func (f *facts) nameOf(id chat.UserID) string {
	if u := f.user(id); u != nil {
		return u.row.User.DisplayName
	}
	return string(id)
}

// changed returns the change of a field, none if it stayed what it was. A nil is nothing.
func changed(field string, from, to any) []chat.AuditChange {
	c := chat.AuditChange{Field: field}
	if from != nil {
		c.From = mustEncode(from)
	}
	if to != nil {
		c.To = mustEncode(to)
	}
	if bytes.Equal(c.From, c.To) {
		return nil
	}
	return []chat.AuditChange{c}
}

// aboutUser names a user as the subject of an entry.
func aboutUser(u *user) chat.AuditSubject {
	return chat.AuditSubject{Kind: chat.SubjectUser, ID: string(u.id()), Name: u.row.User.DisplayName}
}

// userChanges returns what differs between two states of an account; before is nil for a new one. Passwords are not among it.
func (f *facts) userChanges(before, after *user) []chat.AuditChange {
	from, to := f.auditable(before), f.auditable(after)
	var changes []chat.AuditChange
	for i := range to {
		changes = append(changes, changed(to[i].field, from[i].value, to[i].value)...)
	}
	return changes
}

type auditField struct {
	field string
	value any
}

// auditable lists what the audit log keeps of an account, by the names of the protocol.
func (f *facts) auditable(u *user) []auditField {
	if u == nil {
		u = &user{}
	}
	row, nobody := &u.row, u.row.Key == 0
	group, teams := f.group(u), []chat.Team{}
	for _, id := range row.User.TeamIDs {
		if t, ok := f.teams.get(id); ok {
			teams = append(teams, t.Team)
		}
	}
	fields := []auditField{
		{"name", row.Name}, {"displayName", row.User.DisplayName}, {"title", row.User.Title}, {"role", row.User.Role}, {"group", nil}, {"teams", teams},
		{"active", row.User.Active}, {"settings", row.Settings}, {"pending", nil}, {"license", nil}, {"sets", nil},
	}
	if row.License != "" {
		fields[9].value = row.License
	}
	if sets := f.setsOf(row); len(sets) > 0 {
		names := make([]chat.PermissionSetName, len(sets))
		for i, s := range sets {
			names[i] = chat.PermissionSetName{ID: s.ID, Label: s.Label}
		}
		fields[10].value = names
	}
	if group != nil {
		fields[4].value = group
	}
	if row.Pending != nil {
		fields[8].value = row.Pending
	}
	if nobody {
		for i := range fields {
			fields[i].value = nil
		}
	}
	return fields
}

// setChanges returns what differs between two states of a permission set; nil is one that is not there.
func setChanges(before, after *chat.PermissionSet) []chat.AuditChange {
	var changes []chat.AuditChange
	from, to := auditableSet(before), auditableSet(after)
	for i := range to {
		changes = append(changes, changed(to[i].field, from[i].value, to[i].value)...)
	}
	return changes
}

func auditableSet(s *chat.PermissionSet) []auditField {
	fields := []auditField{{"label", nil}, {"apiName", nil}, {"license", nil}, {"permissions", nil}, {"sessions", nil}, {"contacts", nil}, {"statuses", nil}}
	if s == nil {
		return fields
	}
	fields[0].value, fields[1].value, fields[3].value = s.Label, s.APIName, s.Permissions
	fields[4].value, fields[5].value, fields[6].value = s.Sessions, s.Contacts, s.Statuses
	if s.License != "" {
		fields[2].value = s.License
	}
	return fields
}

func aboutSet(s *chat.PermissionSet) chat.AuditSubject {
	return chat.AuditSubject{Kind: chat.SubjectPermissionSet, ID: string(s.ID), Name: s.Label}
}

// organisationChanges returns what differs between two states of what is true for everybody.
func organisationChanges(before, after *chat.Organisation) []chat.AuditChange {
	var changes []chat.AuditChange
	changes = append(changes, changed("name", before.Name, after.Name)...)
	changes = append(changes, changed("messaging", before.Messaging, after.Messaging)...)
	changes = append(changes, changed("mode", before.Mode, after.Mode)...)
	changes = append(changes, changed("replyWindowMs", before.ReplyWindowMs, after.ReplyWindowMs)...)
	changes = append(changes, changed("reminder", before.Reminder, after.Reminder)...)
	changes = append(changes, changed("secondFactor", append([]chat.Role{}, before.SecondFactor...), append([]chat.Role{}, after.SecondFactor...))...)
	return append(changes, changed("pushText", before.PushText, after.PushText)...)
}

// maxAuditText bounds what is looked for in the audit log, in bytes.
const maxAuditText = 200

func listAudit(ctx context.Context, c *call, args chat.AuditListArgs) (any, error) {
	switch {
	case args.Limit < 1 || args.Limit > chat.MaxHistoryPage || args.BeforeN < 0:
		return nil, chat.Invalid("limit is from 1 to %d, beforeN not negative", chat.MaxHistoryPage)
	case len(args.Text) > maxAuditText || !utf8.ValidString(args.Text):
		return nil, chat.Invalid("the text to look for is at most %d bytes", maxAuditText)
	case args.FromAt < 0 || args.ToAt < 0:
		return nil, chat.Invalid("times are not negative")
	}
	found, err := c.h.o.Store.AuditEntries(ctx, args)
	if err != nil {
		return nil, err
	}
	answer := chat.AuditListAnswer{Entries: found, More: len(found) > args.Limit}
	if answer.More {
		answer.Entries = found[:args.Limit]
	}
	return answer, nil
}

func verifyAudit(ctx context.Context, c *call, _ none) (any, error) {
	return c.h.o.Store.VerifyAudit(ctx)
}
