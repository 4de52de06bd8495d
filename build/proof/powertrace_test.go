package proof

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"parley/backend/chat"
)

// needStrace skips the test where there is no strace to be had, and fails it where it only has to be installed.
func needStrace(t testing.TB) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("strace is for Linux")
	}
	if _, err := exec.LookPath("strace"); err != nil {
		t.Fatalf("strace is missing: build/scripts/need.sh test installs it (%v)", err)
	}
}

// recorded are the calls that change files, and those that tell somebody something.
const recorded = "open,openat,write,writev,pwrite64,pwritev,fsync,fdatasync,ftruncate,truncate,unlink,unlinkat,rename,renameat,renameat2,fallocate"

// recording returns the command that writes down what a program does to its disk and tells others.
func recording(path string) []string {
	return []string{"strace", "-D", "-f", "-qq", "--seccomp-bpf", "-y", "-xx", "-s", "200000", "-o", path, "-e", "trace=" + recorded, "-e", "signal=none"}
}

// happening is one thing that a program did, in the order in which it was done.
type happening struct {
	what happeningKind
	// name is the file's name without its folder, or the socket's own name.
	name string
	// to is the new name of a file that is renamed.
	to   string
	data []byte
	// at is where data is written, or the length a file is cut to.
	at int64
	// promises are the messages that are told to be kept, in data, for the first time.
	promises []chat.MessageID
}

type happeningKind int

const (
	created happeningKind = iota
	written
	truncated
	synced
	unlinked
	renamed
	told // data went to a socket; when the call began
)

var (
	callLine    = regexp.MustCompile(`^(\d+) +(\w+)\((.*)$`)
	resumedLine = regexp.MustCompile(`^(\d+) +<\.\.\. (\w+) resumed>(.*)$`)
	descriptor  = regexp.MustCompile(`^(?:\d+|AT_FDCWD)<([^>]*)>(?:\(deleted\))?`)
	quoted      = regexp.MustCompile(`"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?`)
)

const unfinished = " <unfinished ...>"

// parseTrace reads what strace wrote. folder is the one whose files matter; a sync of it is a happening of the name ".".
func parseTrace(t *testing.T, path, folder string) []happening {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	p := &traceParser{folder: filepath.Base(folder), begun: map[string]string{}}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		if err := p.line(lines.Text()); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return p.all
}

type traceParser struct {
	folder string
	begun  map[string]string // by thread: the arguments of the call that has begun
	all    []happening
}

// line takes one line. A file's call counts when it is done, what is told counts when it begins.
func (p *traceParser) line(line string) error {
	if m := resumedLine.FindStringSubmatch(line); m != nil {
		begun := p.begun[m[1]]
		delete(p.begun, m[1])
		return p.call(m[2], begun+m[3], false)
	}
	m := callLine.FindStringSubmatch(line)
	if m == nil {
		return nil // an exit
	}
	if rest, ok := strings.CutSuffix(m[3], unfinished); ok {
		p.begun[m[1]] = rest
		if m[2] == "write" || m[2] == "writev" {
			return p.tell(rest)
		}
		return nil
	}
	return p.call(m[2], m[3], true)
}

// tell adds what goes to a socket.
func (p *traceParser) tell(args string) error {
	d := descriptor.FindStringSubmatch(args)
	if d == nil {
		return nil
	}
	name, err := unhex(d[1])
	if err != nil {
		return err
	}
	if !strings.HasPrefix(name, "socket:") && !strings.HasPrefix(name, "TCP:") {
		return nil
	}
	var data []byte
	for _, q := range quoted.FindAllStringSubmatch(args[len(d[0]):], -1) {
		text, err := unhex(q[1])
		if err != nil || q[2] != "" {
			return fmt.Errorf("a write was not recorded whole: %v", err)
		}
		data = append(data, text...)
	}
	p.all = append(p.all, happening{what: told, name: name, data: data})
	return nil
}

