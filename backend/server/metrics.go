package server

import (
	"errors"
	"net"
	"net/http"
	"strconv"

	"github.com/coder/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"parley/backend/chat"
	"parley/backend/hub"
)

// metrics are counted for operators. No label holds an id, a name or anything else that comes from outside.
type metrics struct {
	registry *prometheus.Registry
	accepted prometheus.Counter
	frames   prometheus.Counter
	bytes    prometheus.Counter
	refused  *prometheus.CounterVec
	ends     *prometheus.CounterVec
	signIns  *prometheus.CounterVec
	files    *prometheus.CounterVec
	requests *prometheus.CounterVec
	answers  *prometheus.CounterVec
	taken    map[chat.CommandName]prometheus.Counter
}

func newMetrics(s *Server) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "parley", Name: name, Help: help})
	}
	vec := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "parley", Name: name, Help: help}, labels)
	}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		accepted: counter("sockets_accepted_total", "WebSocket connections accepted."),
		frames:   counter("frames_sent_total", "Frames written to sockets."),
		bytes:    counter("frame_bytes_sent_total", "Bytes of these frames."),
		refused:  vec("sockets_refused_total", "WebSocket connections refused before the upgrade, by reason.", "reason"),
		ends:     vec("sockets_closed_total", "WebSocket connections ended, by close code or cause.", "cause"),
		signIns:  vec("sign_ins_total", "Sign-ins, by result.", "result"),
		files:    vec("file_bytes_total", "Bytes of files, by direction: taken from senders, or sent to readers.", "direction"),
		requests: vec("requests_total", "Requests read from sockets, by command and what was done with them.", "command", "result"),
		answers:  vec("http_answers_total", "HTTP answers, by route and status.", "route", "status"),
		taken:    map[chat.CommandName]prometheus.Counter{},
	}
	for name := range chat.Commands {
		m.taken[name] = m.requests.WithLabelValues(string(name), "taken")
	}
	m.registry.MustRegister(m.accepted, m.frames, m.bytes, m.refused, m.ends, m.signIns, m.files, m.requests, m.answers,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), hubCollector{s.o.Hub},
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "parley", Name: "sockets", Help: "WebSocket connections open now."}, func() float64 {
			s.mu.Lock()
			defer s.mu.Unlock()
			return float64(s.open)
		}))
	return m
}

func (m *metrics) http(route string, status int) {
	m.answers.WithLabelValues(route, strconv.Itoa(status)).Inc()
}
func (m *metrics) signIn(result string)        { m.signIns.WithLabelValues(result).Inc() }
func (m *metrics) refusedSocket(reason string) { m.refused.WithLabelValues(reason).Inc() }
func (m *metrics) closed(cause string)         { m.ends.WithLabelValues(cause).Inc() }

func (m *metrics) fileTaken(bytes int) { m.files.WithLabelValues("taken").Add(float64(bytes)) }
func (m *metrics) fileSent(bytes int)  { m.files.WithLabelValues("sent").Add(float64(bytes)) }

func (m *metrics) frame(size int) {
	m.frames.Inc()
	m.bytes.Add(float64(size))
}

// request counts a request; a command that is not in the table is counted without its name.
func (m *metrics) request(name chat.CommandName, result string) {
	if result == "taken" {
		if c := m.taken[name]; c != nil {
			c.Inc()
			return
		}
		name = "unknown"
	}
	m.requests.WithLabelValues(string(name), result).Inc()
}

func (m *metrics) closedWith(code websocket.StatusCode) { m.closed(strconv.Itoa(int(code))) }

// readEnded counts an end that the other side brought about.
func (m *metrics) readEnded(err error) {
	switch code := websocket.CloseStatus(err); {
	case code == websocket.StatusNormalClosure, code == websocket.StatusGoingAway, code == websocket.StatusNoStatusRcvd:
		m.closed("left")
	case code != -1:
		m.closed("closed by peer")
	case errors.Is(err, websocket.ErrMessageTooBig):
		m.closedWith(websocket.StatusMessageTooBig)
	case errors.Is(err, net.ErrClosed): // this side's doing, counted where it was done
	default:
		m.closed("broken")
	}
}

// hubCollector reports the hub's own figures.
type hubCollector struct{ hub *hub.Hub }

// hubFigures lists them; what only grows is a counter.
var hubFigures = []struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(hub.Stats) float64
}{
	{hubDesc("feeds", "Sessions connected now, counted per connection."), prometheus.GaugeValue, func(s hub.Stats) float64 { return float64(s.Feeds) }},
	{hubDesc("sessions", "Sessions signed in now."), prometheus.GaugeValue, func(s hub.Stats) float64 { return float64(s.Sessions) }},
	{hubDesc("feeds_behind", "Feeds that read the log now because their queue overflowed."), prometheus.GaugeValue, func(s hub.Stats) float64 { return float64(s.Behind) }},
	{hubDesc("writer_queue", "Commands waiting for the writer now."), prometheus.GaugeValue, func(s hub.Stats) float64 { return float64(s.WriterQueue) }},
	{hubDesc("batch_commands", "Commands in the last transaction."), prometheus.GaugeValue, func(s hub.Stats) float64 { return float64(s.LastBatch) }},
	{hubDesc("commit_seconds", "How long the last commit took."), prometheus.GaugeValue, func(s hub.Stats) float64 { return s.LastCommit.Seconds() }},
	{hubDesc("messages_posted_total", "Messages committed."), prometheus.CounterValue, func(s hub.Stats) float64 { return float64(s.Posts) }},
	{hubDesc("events_total", "Events committed."), prometheus.CounterValue, func(s hub.Stats) float64 { return float64(s.Events) }},
	{hubDesc("events_delivered_total", "Events handed to feeds, counted once for each."), prometheus.CounterValue, func(s hub.Stats) float64 { return float64(s.Delivered) }},
	{hubDesc("batches_total", "Transactions committed."), prometheus.CounterValue, func(s hub.Stats) float64 { return float64(s.Batches) }},
	{hubDesc("commands_total", "Commands handed to the writer."), prometheus.CounterValue, func(s hub.Stats) float64 { return float64(s.Commands) }},
	{hubDesc("batches_failed_total", "Transactions that could not be committed."), prometheus.CounterValue, func(s hub.Stats) float64 { return float64(s.Failed) }},
}

func hubDesc(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("parley_hub_"+name, help, nil, nil)
}

// Describe implements prometheus.Collector.
func (hubCollector) Describe(descs chan<- *prometheus.Desc) {
	for _, f := range hubFigures {
		descs <- f.desc
	}
}

// Collect implements prometheus.Collector.
func (c hubCollector) Collect(values chan<- prometheus.Metric) {
	stats := c.hub.Stats()
	for _, f := range hubFigures {
		values <- prometheus.MustNewConstMetric(f.desc, f.kind, f.value(stats))
	}
}

// MetricsHandler returns the handler of the metrics' own listener: /metrics, and health for whoever watches from there. It
// has no sign-in, so its listener must not be public.
func (s *Server) MetricsHandler() http.Handler {
	m := http.NewServeMux()
	m.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	m.HandleFunc("GET /healthz", s.healthz)
	m.HandleFunc("GET /readyz", s.readyz)
	return m
}

var _ prometheus.Collector = hubCollector{}
