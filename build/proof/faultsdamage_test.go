package proof

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parley/app/cache"
	"parley/backend/chat"
	"parley/backend/rig"
)

const (
	cacheFile = "cache.db"
	walFile   = "cache.db-wal"
	pageBytes = 4096
)

// damaged is a way to damage a profile; it changes the image.
type damaged struct {
	what string
	do   func(random *rand.Rand, im image, other image)
}

// damages are what happens to files: other is another profile's. What is done to a file that is not there is done to none.
var damages = []damaged{
	{"bit flipped", func(r *rand.Rand, im, _ image) { flip(r, im[cacheFile]) }},
	{"bit flipped", func(r *rand.Rand, im, _ image) { flip(r, im[cacheFile]) }},
	{"bit flipped", func(r *rand.Rand, im, _ image) { flip(r, im[cacheFile]) }},
	{"bit flipped in the log", func(r *rand.Rand, im, _ image) { flip(r, im[walFile]) }},
	{"page zeroed", func(r *rand.Rand, im, _ image) { clear(somePage(r, im[cacheFile])) }},
	{"page of noise", func(r *rand.Rand, im, _ image) {
		page := somePage(r, im[cacheFile])
		for i := range page {
			page[i] = byte(r.Uint32())
		}
	}},
	{"file cut", func(r *rand.Rand, im, _ image) { cutShort(r, im, cacheFile) }},
	{"log cut", func(r *rand.Rand, im, _ image) { cutShort(r, im, walFile) }},
	{"log missing", func(_ *rand.Rand, im, _ image) { delete(im, walFile) }},
	{"log of another profile", func(_ *rand.Rand, im, other image) { im[walFile] = slices.Clone(other[walFile]) }},
	{"file of no bytes", func(_ *rand.Rand, im, _ image) { im[cacheFile] = nil }},
	{"file missing", func(_ *rand.Rand, im, _ image) { delete(im, cacheFile) }},
}

func flip(r *rand.Rand, file []byte) {
	if len(file) > 0 {
		file[r.IntN(len(file))] ^= 1 << r.IntN(8)
	}
}

func somePage(r *rand.Rand, file []byte) []byte {
	if len(file) < pageBytes {
		return nil
	}
	at := r.IntN(len(file)/pageBytes) * pageBytes
	return file[at : at+pageBytes]
}

func cutShort(r *rand.Rand, im image, name string) {
	if file, have := im[name]; have && len(file) > 0 {
		im[name] = file[:r.IntN(len(file))]
	}
}

// profileWith makes the profile of one of the cast with a conversation and some messages that could not be sent, killed (its log is
// not in its file then) or ended in order.
func profileWith(t *testing.T, s *rig.Server, proxy *rig.Proxy, name, to string, kill bool) (*core, map[chat.MessageID]string) {
	t.Helper()
	proxy.Heal()
	c := newCore(t, name, proxy.URL)
	p, peer := newPage(c), s.As(to)
	with := s.Direct(name, to)
	for i := range 60 {
		peer.Post(name, fmt.Sprintf("posted %03d %s", i, strings.Repeat("y", 10*i)))
	}
	p.settle(with, peer.World().Conversations[with].LastN)
	proxy.Refuse()
	unsent := map[chat.MessageID]string{}
	for i := range 20 {
		args := chat.MessagePostArgs{ID: chat.NewMessageID(), ConversationID: with, Text: fmt.Sprintf("unsent %03d%s", i, strings.Repeat(" z", 20*i))}
		if _, err := p.post(args); err != nil {
			t.Fatal(err)
		}
		unsent[args.ID] = args.Text
	}
	p.close()
	if kill {
		c.kill()
	} else {
		c.interrupt()
	}
	return c, unsent
}

