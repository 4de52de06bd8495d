package hub

import (
	"context"
	"slices"

	"parley/backend/chat"
	"parley/backend/store"
)

// previewEdition says which licenses and permission sets would have to be assigned anew in an edition (SET-6).
func previewEdition(_ context.Context, c *call, args chat.EditionPreviewArgs) (any, error) {
	return c.facts.migration(args.Edition)
}

// migration returns what changing to the edition means. It is empty for the edition that there is.
func (f *facts) migration(to chat.Edition) (*chat.EditionPreviewAnswer, error) {
	if !slices.Contains(chat.Editions, to) {
		return nil, chat.Invalid("%.40q is not an edition", string(to))
	}
	m := &chat.EditionPreviewAnswer{From: f.licensing.Edition.License(), To: to.License(), UserIDs: []chat.UserID{}, SetIDs: []chat.PermissionSetID{}}
	for _, id := range f.ids {
		if u := f.user(id); u != nil && u.row.License != "" && u.row.License != m.To {
			m.UserIDs = append(m.UserIDs, id)
		}
	}
	for id, s := range f.sets.all() {
		if s.License != "" && s.License != m.To {
			m.SetIDs = append(m.SetIDs, id)
		}
	}
	slices.Sort(m.SetIDs)
	m.Revision = f.licensing.Revision
	return m, nil
}

// updateEdition changes the edition, and with it all assignments that a preview named. Nobody gains or loses a right by it.
func updateEdition(b *batch, _ *user, by Actor, args chat.EditionUpdateArgs) (any, error) {
	m, err := b.facts.migration(args.Edition)
	if err != nil {
		return nil, err
	}
	if args.Revision != m.Revision {
		return nil, errRevision
	}
	was := b.facts.licensing.Edition
	if args.Edition == was && len(m.SetIDs)+len(m.UserIDs) == 0 {
		return chat.RevisionAnswer{Revision: m.Revision}, nil
	}
	b.changeLicensing(args.Edition, by)
	b.audit(by, chat.EditionUpdate, chat.AuditSubject{Kind: chat.SubjectEdition, Name: string(args.Edition)}, changed("edition", was, args.Edition))
	for _, id := range m.SetIDs {
		s, _ := b.facts.sets.get(id)
		set := s.PermissionSet
		set.License = m.To
		set.Revision++
		b.facts.sets = b.facts.sets.with(id, &store.PermissionSet{PermissionSet: set, ChangedBy: string(by.UserID), ChangedAt: b.at})
		b.sets[id] = struct{}{}
		b.audit(by, chat.EditionUpdate, aboutSet(&set), setChanges(&s.PermissionSet, &set))
	}
	for _, id := range m.UserIDs {
		u := b.facts.user(id)
		row := u.row
		row.License = m.To
		row.Revision++
		b.putRights(u, row, by)
		b.audit(by, chat.EditionUpdate, aboutUser(u), b.facts.userChanges(u, b.facts.user(id)))
	}
	b.changeRules()
	return chat.RevisionAnswer{Revision: b.facts.licensing.Revision}, nil
}

// changeLicensing raises the revision of everything an edition's preview speaks of, and sets the edition.
func (b *batch) changeLicensing(edition chat.Edition, by Actor) {
	next := &b.facts.licensing
	next.Edition = edition
	next.Revision++
	next.ChangedBy, next.ChangedAt = string(by.UserID), b.at
	row := *next
	b.changes.Licensing = &row
}