// call adds a call that is done. whole says that it was not interrupted by others, so what it tells was not added yet.
func (p *traceParser) call(name, rest string, whole bool) error {
	end := strings.LastIndex(rest, ") ")
	if end < 0 {
		return nil // the program ended in it
	}
	args, result := rest[:end], strings.TrimLeft(rest[end+2:], " =")
	if strings.HasPrefix(result, "-1") || strings.HasPrefix(result, "?") {
		return nil
	}
	if (name == "write" || name == "writev") && whole {
		if err := p.tell(args); err != nil {
			return err
		}
	}
	switch name {
	case "open", "openat":
		if strings.Contains(args, "O_CREAT") {
			return p.named(created, args, 1)
		}
	case "unlink", "unlinkat":
		return p.named(unlinked, args, 1)
	case "rename", "renameat", "renameat2":
		return p.named(renamed, args, 2)
	case "truncate", "pwritev", "fallocate":
		return fmt.Errorf("%s is not modelled", name)
	case "write", "writev", "pwrite64", "ftruncate", "fsync", "fdatasync":
		return p.onDescriptor(name, args)
	}
	return nil
}

// named adds a happening whose file is given by its path, the first of the quoted arguments.
func (p *traceParser) named(what happeningKind, args string, paths int) error {
	q := quoted.FindAllStringSubmatch(args, -1)
	if len(q) < paths {
		return fmt.Errorf("no path in %.80s", args)
	}
	path, err := unhex(q[0][1])
	if err != nil || filepath.Base(filepath.Dir(path)) != p.folder {
		return err
	}
	h := happening{what: what, name: filepath.Base(path)}
	if paths == 2 {
		if path, err = unhex(q[1][1]); err != nil {
			return err
		}
		h.to = filepath.Base(path)
	}
	p.all = append(p.all, h)
	return nil
}

// onDescriptor adds what is done to an open file of the folder, or to the folder itself.
func (p *traceParser) onDescriptor(call, args string) error {
	d := descriptor.FindStringSubmatch(args)
	if d == nil {
		return fmt.Errorf("no file in %.80s", args)
	}
	path, err := unhex(d[1])
	if err != nil {
		return err
	}
	h := happening{name: filepath.Base(path)}
	switch {
	case filepath.Base(path) == p.folder && strings.HasSuffix(call, "sync"):
		h.name = "."
	case filepath.Base(filepath.Dir(path)) != p.folder || strings.HasSuffix(d[0], "(deleted)"):
		return nil
	}
	words := strings.Split(args, ", ")
	switch call {
	case "fsync", "fdatasync":
		h.what = synced
	case "ftruncate":
		h.what = truncated
		h.at, err = strconv.ParseInt(words[len(words)-1], 10, 64)
	case "pwrite64":
		h.what = written
		q := quoted.FindStringSubmatch(args)
		if q == nil || q[2] != "" {
			return fmt.Errorf("a write to %s was not recorded whole", h.name)
		}
		var data string
		if data, err = unhex(q[1]); err == nil {
			h.data = []byte(data)
			h.at, err = strconv.ParseInt(words[len(words)-1], 10, 64)
		}
	default: // a plain write: none of our databases is written that way
		if isDatabase(h.name) {
			return fmt.Errorf("%s on %s is not modelled", call, h.name)
		}
		return nil
	}
	p.all = append(p.all, h)
	return err
}

// unhex turns strace's \x2f\x74 into text.
func unhex(s string) (string, error) {
	if !strings.Contains(s, `\x`) {
		return s, nil
	}
	raw, err := hex.DecodeString(strings.ReplaceAll(s, `\x`, ""))
	return string(raw), err
}

// isDatabase tells whether a file is one that a database needs after a power cut. The shared memory is made anew.
func isDatabase(name string) bool {
	return strings.HasSuffix(name, ".db") || strings.HasSuffix(name, ".db-wal") || strings.HasSuffix(name, ".db-journal")
}
