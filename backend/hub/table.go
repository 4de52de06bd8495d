package hub

import (
	"hash/maphash"
	"iter"
)

// table is a map that never changes: with and without return another one that shares most of its memory. So the writer
// prepares the next facts beside the present ones, which readers go on using without a lock. The zero value is empty.
type table[K comparable, V any] struct {
	root *branch[K, V]
	size int
}

const (
	tableBits = 4              // a branch has 1<<tableBits arms
	tableLeaf = 8              // a leaf with more entries than this becomes a branch,
	tableDeep = 64 - tableBits // unless the hash is used up
)

var tableSeed = maphash.MakeSeed()

// branch is a leaf with entries, or an inner node with arms.
type branch[K comparable, V any] struct {
	arms    *[1 << tableBits]*branch[K, V]
	entries []tableEntry[K, V]
}

type tableEntry[K comparable, V any] struct {
	hash  uint64
	key   K
	value V
}

// get returns the value of key and whether there is one.
func (t table[K, V]) get(key K) (V, bool) {
	hash := maphash.Comparable(tableSeed, key)
	b := t.root
	for shift := 0; b != nil; shift += tableBits {
		if b.arms == nil {
			for i := range b.entries {
				if b.entries[i].hash == hash && b.entries[i].key == key {
					return b.entries[i].value, true
				}
			}
			break
		}
		b = b.arms[hash>>shift&(1<<tableBits-1)]
	}
	var none V
	return none, false
}

// with returns the table in which key has the value.
func (t table[K, V]) with(key K, value V) table[K, V] {
	e := tableEntry[K, V]{maphash.Comparable(tableSeed, key), key, value}
	root, grown := t.root.with(e, 0)
	if grown {
		t.size++
	}
	t.root = root
	return t
}

func (b *branch[K, V]) with(e tableEntry[K, V], shift int) (*branch[K, V], bool) {
	switch {
	case b == nil:
		return &branch[K, V]{entries: []tableEntry[K, V]{e}}, true
	case b.arms != nil:
		arms := *b.arms
		i := e.hash >> shift & (1<<tableBits - 1)
		arm, grown := arms[i].with(e, shift+tableBits)
		arms[i] = arm
		return &branch[K, V]{arms: &arms}, grown
	}
	for i := range b.entries {
		if b.entries[i].key == e.key {
			entries := append([]tableEntry[K, V](nil), b.entries...)
			entries[i] = e
			return &branch[K, V]{entries: entries}, false
		}
	}
	entries := append(b.entries[:len(b.entries):len(b.entries)], e)
	if len(entries) <= tableLeaf || shift > tableDeep {
		return &branch[K, V]{entries: entries}, true
	}
	split := &branch[K, V]{arms: new([1 << tableBits]*branch[K, V])}
	for _, e := range entries {
		i := e.hash >> shift & (1<<tableBits - 1)
		split.arms[i], _ = split.arms[i].with(e, shift+tableBits)
	}
	return split, true
}

// without returns the table in which key has no value.
func (t table[K, V]) without(key K) table[K, V] {
	root, shrunk := t.root.without(key, maphash.Comparable(tableSeed, key), 0)
	if shrunk {
		t.root = root
		t.size--
	}
	return t
}

func (b *branch[K, V]) without(key K, hash uint64, shift int) (*branch[K, V], bool) {
	if b == nil {
		return nil, false
	}
	if b.arms != nil {
		i := hash >> shift & (1<<tableBits - 1)
		arm, shrunk := b.arms[i].without(key, hash, shift+tableBits)
		if !shrunk {
			return b, false
		}
		arms := *b.arms
		arms[i] = arm
		return &branch[K, V]{arms: &arms}, true
	}
	for i := range b.entries {
		if b.entries[i].key != key {
			continue
		}
		if len(b.entries) == 1 {
			return nil, true
		}
		entries := append([]tableEntry[K, V](nil), b.entries[:i]...)
		return &branch[K, V]{entries: append(entries, b.entries[i+1:]...)}, true
	}
	return b, false
}

// all goes over the table in no order.
func (t table[K, V]) all() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) { t.root.each(yield) }
}

func (b *branch[K, V]) each(yield func(K, V) bool) bool {
	if b == nil {
		return true
	}
	if b.arms != nil {
		for _, arm := range b.arms {
			if !arm.each(yield) {
				return false
			}
		}
		return true
	}
	for i := range b.entries {
		if !yield(b.entries[i].key, b.entries[i].value) {
			return false
		}
	}
	return true
}
