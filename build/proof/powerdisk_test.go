package proof

import (
	"bytes"
	"hash/maphash"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// disk is what a power cut sees: for each file what is surely there, and what has been written since and may be there or not.
// Nothing but a sync makes a write sure, and nothing but a sync of the folder makes a name sure.
type disk struct {
	// live is the folder as the program sees it.
	live map[string]*inode
	// sure is the folder as it surely is; names are what was done to it since, in order.
	sure  map[string]*inode
	names []nameChange
}

type inode struct {
	sure    []byte
	pending []change
}

// change is a write, or a cut to a length where data is nil.
type change struct {
	at   int64
	data []byte
}

// nameChange puts a file under a name, or takes the name away where the file is nil.
type nameChange struct {
	name string
	file *inode
}

// newDisk reads the databases of a folder as they are before the recording, all of it on the disk.
func newDisk(t *testing.T, folder string) *disk {
	t.Helper()
	d := &disk{live: map[string]*inode{}, sure: map[string]*inode{}}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !isDatabase(e.Name()) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		d.live[e.Name()] = &inode{sure: data}
	}
	maps.Copy(d.sure, d.live)
	return d
}

// clone returns a disk of which the other knows nothing. Only for one on which everything is sure.
func (d *disk) clone() *disk {
	c := &disk{live: map[string]*inode{}, sure: map[string]*inode{}}
	for name, file := range d.live {
		c.live[name] = &inode{sure: file.sure}
	}
	maps.Copy(c.sure, c.live)
	return c
}

// changesDisk tells whether a happening may change what a power cut leaves.
func changesDisk(h happening) bool {
	if h.name == "." {
		return h.what == synced
	}
	return h.what != told && (isDatabase(h.name) || isDatabase(h.to))
}

// apply does what a program did, and tells whether the disk is another than before.
func (d *disk) apply(h happening) bool {
	if !changesDisk(h) {
		return false
	}
	if h.name == "." {
		d.settle(len(d.names))
		return true
	}
	file := d.live[h.name]
	switch h.what {
	case created:
		if file != nil {
			return false
		}
		d.name(h.name, &inode{})
	case unlinked:
		d.name(h.name, nil)
	case renamed:
		d.name(h.to, file)
		d.name(h.name, nil)
	case written:
		file.pending = append(file.pending, change{h.at, h.data})
	case truncated:
		file.pending = append(file.pending, change{h.at, nil})
	case synced:
		file.sure, file.pending = afterwards(file.sure, file.pending), nil
	}
	return true
}

func (d *disk) name(name string, file *inode) {
	if file == nil {
		delete(d.live, name)
	} else {
		d.live[name] = file
	}
	d.names = append(d.names, nameChange{name, file})
}

// settle makes the first n changes of names sure.
func (d *disk) settle(n int) {
	rename(d.sure, d.names[:n])
	d.names = d.names[n:]
}

func rename(folder map[string]*inode, changes []nameChange) {
	for _, c := range changes {
		if c.file == nil {
			delete(folder, c.name)
		} else {
			folder[c.name] = c.file
		}
	}
}

// afterwards returns the file's bytes after some changes; file itself stays as it is.
func afterwards(file []byte, changes []change) []byte {
	if len(changes) == 0 {
		return file
	}
	length := int64(len(file))
	for _, c := range changes {
		length = max(length, c.at+int64(len(c.data)))
	}
	space := make([]byte, length)
	size := int64(copy(space, file))
	for _, c := range changes {
		end := c.at + int64(len(c.data))
		if c.data == nil && end < size {
			clear(space[end:size])
			size = end
			continue
		}
		copy(space[c.at:], c.data)
		size = max(size, end)
	}
	return space[:size]
}

// image is a folder's files by name.
type image map[string][]byte

// dropped is the disk when nothing is there but what is sure.
func (d *disk) dropped() image {
	return d.image(d.sure, func(*inode) []change { return nil })
}

