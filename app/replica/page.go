package replica

import (
	"context"
	"errors"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"parley/app/cache"
	"parley/backend/attention"
	"parley/backend/chat"
	"parley/backend/wire"
)

const (
	// pageQueue is how many frames may wait for a page that does not read. One that lets more wait is cut: it comes back and is
	// reset from the cache, while the link and the other pages go on.
	pageQueue = 512
	// recentTails conversations are shown to a page with longTail messages, the others with their newest one.
	recentTails, longTail = 50, 50
	// mostRelayed bounds the commands of one page that wait for the hub.
	mostRelayed = 64
)

// page is one socket of a user interface.
type page struct {
	r      *Replica
	ws     *websocket.Conn
	viewer attention.Viewer
	out    chan []byte
	// closing holds the close code once; cut ends everything at once.
	closing chan closing
	cut     context.CancelFunc
	once    sync.Once

	// The owner's: helloed is set when the page follows everything; relayed counts what it waits for.
	helloed bool
	relayed int
	// idleSince is since when nobody has been at the page; zero while somebody is, or as long as it has not said.
	idleSince time.Time
}

type closing struct {
	code   websocket.StatusCode
	reason string
}

// servePage speaks with a page until either side ends it.
func (r *Replica) servePage(ctx context.Context, ws *websocket.Conn) {
	ctx, cut := context.WithCancel(ctx)
	defer cut()
	p := &page{r: r, ws: ws, out: make(chan []byte, pageQueue), closing: make(chan closing, 1), cut: cut}
	err := r.call(func() error {
		r.lastPage++
		p.viewer = attention.Viewer(r.lastPage)
		r.pages = append(r.pages, p)
		return nil
	})
	if err != nil {
		return
	}
	var workers sync.WaitGroup
	workers.Go(func() { p.write(ctx) })
	workers.Go(func() { p.heartbeat(ctx) })
	p.read(ctx)
	cut()
	workers.Wait()
	_ = ws.CloseNow() // mostly closed already
	r.do(func() { r.leave(p) })
}

func (r *Replica) leave(p *page) {
	for i, other := range r.pages {
		if other == p {
			r.pages = append(r.pages[:i], r.pages[i+1:]...)
			break
		}
	}
	r.attention.Leave(p.viewer)
	r.idleByPages()
}

// closePages sends every page but one away, to come back by itself and say hello again.
func (r *Replica) closePages(except *page) {
	for _, p := range r.pages {
		if p != except {
			p.helloed = false
			p.close(wire.CloseRestart, "say hello again")
		}
	}
}

// push queues a frame. It never waits: a page that does not read is cut.
func (p *page) push(frame []byte) {
	select {
	case p.out <- frame:
	default:
		p.helloed = false
		p.close(wire.CloseSlow, "the page does not read")
	}
}

// close ends the page with a code, soon and without waiting; only the first code counts.
func (p *page) close(code websocket.StatusCode, reason string) {
	p.once.Do(func() { p.closing <- closing{code, reason} })
}

// write sends what is queued, and then the close code, until the end.
func (p *page) write(ctx context.Context) {
	for {
		select {
		case frame := <-p.out:
			if !p.writeOne(ctx, frame) {
				p.cut()
				return
			}
		case c := <-p.closing:
			for len(p.out) > 0 && c.code != wire.CloseSlow {
				if !p.writeOne(ctx, <-p.out) {
					break
				}
			}
			_ = p.ws.Close(c.code, c.reason) // the page may be gone already
			p.cut()
			return
		case <-ctx.Done():
			return
		}
	}
}

func (p *page) writeOne(ctx context.Context, frame []byte) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := p.r.Clock.AfterFunc(wire.WriteTimeout, cancel)
	defer stop()
	return p.ws.Write(ctx, websocket.MessageText, frame) == nil
}

