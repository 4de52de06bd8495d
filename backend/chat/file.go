package chat

import (
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of files.
const (
	// MaxFileBytes is the largest file there is, in bytes: exactly so many are allowed (EXP-14).
	MaxFileBytes = 100_000_000
	// MaxAttachments is the most files of one message.
	MaxAttachments = 10
	// MaxFileNameBytes bounds a file's name, in bytes of UTF-8: what every file system takes.
	MaxFileNameBytes = 200
)

// FileID is a UUIDv7 made by the client that sends the file. Like a message's id it is unique for ever, so beginning to send the
// same file again is recognised.
type FileID string

// NewFileID returns the id for a file that is about to be sent.
func NewFileID() FileID { return FileID(NewUUID()) }

// Attachment is a file of a message, all of whose bytes the server has.
type Attachment struct {
	ID FileID `json:"id"`
	// Name is fit to be a file's name on every system: see CleanFileName.
	Name string `json:"name"`
	// Size is in bytes, 0 to MaxFileBytes.
	Size int64 `json:"size"`
	// Type is the media type that the server found by looking at the bytes, without parameters; never what somebody said it is.
	Type string `json:"type"`
	// SHA256 is of the bytes, in lower-case hexadecimal.
	SHA256 string `json:"sha256"`
	// Width and Height are of an image whose size the server could read, in pixels.
	Width  int `json:"width,omitempty"`
	Height int `json:"height,omitempty"`
	// Withheld is true of a file in which a virus was found: its bytes are gone, and nobody can read it. Only what it was is told.
	Withheld bool `json:"withheld,omitempty"`
}

// Upload is a file whose bytes have all arrived and that no message names yet. It is the server's own: no client is told one.
type Upload struct {
	Attachment
	// UserID is who sent it; nobody else can name it. ConversationID is where it was meant to go.
	UserID         UserID
	ConversationID ConversationID
	// Virus is what was found in it, by the scanner's name; empty but for a withheld file.
	Virus string
}

// OutboxFile is a file of a message that is not posted yet.
type OutboxFile struct {
	ID   FileID `json:"id"`
	Name string `json:"name"`
	// Size and Sent are in bytes: all there are, and those that the server has.
	Size int64 `json:"size"`
	Sent int64 `json:"sent"`
}

// SavingState is how it is with a file that is being saved on this computer.
//
//	going -> done
//	 | ^ \--> failed  (final, with the reason; nothing of it is left on the disk)
//	 | |  \-> stopped (by the user; likewise)
//	waiting            (the connection is away; it goes on from where it is)
type SavingState string

// The states.
const (
	SavingGoing   SavingState = "going"
	SavingWaiting SavingState = "waiting"
	SavingDone    SavingState = "done"
	SavingFailed  SavingState = "failed"
	SavingStopped SavingState = "stopped"
)

// Saving is a file on its way from the server to a place on this computer that its user has chosen.
type Saving struct {
	FileID FileID `json:"fileId"`
	// Name is what it is called there, without the folder.
	Name  string      `json:"name"`
	State SavingState `json:"state"`
	// Got and Size are in bytes: those that are on the disk, and all; Size is 0 before the server was reached.
	Got  int64 `json:"got"`
	Size int64 `json:"size"`
	// Error is the reason of SavingFailed.
	Error *Error `json:"error,omitempty"`
}

// shown are the kinds of files that a page may show or play by itself, with the endings of names that fit. Everything else is
// only saved: what can hold a script, and what a program would open, is never drawn.
var shown = map[string][]string{
	"image/png":  {".png"},
	"image/jpeg": {".jpg", ".jpeg", ".jpe", ".jfif"},
	"image/gif":  {".gif"},
	"image/webp": {".webp"},
	"image/bmp":  {".bmp", ".dib"},

	"video/mp4":       {".mp4", ".m4v"},
	"video/webm":      {".webm"},
	"video/ogg":       {".ogv", ".ogg"},
	"video/quicktime": {".mov", ".qt"},

	"audio/mpeg":  {".mp3", ".mpga"},
	"audio/ogg":   {".ogg", ".oga", ".opus"},
	"audio/wav":   {".wav"},
	"audio/flac":  {".flac"},
	"audio/mp4":   {".m4a", ".mp4"},
	"audio/x-m4a": {".m4a"},
	"audio/aac":   {".aac"},
}

// ShownType tells whether a page may show or play a file of this type by itself.
func ShownType(mediaType string) bool { return shown[mediaType] != nil }

// Endings by which a system takes a file for a device, whatever follows (Windows).
var deviceNames = []string{"con", "prn", "aux", "nul", "com0", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
	"lpt0", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9"}

// CleanFileName returns a name under which a file can be kept on every system, made of what a client says it is called: its last
// part only, without what directs text, controls anything or means something to a file system. It never fails: what is left over of
// a hostile name may be just "file".
func CleanFileName(name string) string {
	name = strings.ToValidUTF8(name, "_")
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
			return -1
		case unicode.IsSpace(r):
			return ' '
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		}
		return r
	}, name)
	name = strings.TrimLeft(strings.TrimRight(strings.TrimSpace(name), ". "), " ")
	if name == "" || !visible(name) {
		return "file"
	}
	stem, _, _ := strings.Cut(strings.ToLower(name), ".")
	if slices.Contains(deviceNames, strings.TrimSpace(stem)) {
		name = "_" + name
	}
	return shorten(name, MaxFileNameBytes)
}

// shorten cuts a name to at most max bytes, and keeps its ending.
func shorten(name string, max int) string {
	if len(name) <= max {
		return name
	}
	ending := path.Ext(name)
	if len(ending) > 20 {
		ending = ""
	}
	stem := name[:max-len(ending)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return strings.TrimRight(stem, ". ") + ending
}

// FitFileName returns the clean name with the ending of what the file is, where that is known and the name says something else: a
// picture must not be shown as a picture and opened as a program.
func FitFileName(name, mediaType string) string {
	endings := shown[mediaType]
	if endings == nil || slices.Contains(endings, strings.ToLower(path.Ext(name))) {
		return name
	}
	return shorten(name, MaxFileNameBytes-len(endings[0])) + endings[0]
}

// CleanFileIDs checks the ids of a message's files.
func CleanFileIDs(ids []FileID) error {
	if len(ids) > MaxAttachments {
		return Invalid("the message has %d files; at most %d are allowed", len(ids), MaxAttachments)
	}
	for i, id := range ids {
		if !ValidUUID(string(id)) {
			return Invalid("the id of a file is not a UUID in its canonical form")
		}
		if slices.Contains(ids[:i], id) {
			return Invalid("the message names a file twice")
		}
	}
	return nil
}
