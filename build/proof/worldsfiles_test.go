package proof

import (
	"context"
	"fmt"
	"sync"

	"parley/backend/chat"
)

// simFiles keeps files of which only what is found in them is known: they are there as soon as somebody has sent them.
type simFiles struct {
	mu   sync.Mutex
	sent map[chat.FileID]*chat.Upload
}

func (f *simFiles) send(u *chat.Upload) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.sent == nil {
		f.sent = map[chat.FileID]*chat.Upload{}
	}
	f.sent[u.ID] = u
}

// Finished implements hub.Files.
func (f *simFiles) Finished(_ context.Context, id chat.FileID) (*chat.Upload, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sent[id], nil
}

// Claim implements hub.Files.
func (f *simFiles) Claim(id chat.FileID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sent[id] != nil
}

// Keep implements hub.Files.
func (f *simFiles) Keep([]chat.FileID) {}

// Copy implements hub.Files.
func (f *simFiles) Copy(_ context.Context, _ chat.FileID, to chat.Upload) error {
	f.send(&to)
	return nil
}

// Release implements hub.Files.
func (f *simFiles) Release([]chat.FileID) {}

// hiddenFile is the first of the secret files, which eve sends to max.
const hiddenFile chat.FileID = "01f00000-0000-7000-8000-000000000001"

// sendsFile is a secret message of a file alone. The file's name is its content: what a search finds it by.
func sendsFile(by, to, name string, virus string) equalityStep {
	step := secretMessage(by, to, "")
	post := step.args
	step.what = name + " to " + to
	step.args = func(e *equality) any {
		m := post(e).(chat.MessagePostArgs)
		e.secretFiles++
		id := chat.FileID(fmt.Sprintf("01f00000-0000-7000-8000-%012d", e.secretFiles))
		e.files.send(&chat.Upload{UserID: simUser(by), ConversationID: m.ConversationID, Virus: virus, Attachment: chat.Attachment{
			ID: id, Name: name, Size: 1000, Type: "application/pdf", SHA256: fmt.Sprintf("%064d", e.secretFiles), Withheld: virus != ""}})
		m.FileIDs = []chat.FileID{id}
		return m
	}
	return step
}

// fileProbes ask about files of somebody behind the wall.
func fileProbes() []probe {
	mine := func(n int, ids ...chat.FileID) func(*equality) any {
		return func(*equality) any {
			return chat.MessagePostArgs{ID: chat.MessageID(fmt.Sprintf("01c00000-0000-7000-8000-00000000010%d", n)),
				ConversationID: chat.DirectID(simUser("ana"), simUser("max")), FileIDs: ids}
		}
	}
	return []probe{
		{chat.MessagePost, mine(1, hiddenFile)},
		{chat.MessagePost, mine(2, "01f00000-0000-7000-8000-0000000000ff")},
		{chat.MessageSearch, func(*equality) any { return chat.MessageSearchArgs{Text: "takings", Limit: 5} }},
	}
}

// fileSecrets are files among those whom ana must not notice, or of which she must not.
var fileSecrets = []secret{
	commanded(sendsFile("eve", "max", "takings.pdf", "")), commanded(sendsFile("max", "eve", "takings, mended.pdf", "")),
	commanded(sendsFile("eve", "max", "takings with a virus.pdf", "Test-Virus")), commanded(sendsFile("ben", "max", "takings of north.pdf", "")),
	inOrder("eve takes a file back", chat.MessageDelete, sendsFile("eve", "max", "takings by mistake.pdf", ""), takesBack("eve", "max", 0)),
}

func init() { secrets = append(secrets, fileSecrets...) }