// profileImage reads all files of a profile.
func profileImage(t *testing.T, folder string) image {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	im := image{}
	for _, e := range entries {
		if e.IsDir() { // of files on their way, which no message here has
			continue
		}
		if im[e.Name()], err = os.ReadFile(filepath.Join(folder, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	delete(im, cacheFile+"-shm") // shared memory outlives its program, not a damaged disk
	return im
}

// TestDamage_profile damages the desktop's database in every way there is (F15). Whatever it is, opening works, now and again; no
// message goes out other than it was written; every one that is missing or damaged is owned up to.
func TestDamage_profile(t *testing.T) {
	variants := size(60, 300)
	s := rig.Start(t)
	proxy := rig.NewProxy(t, s.URL)
	killed, unsent := profileWith(t, s, proxy, "mira", "liam", true)
	ended, unsentEnded := profileWith(t, s, proxy, "tomas", "renata", false)
	other, _ := profileWith(t, s, proxy, "amparo", "ines", true)
	foreign := profileImage(t, other.profile)
	bases := []struct {
		image   image
		account cache.Account
		unsent  map[chat.MessageID]string
	}{
		{profileImage(t, killed.profile), cache.Account{Server: proxy.URL, UserID: s.ID("mira")}, unsent},
		{profileImage(t, ended.profile), cache.Account{Server: proxy.URL, UserID: s.ID("tomas")}, unsentEnded},
	}

	folder := filepath.Join(fastDir(t), "profile")
	random := rand.New(rand.NewPCG(15, 1))
	var sum damageSum
	for i := range variants {
		d, base := damages[i%len(damages)], bases[i/len(damages)%len(bases)]
		im := image{}
		for name, data := range base.image {
			im[name] = slices.Clone(data)
		}
		d.do(random, im, foreign)
		if err := im.write(folder); err != nil {
			t.Fatal(err)
		}
		if err := sum.open(folder, base.account, base.unsent, d.what); err != nil {
			t.Errorf("variant %d, %s: %v", i, d.what, err)
		}
	}
	report(t, "damaged profile", variants, "variants", sum.rebuilt, "noticed and rebuilt", sum.saved, "unsent messages saved",
		sum.named, "named as damaged", sum.missing, "missing and owned up to", sum.gone, "gone with a whole file or log", sum.silent, "changed or missing in silence")
}

// TestDamage_innerPages flips the bits of all pages of the database's trees that lead to others (F15): there one bit takes many rows out of
// their table at once, and they are owned up to like a single one.
func TestDamage_innerPages(t *testing.T) {
	const innerIndex, innerTable = 2, 5 // https://www.sqlite.org/fileformat2.html#b_tree_pages
	s := rig.Start(t)
	proxy := rig.NewProxy(t, s.URL)
	ended, unsent := profileWith(t, s, proxy, "tomas", "renata", false)
	whole := profileImage(t, ended.profile)
	account := cache.Account{Server: proxy.URL, UserID: s.ID("tomas")}
	folder := filepath.Join(fastDir(t), "profile")
	var sum damageSum
	flips := 0
	for at, b := range whole[cacheFile] {
		inner := whole[cacheFile][at/pageBytes*pageBytes]
		if inner != innerIndex && inner != innerTable || b == 0 && at%pageBytes > 12 { // what is free holds nothing
			continue
		}
		for bit := at % size(8, 1); bit < 8; bit += size(8, 1) { // another one of each byte, or all
			im := maps.Clone(whole)
			im[cacheFile] = slices.Clone(whole[cacheFile])
			im[cacheFile][at] ^= 1 << bit
			if err := im.write(folder); err != nil {
				t.Fatal(err)
			}
			if err := sum.open(folder, account, unsent, "bit flipped"); err != nil {
				t.Errorf("byte %d of page %d, bit %d: %v", at%pageBytes, at/pageBytes+1, bit, err)
			}
			flips++
		}
	}
	report(t, "damaged inner pages", flips, "bits flipped", sum.rebuilt, "noticed and rebuilt", sum.saved, "unsent messages saved",
		sum.missing, "missing and owned up to", sum.silent, "changed or missing in silence")
	if flips == 0 {
		t.Error("there are no such pages, so nothing is shown")
	}
}

// damageSum counts what became of unsent messages.
type damageSum struct{ rebuilt, saved, named, missing, gone, silent int }

// open opens a damaged profile as the program does, twice.
func (s *damageSum) open(folder string, account cache.Account, unsent map[chat.MessageID]string, what string) (err error) {
	ctx := context.Background()
	c, err := cache.Open(ctx, folder, quiet)
	if err != nil {
		return fmt.Errorf("it cannot be opened: %w", err)
	}
	salvaged := c.Salvaged()
	if c.Account() != account {
		// As the program does at its start: its session says whose profile this is. Another account's messages do not go out.
		if err := c.Use(ctx, account); err != nil {
			return errors.Join(err, c.Close())
		}
	}
	items, err := c.Outbox(ctx)
	if err == nil {
		// As the outbox runs: what is about to be sent is looked at once more.
		_, err = c.NextWaiting(ctx)
	}
	if err == nil {
		_, _, err = c.Snapshot(ctx, cache.Tails{Recent: 50, Long: 50})
	}
	if err != nil && !cache.IsDamage(err) {
		return errors.Join(fmt.Errorf("it cannot be read: %w", err), c.Close())
	}
	if err != nil { // noticed while reading: replaced then, and all must be well
		if err := c.Rebuild(ctx); err != nil {
			return fmt.Errorf("it cannot be replaced: %w", err)
		}
		salvaged = c.Salvaged()
		items, err = c.Outbox(ctx)
		if err == nil {
			_, _, err = c.Snapshot(ctx, cache.Tails{Recent: 50, Long: 50})
		}
		if err != nil {
			return errors.Join(fmt.Errorf("it cannot be read after it was replaced: %w", err), c.Close())
		}
	}
	if salvaged != nil {
		s.rebuilt++
	}
	err = s.count(items, unsent, salvaged, what)
	if closing := c.Close(); closing != nil {
		return errors.Join(err, closing)
	}
	again, openErr := cache.Open(ctx, folder, quiet)
	if openErr != nil {
		return errors.Join(err, fmt.Errorf("the second opening: %w", openErr))
	}
	if again.Salvaged() != nil {
		err = errors.Join(err, errors.New("the second opening finds it damaged again"))
	}
	return errors.Join(err, again.Close())
}

// whole are the damages after which a sound file of an earlier time is there, or none at all: SQLite's log ends at its first
// damaged frame, as it does when the power went. What came after is gone, and nothing on the disk tells.
var whole = []string{"log missing", "log cut", "log of another profile", "bit flipped in the log", "file missing", "file of no bytes"}

// count looks at each unsent message.
func (s *damageSum) count(items []chat.OutboxItem, unsent map[chat.MessageID]string, salvaged *cache.Salvage, what string) error {
	var errs []error
	left := maps.Clone(unsent)
	for _, item := range items {
		text, ours := left[item.Message.ID]
		delete(left, item.Message.ID)
		switch {
		case item.State == chat.OutboxRefused && item.Error != nil:
			s.named++
		case !ours || text != item.Message.Text:
			s.silent++
			errs = append(errs, fmt.Errorf("message %s waits with another text or was never written", item.Message.ID))
		default:
			s.saved++
		}
	}
	switch {
	case len(left) == 0:
	case salvaged != nil && salvaged.Lost:
		s.missing += len(left)
	case slices.Contains(whole, what):
		s.gone += len(left)
	default:
		s.silent += len(left)
		errs = append(errs, fmt.Errorf("%d unsent messages are missing, and nobody is told (%+v)", len(left), salvaged))
	}
	return errors.Join(errs...)
}
