package chat

// RequestID names a request. It is made by the hub.
type RequestID string

// RequestState is what became of a request. It is open once, and decided for good.
type RequestState string

// The states.
const (
	RequestOpen     RequestState = "open"
	RequestApplied  RequestState = "applied"
	RequestDeclined RequestState = "declined"
)

// MaxRequestText is the longest text of a request, and the longest note of a decision, in characters.
const MaxRequestText = 500

// RightsRequest is somebody's wish to be allowed what a rule refuses (WHY-1). It names the act and the target and no rule: what would
// grant it is found when an administrator looks at it.
type RightsRequest struct {
	ID   RequestID `json:"id"`
	ByID UserID    `json:"byId"`
	Act  Act       `json:"act"`
	// OtherID or ConversationID is the target, as in ExplainAskArgs; neither for acts without one.
	OtherID        UserID         `json:"otherId,omitempty"`
	ConversationID ConversationID `json:"conversationId,omitempty"`
	// Text is in the asker's own words; may be empty.
	Text  string       `json:"text"`
	At    Millis       `json:"at"`
	State RequestState `json:"state"`
	// DecidedByID is told to administrators only. Note is the administrator's, to the asker; may be empty.
	DecidedByID UserID `json:"decidedById,omitempty"`
	DecidedAt   Millis `json:"decidedAt,omitempty"`
	Note        string `json:"note,omitempty"`
}

// RequestMakeArgs ask administrators for a right. Asking for the same again while it is open gives the same request.
type RequestMakeArgs struct {
	Act            Act            `json:"act"`
	OtherID        UserID         `json:"otherId,omitempty"`
	ConversationID ConversationID `json:"conversationId,omitempty"`
	Text           string         `json:"text"`
}

// RequestMakeAnswer is the request as it was made.
type RequestMakeAnswer struct {
	Request RightsRequest `json:"request"`
}

// RequestListArgs ask for requests: for one's own, or with All, as an administrator, for everybody's.
type RequestListArgs struct {
	All bool `json:"all,omitempty"`
}

// RequestListAnswer holds all that are open and the last ones decided, the newest first.
type RequestListAnswer struct {
	Requests []RightsRequest `json:"requests"`
}

// RequestDecideArgs end a request. To apply it is to execute Changes, all or none, by the rules of that moment: they must allow
// what was asked for. CodeConflict if they do not, if somebody decided meanwhile, or changed what Changes change.
type RequestDecideArgs struct {
	ID    RequestID `json:"id"`
	Apply bool      `json:"apply"`
	// Changes are those of the request's Fix, or others; empty to decline, and where it is allowed by now anyway.
	Changes []Change `json:"changes,omitempty"`
	Note    string   `json:"note"`
}
