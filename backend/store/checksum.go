package store

import (
	"encoding/binary"
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

// checksum covers every column of the message. Lengths go in as well, so that no byte can change sides.
func (m *Message) checksum(id [16]byte) int64 {
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
	return int64(sum)
}
