package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// DamagedError says that a row read back is not what was written.
type DamagedError struct {
	// Seq is the row's place in the log.
	Seq int64
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("message with seq %d is damaged on disk", e.Seq)
}

// messageLists are the lists of a message as they are kept: JSON, empty for none.
type messageLists struct{ mentions, reactions string }

// lists returns the message's lists as they are kept.
func (m *Message) lists() (l messageLists, err error) {
	for _, one := range []struct {
		to   *string
		list any
		none bool
	}{{&l.mentions, m.Mentions, len(m.Mentions) == 0}, {&l.reactions, m.Reactions, len(m.Reactions) == 0}} {
		if one.none {
			continue
		}
		raw, err := json.Marshal(one.list)
		if err != nil {
			return l, fmt.Errorf("encode a message's lists: %w", err)
		}
		*one.to = string(raw)
	}
	return l, nil
}

// read takes the lists into the message.
func (l messageLists) read(m *Message) error {
	for _, one := range []struct {
		from string
		to   any
	}{{l.mentions, &m.Mentions}, {l.reactions, &m.Reactions}} {
		if one.from == "" {
			continue
		}
		if err := json.Unmarshal([]byte(one.from), one.to); err != nil {
			return err
		}
	}
	return nil
}

// checksum covers every column of the message. Lengths go in as well, so that no byte can change sides.
func (m *Message) checksum(id [16]byte, lists messageLists) int64 {
	var buf [7*8 + 16]byte
	fixed := buf[:0]
	for _, v := range [...]int64{m.Seq, int64(m.ConversationKey), m.N, int64(m.UserKey), int64(m.At), int64(len(m.Text)), int64(len(m.Document))} {
		fixed = binary.LittleEndian.AppendUint64(fixed, uint64(v))
	}
	fixed = append(fixed, id[:]...)
	sum := crc32.Update(0, castagnoli, fixed)
	sum = crc32.Update(sum, castagnoli, []byte(m.Text))
	sum = crc32.Update(sum, castagnoli, m.Document)
	sum = crc32.Update(sum, castagnoli, m.Hash)
	if len(m.Attachments) > 0 { // without files the sum is what it was before there were any
		sum = crc32.Update(sum, castagnoli, binary.LittleEndian.AppendUint64(nil, uint64(len(m.Attachments))))
		sum = crc32.Update(sum, castagnoli, m.Attachments)
	}
	if m.Revision > 0 { // one that never changed is summed up as before there were changes
		sum = crc32.Update(sum, castagnoli, numbers(m.Revision, int64(m.EditedAt), int64(m.DeletedAt)))
	}
	if m.ReplyToN > 0 {
		sum = crc32.Update(sum, castagnoli, numbers(m.ReplyToN))
		sum = crc32.Update(sum, castagnoli, []byte(m.ReplyToID))
	}
	if lists.mentions != "" {
		sum = crc32.Update(sum, castagnoli, numbers(int64(len(lists.mentions))))
		sum = crc32.Update(sum, castagnoli, []byte(lists.mentions))
	}
	return int64(crc32.Update(sum, castagnoli, []byte(lists.reactions)))
}

// checksum covers every column of the version.
func (v *Version) checksum() int64 {
	sum := crc32.Update(0, castagnoli, numbers(int64(v.ConversationKey), v.N, v.Revision, int64(v.At), int64(len(v.Text)), int64(len(v.Document))))
	sum = crc32.Update(sum, castagnoli, []byte(v.Text))
	sum = crc32.Update(sum, castagnoli, v.Document)
	return int64(crc32.Update(sum, castagnoli, v.Attachments))
}

func numbers(values ...int64) []byte {
	b := make([]byte, 0, 8*len(values))
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
	return b
}
