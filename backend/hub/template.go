package hub

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"parley/backend/chat"
	"parley/backend/store"
)

// Templates are told like rights, not by the log: each feed is told which differ from those it was told last, whether they were
// changed or its user came into another team. So what a template said before, or to others, is told to nobody later.

// uses tells whether a template is for somebody: for everybody, for one of their teams, or for a queue that one of these serves.
func (f *facts) uses(u *user, t *store.Template) bool {
	if len(t.TeamIDs)+len(t.QueueIDs) == 0 {
		return true
	}
	mine := func(id chat.TeamID) bool { return slices.Contains(u.row.User.TeamIDs, id) }
	return slices.ContainsFunc(t.TeamIDs, mine) || slices.ContainsFunc(t.QueueIDs, func(id chat.QueueID) bool {
		q, ok := f.queues.get(id)
		return ok && slices.ContainsFunc(q.TeamIDs, mine)
	})
}

// keeps tells whether somebody who may keep templates may know of this one: of the teams and queues it is for.
func (f *facts) keeps(me *user, t *store.Template) bool {
	return !slices.ContainsFunc(t.TeamIDs, func(id chat.TeamID) bool { return !f.scopesTeam(me, id) }) &&
		!slices.ContainsFunc(t.QueueIDs, func(id chat.QueueID) bool { return !f.scopesQueue(me, id) })
}

// scopesTeam and scopesQueue tell whether there is one of the id, which me may know of.
func (f *facts) scopesTeam(me *user, id chat.TeamID) bool {
	_, ok := f.teams.get(id)
	return ok && f.seesTeam(me, id)
}

func (f *facts) scopesQueue(me *user, id chat.QueueID) bool {
	q, ok := f.queues.get(id)
	return ok && f.seesQueue(me, q.TeamIDs)
}

// templatesFor returns the templates that somebody may use, in the order of their names.
func (f *facts) templatesFor(me *user) []chat.Template {
	told := []chat.Template{}
	for _, t := range f.templates.all() {
		if f.uses(me, t) {
			told = append(told, t.Template)
		}
	}
	sortTemplates(told)
	return told
}

func sortTemplates(list []chat.Template) {
	slices.SortFunc(list, func(a, b chat.Template) int {
		if a.Name != b.Name {
			return compare(a.Name, b.Name)
		}
		return compare(a.ID, b.ID)
	})
}

func sameTemplate(a, b *chat.Template) bool {
	return a.Name == b.Name && a.Shortcut == b.Shortcut && a.Text == b.Text && bytes.Equal(a.Document, b.Document) && slices.Equal(a.Attachments, b.Attachments)
}

// changedTemplates adds the templates that differ for me from those that were told.
func (f *Feed) changedTemplates(facts *facts, me *user, r *chat.Rights) {
	then := f.told.user(me.id())
	if f.told.templates == facts.templates && f.told.queues == facts.queues && slices.Equal(then.row.User.TeamIDs, me.row.User.TeamIDs) {
		return
	}
	news := chat.TemplateNews{Changed: []chat.Template{}}
	for id, t := range facts.templates.all() {
		was, told := f.told.templates.get(id)
		told = told && f.told.uses(then, was)
		switch uses := facts.uses(me, t); {
		case uses && (!told || !sameTemplate(&was.Template, &t.Template)):
			news.Changed = append(news.Changed, t.Template)
		case told && !uses:
			news.Gone = append(news.Gone, id)
		}
	}
	for id, was := range f.told.templates.all() {
		if _, is := facts.templates.get(id); !is && f.told.uses(then, was) {
			news.Gone = append(news.Gone, id)
		}
	}
	if len(news.Changed)+len(news.Gone) > 0 {
		sortTemplates(news.Changed)
		slices.Sort(news.Gone)
		r.Templates = &news
	}
}

// templating is a template as somebody wants it, ready for the writer.
type templating struct {
	id chat.TemplateID
	// revision is the one that was seen; 0 for a new one.
	revision int64
	content  chat.TemplateContent
	// files are the uploads that the content names, as far as there are any.
	files []*chat.Upload
	claim func(id chat.FileID) bool
}

func prepareNewTemplate(ctx context.Context, c *call, args chat.TemplateCreateArgs) (*templating, error) {
	if !chat.ValidUUID(string(args.ID)) {
		return nil, chat.Invalid("the template's id is not a UUID in its canonical form")
	}
	return c.template(ctx, args.ID, 0, args.Content)
}

func prepareTemplate(ctx context.Context, c *call, args chat.TemplateUpdateArgs) (*templating, error) {
	if args.Revision < 1 {
		return nil, chat.Invalid("a template's revision is at least 1")
	}
	return c.template(ctx, args.ID, args.Revision, args.Content)
}

func (c *call) template(ctx context.Context, id chat.TemplateID, revision int64, content chat.TemplateContent) (p *templating, err error) {
	p = &templating{id: id, revision: revision}
	if p.content, err = content.Clean(); err != nil {
		return nil, err
	}
	if p.files, err = c.h.uploads(ctx, content.FileIDs); c.h.o.Files != nil {
		p.claim = c.h.o.Files.Claim
	}
	return p, err
}

