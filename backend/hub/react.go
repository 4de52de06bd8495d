package hub

import (
	"context"
	"slices"
	"strings"

	"parley/backend/chat"
	"parley/backend/store"
)

// reacting is a message.react ready for the writer.
type reacting struct{ args chat.MessageReactArgs }

// amended implements amending.
func (p *reacting) amended() chat.MessageID { return p.args.ID }

func prepareReaction(_ context.Context, _ *call, args chat.MessageReactArgs) (*reacting, error) {
	if !chat.ValidEmoji(args.Emoji) {
		return nil, chat.Invalid("a reaction is one emoji")
	}
	return &reacting{args}, nil
}

// react puts the asker's reaction under a message, which takes the right to write there, or takes it away, which whoever may read
// always may. What is so already stays so.
func react(b *batch, me *user, by Actor, p *reacting) (any, error) {
	r, refused := b.facts.reach(chat.ActRead, me, p.args.ConversationID, b.at)
	if refused != nil {
		return nil, refused
	}
	m, err := b.message(r.c, p.args.ID)
	if err != nil {
		return nil, err
	}
	reacted := slices.ContainsFunc(m.Reactions, func(o store.Reaction) bool {
		return sameEmoji(o.Emoji, p.args.Emoji) && slices.Contains(o.Users, me.row.Key)
	})
	if reacted == p.args.On {
		return none{}, nil
	}
	next := *m
	if next.Reactions = withoutReaction(m.Reactions, p.args.Emoji, me.row.Key); p.args.On {
		if m.DeletedAt != 0 {
			return nil, errDeleted
		}
		if _, refused := b.facts.reach(chat.ActPost, me, p.args.ConversationID, b.at); refused != nil {
			return nil, refused
		}
		if next.Reactions, err = withReaction(next.Reactions, p.args.Emoji, me.row.Key); err != nil {
			return nil, err
		}
	}
	b.amend(r.c, &next, chat.MessageReacted, by)
	return none{}, nil
}

// sameEmoji tells whether two emoji differ in nothing but the sign that asks for a picture, which some keyboards leave out.
func sameEmoji(a, b string) bool {
	const asPicture = "\ufe0f"
	return strings.ReplaceAll(a, asPicture, "") == strings.ReplaceAll(b, asPicture, "")
}

// withoutReaction returns reactions without the one of a user; what it is given stays as it is.
func withoutReaction(reactions []store.Reaction, emoji string, user store.UserKey) []store.Reaction {
	var left []store.Reaction
	for _, r := range reactions {
		if sameEmoji(r.Emoji, emoji) {
			r.Users = slices.DeleteFunc(slices.Clone(r.Users), func(k store.UserKey) bool { return k == user })
		}
		if len(r.Users) > 0 {
			left = append(left, r)
		}
	}
	return left
}

// withReaction adds the reaction of a user to reactions that nobody else holds.
func withReaction(reactions []store.Reaction, emoji string, user store.UserKey) ([]store.Reaction, error) {
	own, at := 0, -1
	for i, r := range reactions {
		if slices.Contains(r.Users, user) {
			own++
		}
		if sameEmoji(r.Emoji, emoji) {
			at = i
		}
	}
	switch {
	case own >= chat.MaxOwnReactions:
		return nil, chat.Invalid("one gives a message at most %d reactions. Nothing was changed; take one away first", chat.MaxOwnReactions)
	case at < 0 && len(reactions) >= chat.MaxReactions:
		return nil, chat.Invalid("a message has at most %d different reactions. Nothing was changed; join one of them", chat.MaxReactions)
	case at < 0:
		return append(reactions, store.Reaction{Emoji: emoji, Users: []store.UserKey{user}}), nil
	}
	reactions[at].Users = append(slices.Clip(reactions[at].Users), user)
	return reactions, nil
}