// kept is the disk when everything is there: what a killed process leaves.
func (d *disk) kept() image {
	return d.image(d.live, func(f *inode) []change { return f.pending })
}

// half is a disk on which some of what is not sure is there: the first few changes of names, and of each file's changes those
// that the dice say, whatever their order, some of them torn at a sector.
func (d *disk) half(random *rand.Rand) image {
	const sector = 512
	folder := maps.Clone(d.sure)
	rename(folder, d.names[:random.IntN(len(d.names)+1)])
	return d.image(folder, func(f *inode) []change {
		var some []change
		for _, c := range f.pending {
			switch random.IntN(8) {
			case 0, 1, 2: // lost
			case 3:
				if sectors := len(c.data) / sector; sectors > 0 {
					c.data = c.data[:sector*random.IntN(sectors+1)]
					if len(c.data) == 0 {
						continue
					}
				}
				some = append(some, c)
			default:
				some = append(some, c)
			}
		}
		return some
	})
}

func (d *disk) image(folder map[string]*inode, pick func(*inode) []change) image {
	im := image{}
	for _, name := range slices.Sorted(maps.Keys(folder)) { // in order, so that the same dice give the same image
		im[name] = afterwards(folder[name].sure, pick(folder[name]))
	}
	return im
}

var sumSeed = maphash.MakeSeed()

// sum tells images apart.
func (im image) sum() uint64 {
	var h maphash.Hash
	h.SetSeed(sumSeed)
	for _, name := range slices.Sorted(maps.Keys(im)) {
		maphash.WriteComparable(&h, name)
		maphash.WriteComparable(&h, len(im[name]))
		h.Write(im[name])
	}
	return h.Sum64()
}

// write puts the image into a folder, in stead of what was there.
func (im image) write(folder string) error {
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for name, data := range im {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// fastDir returns a temporary folder, in memory if there is such a place: images are written and synced by the thousand.
func fastDir(t *testing.T) string {
	t.Helper()
	const memory = "/dev/shm"
	if info, err := os.Stat(memory); err != nil || !info.IsDir() {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp(memory, "parley-proof-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// The model's own rules, on which the proof stands.
func TestDisk_onlySyncedSurvives(t *testing.T) {
	file := func() *disk {
		d := &disk{live: map[string]*inode{}, sure: map[string]*inode{}}
		for _, h := range []happening{{what: created, name: "a.db"}, {what: written, name: "a.db", data: []byte("one")}} {
			d.apply(h)
		}
		return d
	}
	d := file()
	if im := d.dropped(); len(im) != 0 {
		t.Errorf("a file nobody synced is there: %q", im)
	}
	if im := d.kept(); string(im["a.db"]) != "one" {
		t.Errorf("kept is %q", im)
	}
	d.apply(happening{what: synced, name: "a.db"})
	if im := d.dropped(); len(im) != 0 {
		t.Errorf("a file in a folder nobody synced is there: %q", im)
	}
	d.apply(happening{what: synced, name: "."})
	d.apply(happening{what: written, name: "a.db", data: []byte("wo"), at: 4})
	d.apply(happening{what: truncated, name: "a.db", at: 1})
	if im := d.dropped(); string(im["a.db"]) != "one" {
		t.Errorf("dropped is %q", im)
	}
	if im := d.kept(); string(im["a.db"]) != "o" {
		t.Errorf("kept is %q", im)
	}
	seen := map[string]bool{}
	random := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		seen[string(d.half(random)["a.db"])] = true
	}
	for _, want := range []string{"one", "o", "one\x00wo"} {
		if !seen[want] {
			t.Errorf("half kept is never %q, but %q", want, slices.Collect(maps.Keys(seen)))
		}
	}
	d.apply(happening{what: unlinked, name: "a.db"})
	if !bytes.Equal(d.dropped()["a.db"], []byte("one")) || len(d.kept()) != 0 {
		t.Errorf("after unlink: %q, %q", d.dropped(), d.kept())
	}
}