// createTemplate makes a template. Making it again is answered alike, as long as it is what was made.
func createTemplate(b *batch, me *user, by Actor, p *templating) (any, error) {
	if was, ok := b.facts.templates.get(p.id); ok {
		if b.facts.keeps(me, was) && was.Revision == 1 && was.CreatedBy == string(by.UserID) && p.says(was) {
			return chat.RevisionAnswer{Revision: was.Revision}, nil
		}
		return nil, &chat.Error{Code: chat.CodeConflict, Text: "This template's id was used before. Nothing was saved; save it again as a new template."}
	}
	if b.facts.templates.size >= chat.MaxTemplates {
		return nil, chat.Invalid("there are %d templates already, and there can be no more. Nothing was saved; delete one that nobody needs", chat.MaxTemplates)
	}
	t := &store.Template{Template: chat.Template{ID: p.id}, Made: b.made(by)}
	if err := b.fillTemplate(me, t, nil, p); err != nil {
		return nil, err
	}
	b.setTemplate(t)
	b.audit(by, chat.TemplateCreate, aboutTemplate(t), b.facts.templateChanges(nil, t))
	return chat.RevisionAnswer{Revision: t.Revision}, nil
}

func updateTemplate(b *batch, me *user, by Actor, p *templating) (any, error) {
	was, err := b.facts.templateAt(me, p.id, p.revision)
	if err != nil {
		return nil, err
	}
	t := *was
	if err := b.fillTemplate(me, &t, was, p); err != nil {
		return nil, err
	}
	changes := b.facts.templateChanges(was, &t)
	if len(changes) == 0 {
		return chat.RevisionAnswer{Revision: was.Revision}, nil
	}
	b.touch(&t.Made, by)
	b.setTemplate(&t)
	b.goneFiles(was, &t)
	b.audit(by, chat.TemplateUpdate, aboutTemplate(was), changes)
	return chat.RevisionAnswer{Revision: t.Revision}, nil
}

func deleteTemplate(b *batch, me *user, by Actor, args chat.TemplateDeleteArgs) (any, error) {
	t, err := b.facts.templateAt(me, args.ID, args.Revision)
	if err != nil {
		return nil, err
	}
	b.facts.templates = b.facts.templates.without(t.ID)
	b.templateRows[t.ID] = struct{}{}
	b.rules.templates = true
	b.goneFiles(t, &store.Template{})
	b.audit(by, chat.TemplateDelete, aboutTemplate(t), b.facts.templateChanges(t, nil))
	return none{}, nil
}

// templateAt returns the template as its asker saw it.
func (f *facts) templateAt(me *user, id chat.TemplateID, revision int64) (*store.Template, error) {
	t, ok := f.templates.get(id)
	switch {
	case !ok, !f.keeps(me, t):
		return nil, chat.ErrUnknown
	case t.Revision != revision:
		return nil, errRevision
	}
	return t, nil
}

func (b *batch) setTemplate(t *store.Template) {
	b.facts.templates = b.facts.templates.with(t.ID, t)
	b.templateRows[t.ID] = struct{}{}
	b.rules.templates = true
}

// says tells whether a template is just what somebody wants it to be.
func (p *templating) says(t *store.Template) bool {
	c := &p.content
	return t.Name == c.Name && t.Shortcut == c.Shortcut && t.Text == c.Text && bytes.Equal(t.Document, c.Document) &&
		slices.Equal(t.TeamIDs, c.TeamIDs) && slices.Equal(t.QueueIDs, c.QueueIDs) &&
		slices.EqualFunc(t.Attachments, c.FileIDs, func(a chat.Attachment, id chat.FileID) bool { return a.ID == id })
}

// fillTemplate puts what somebody wrote into a template, whose teams and queues must be such as me may know of. was is the template
// before, nil for a new one: its files may stay, others must be me's own.
func (b *batch) fillTemplate(me *user, t, was *store.Template, p *templating) error {
	c := &p.content
	for _, id := range c.TeamIDs {
		if !b.facts.scopesTeam(me, id) {
			return chat.Invalid("%.40q is no team that a template could be for", string(id))
		}
	}
	for _, id := range c.QueueIDs {
		if !b.facts.scopesQueue(me, id) {
			return chat.Invalid("%.40q is no queue that a template could be for", string(id))
		}
	}
	var attachments []chat.Attachment
	var files []store.File
	for i, id := range c.FileIDs {
		if was != nil {
			if at := slices.IndexFunc(was.Attachments, func(a chat.Attachment) bool { return a.ID == id }); at >= 0 {
				attachments = append(attachments, was.Attachments[at])
				continue
			}
		}
		u := p.files[i]
		_, named := b.named[id]
		if named || u == nil || me == nil || u.UserID != me.id() || u.ConversationID != t.ID.FilesAt() || !p.claim(id) {
			return errNoTemplateFile
		}
		if u.Withheld {
			return chat.Invalid("A virus was found in %q. Nothing was saved; take the file away, or attach a clean one.", u.Name)
		}
		attachments = append(attachments, u.Attachment)
		files = append(files, store.File{ID: id, UserKey: me.row.Key, Size: u.Size})
	}
	for _, f := range files {
		b.named[f.ID] = struct{}{}
	}
	b.changes.Files = append(b.changes.Files, files...)
	t.Name, t.Shortcut, t.Text, t.Document, t.Attachments = c.Name, c.Shortcut, c.Text, c.Document, attachments
	t.TeamIDs, t.QueueIDs = c.TeamIDs, c.QueueIDs
	return nil
}

