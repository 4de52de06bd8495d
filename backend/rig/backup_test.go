package rig_test

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"parley/backend/chat"
	"parley/backend/rig"
)

// TestBackup_withFiles: a backup of a running server has the files of its messages, and a restore brings them back, deleted ones too. Of one
// that was damaged meanwhile it says so and changes nothing, unless all else is wanted.
func TestBackup_withFiles(t *testing.T) {
	p := rig.NewProcess(t)
	mira, liam := p.As("mira"), p.As("liam")
	talk, content := p.Direct("mira", "liam"), rig.Bytes(300_000, "contract")
	id := mira.SendFile(talk, "contract.txt", content)
	m := mira.WithFiles("liam", "the contract", id)
	mira.Do(chat.MessagePost, m, nil)
	liam.ExpectText("the contract")
	backup := filepath.Join(t.TempDir(), "backup.db")
	p.Run("backup", "--data", p.Data, backup)

	mira.Do(chat.MessageDelete, chat.MessageDeleteArgs{ConversationID: talk, ID: m.ID}, nil)
	later := mira.SendFile(talk, "later.txt", content)
	mira.Do(chat.MessagePost, mira.WithFiles("liam", "after the backup", later), nil)
	if got := liam.ReadFile(id); got.Status != http.StatusNotFound {
		t.Fatalf("of a deleted message: %d", got.Status)
	}

	restored := func(args ...string) {
		t.Helper()
		p.Interrupt()
		p.Run(append([]string{"restore", "--data", p.Data, backup}, args...)...)
		p.Start()
	}
	restored()
	if got := liam.ReadFile(id); !bytes.Equal(got.Body, content) {
		t.Errorf("after the restore: %d, %d bytes", got.Status, len(got.Body))
	}
	if got := liam.ReadFile(later); got.Status != http.StatusNotFound {
		t.Errorf("what was sent after the backup: %d", got.Status)
	}

	path := filepath.Join(backup+".files", string(id))
	damaged := bytes.Clone(content)
	damaged[1000] ^= 1
	if err := os.WriteFile(path, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	p.Interrupt()
	out, err := exec.Command(rig.Program(t), "restore", "--data", p.Data, backup).CombinedOutput()
	if said := string(out); err == nil || !strings.Contains(said, `"contract.txt"`) || !strings.Contains(said, "Nothing was changed") {
		t.Errorf("with a damaged file: %v\n%s", err, said)
	}
	p.Start()
	if got := liam.ReadFile(id); !bytes.Equal(got.Body, content) {
		t.Errorf("after a restore that was refused: %d, %d bytes", got.Status, len(got.Body))
	}
	restored("--without-missing-files")
	if got := liam.ReadFile(id); got.Status < http.StatusBadRequest {
		t.Errorf("the damaged file: %d, %d bytes", got.Status, len(got.Body))
	}
	if history := liam.Fresh().Conversations[talk].Tail; len(history) != 1 || history[0].ID != m.ID || len(history[0].Attachments) != 1 {
		t.Errorf("the message that names it: %+v", history)
	}
}