// heartbeat cuts a page that no longer answers, and one that never asks anything.
func (p *page) heartbeat(ctx context.Context) {
	for {
		due := make(chan struct{})
		stop := p.r.Clock.AfterFunc(wire.PingEvery, func() { close(due) })
		select {
		case <-due:
		case <-ctx.Done():
			stop()
			return
		}
		pingCtx, cancel := context.WithCancel(ctx)
		stop = p.r.Clock.AfterFunc(wire.PingTimeout, cancel)
		err := p.ws.Ping(pingCtx)
		stop()
		cancel()
		if err != nil {
			p.cut()
			return
		}
	}
}

// read takes requests until the end. The first that can be read must come within wire.HelloTimeout.
func (p *page) read(ctx context.Context) {
	p.ws.SetReadLimit(wire.MaxRequestBytes)
	stop := p.r.Clock.AfterFunc(wire.HelloTimeout, func() { p.close(wire.CloseProtocol, "hello is missing") })
	defer func() { stop() }()
	for {
		kind, data, err := p.ws.Read(ctx)
		if err != nil {
			return
		}
		if kind != websocket.MessageText {
			p.close(websocket.StatusUnsupportedData, "frames are text")
			continue
		}
		if !utf8.Valid(data) {
			p.close(websocket.StatusInvalidFramePayloadData, "frames are UTF-8")
			continue
		}
		request, err := wire.ParseRequest(data)
		if err == nil {
			stop()
		}
		p.r.do(func() {
			if err != nil {
				p.refuse(request.ID, err)
				return
			}
			p.r.handle(p, request)
		})
	}
}

// answer answers a request.
func (p *page) answer(id int64, ok any) {
	frame, err := wire.EncodeAnswer(id, ok, nil)
	if err != nil {
		p.refuse(id, err)
		return
	}
	p.push(frame)
}

// refuse answers a request with an error; one whose id could not be read, zero, is answered without it, as the hub does.
func (p *page) refuse(id int64, err error) {
	var told *chat.Error
	if !errors.As(err, &told) {
		told = diskError(err)
	}
	frame, err := wire.EncodeAnswer(id, nil, told)
	if err != nil {
		p.r.Log.Error("an error could not be encoded", "error", err)
		return
	}
	p.push(frame)
}

// resetPage tells a page everything from the cache, and where it stands. Without a snapshot yet, it is told of the link alone;
// the hub's first snapshot follows when it comes.
func (r *Replica) resetPage(p *page, reason chat.ResetReason) {
	link := r.describeLink()
	snapshot, found, err := r.cache.Snapshot(r.ctx, cache.Tails{Recent: recentTails, Long: longTail})
	if err != nil {
		r.failed("read the local data", err)
		p.close(wire.CloseRestart, "the local data cannot be read")
		return
	}
	presence := make([]chat.Presence, 0, len(r.presence))
	for _, one := range r.presence {
		presence = append(presence, one)
	}
	if found {
		snapshot.Link, snapshot.Presence = &link, presence
		p.push(r.encode(resetFrame{wire.Reset{Reason: reason, Cursor: r.pageCursor(), Snapshot: snapshot}}))
		loose, err := r.cache.LooseDrafts(r.ctx)
		if err != nil {
			r.failed("read the drafts", err)
		}
		r.tellLoose(p, loose)
	}
	p.push(r.encode(signalsFrame{[]chat.Signal{
		{Type: chat.SignalPresenceAll, PresenceAll: presence},
		{Type: chat.SignalLink, Link: &link},
	}}))
}

// tellLoose tells a page of drafts in conversations that have not begun, for which a snapshot has no place. The page's cursor
// stays where it is.
func (r *Replica) tellLoose(p *page, drafts []chat.Draft) {
	if len(drafts) == 0 {
		return
	}
	frame := eventsFrame{Prev: r.pageCursor(), Cursor: r.pageCursor()}
	for i := range drafts {
		frame.Events = append(frame.Events, r.encode(chat.Event{Type: chat.DraftChanged, Draft: &drafts[i]}))
	}
	p.push(r.encode(frame))
}

// serverNow is the server's time as far as it is known.
func (r *Replica) serverNow() chat.Millis { return r.now() + chat.Millis(r.serverLag/time.Millisecond) }