// errNoTemplateFile refuses a template because of one of its files; see errNoFile.
var errNoTemplateFile = &chat.Error{Code: chat.CodeUnknown,
	Text: "A file of this template is not on the server, or no longer: files that are not saved within an hour are removed. Nothing was saved; attach the file again."}

// goneFiles notes that files of a template are nobody's any more.
func (b *batch) goneFiles(was, is *store.Template) {
	for _, a := range was.Attachments {
		if !slices.ContainsFunc(is.Attachments, func(kept chat.Attachment) bool { return kept.ID == a.ID }) {
			b.changes.FilesGone = append(b.changes.FilesGone, a.ID)
		}
	}
}

func aboutTemplate(t *store.Template) chat.AuditSubject {
	return chat.AuditSubject{Kind: chat.SubjectTemplate, ID: string(t.ID), Name: t.Name}
}

// templateChanges returns what differs between two states of a template; nil is one that is not there. Of formatting the audit log
// says only that it was changed: what is read there are words.
func (f *facts) templateChanges(before, after *store.Template) []chat.AuditChange {
	from, to := f.auditableTemplate(before), f.auditableTemplate(after)
	var changes []chat.AuditChange
	for i := range to {
		changes = append(changes, changed(to[i].field, from[i].value, to[i].value)...)
	}
	if before != nil && after != nil && !bytes.Equal(before.Document, after.Document) {
		changes = append(changes, chat.AuditChange{Field: "formatting"})
	}
	return changes
}

func (f *facts) auditableTemplate(t *store.Template) []auditField {
	fields := []auditField{{"name", nil}, {"shortcut", nil}, {"text", nil}, {"files", nil}, {"teams", nil}, {"queues", nil}}
	if t == nil {
		return fields
	}
	files, teams, queues := []string{}, []chat.Team{}, []string{}
	for _, a := range t.Attachments {
		files = append(files, a.Name)
	}
	for _, id := range t.TeamIDs {
		if team, ok := f.teams.get(id); ok {
			teams = append(teams, team.Team)
		}
	}
	for _, id := range t.QueueIDs {
		if q, ok := f.queues.get(id); ok {
			queues = append(queues, q.Name)
		}
	}
	fields[0].value, fields[1].value, fields[2].value = t.Name, t.Shortcut, t.Text
	fields[3].value, fields[4].value, fields[5].value = files, teams, queues
	return fields
}

// listTemplates lists what the asker may keep.
func listTemplates(_ context.Context, c *call, _ none) (any, error) {
	answer := chat.TemplateListAnswer{Templates: []chat.TemplateRecord{}, Teams: c.facts.teamsSeen(c.me), Queues: []chat.QueueRecord{}}
	for _, t := range c.facts.templates.all() {
		if c.facts.keeps(c.me, t) {
			answer.Templates = append(answer.Templates, chat.TemplateRecord{Template: t.Template, Revision: t.Revision,
				TeamIDs: append([]chat.TeamID{}, t.TeamIDs...), QueueIDs: append([]chat.QueueID{}, t.QueueIDs...)})
		}
	}
	slices.SortFunc(answer.Templates, func(a, b chat.TemplateRecord) int {
		if n := strings.Compare(strings.ToLower(a.Template.Name), strings.ToLower(b.Template.Name)); n != 0 {
			return n
		}
		return compare(a.Template.ID, b.Template.ID)
	})
	for _, q := range c.facts.queues.all() {
		if c.facts.seesQueue(c.me, q.TeamIDs) {
			answer.Queues = append(answer.Queues, chat.QueueRecord{ID: q.ID, Name: q.Name, TeamIDs: q.TeamIDs, Revision: q.Revision})
		}
	}
	slices.SortFunc(answer.Queues, func(a, b chat.QueueRecord) int { return compare(a.Name, b.Name) })
	return answer, nil
}

// refuseScoped refuses to delete a team or queue that templates are for. To whom may not know of one of these it says no more than that.
func (f *facts) refuseScoped(me *user, name string, scoped func(t *store.Template) bool) error {
	var names []string
	hidden := false
	for _, t := range f.templates.all() {
		switch {
		case !scoped(t):
		case f.keeps(me, t):
			names = append(names, t.Name)
		default:
			hidden = true
		}
	}
	slices.Sort(names)
	switch {
	case len(names) > 0:
		return errInUse(fmt.Sprintf("The template %q is for %s. Nothing was changed; let it be for others first.", names[0], name))
	case hidden:
		return errInUse(fmt.Sprintf("A template is for %s. Nothing was changed; ask an administrator.", name))
	}
	return nil
}
