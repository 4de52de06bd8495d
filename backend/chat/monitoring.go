package chat

// MonitoringRule says which supervisors may watch the conversations of the agents of a group (EXP-17). A conversation follows
// the group its agent is in now; one of two agents in different groups follows both. What has no agent in it, and every room,
// is watched by nobody. Administrators, too, watch only what a rule names them for, and no rule can: it names supervisors.
type MonitoringRule struct {
	GroupID GroupID `json:"groupId"`
	// Transcripts are the supervisors who may read what was written; Live those who may follow what is being written. Neither
	// contains the other.
	Transcripts []UserID `json:"transcripts"`
	Live        []UserID `json:"live"`
	// Revision is raised by every change; updates name the one they saw, 0 for a group without a rule yet.
	Revision int64 `json:"revision"`
}

// MonitoringListAnswer lists the rules that there are, by the id of their groups.
type MonitoringListAnswer struct {
	Rules []MonitoringRule `json:"rules"`
	// Shown is true if those who are watched are told of it.
	Shown bool `json:"shown"`
}

// MonitoringUpdateArgs replace the rule of a group.
type MonitoringUpdateArgs struct {
	Rule MonitoringRule `json:"rule"`
}

// MonitoringShowArgs say whether those who are watched are told of it, as long as it lasts, or nobody is.
type MonitoringShowArgs struct {
	Shown bool `json:"shown"`
}

// TranscriptListArgs ask for the conversations that one may read or follow, the last written in first. Text is looked for in
// the names of the participants; AfterID is the last one of the page before, "" for the first page. Limit is 1..MaxHistoryPage.
type TranscriptListArgs struct {
	Text    string         `json:"text,omitempty"`
	AfterID ConversationID `json:"afterId,omitempty"`
	Limit   int            `json:"limit"`
}

// TranscriptListAnswer is a page of the list, and what one may watch at all.
type TranscriptListAnswer struct {
	Conversations []TranscriptInfo `json:"conversations"`
	More          bool             `json:"more"`
	// Groups are those of which one may watch the agents; with none there is nothing to be listed.
	Groups []WatchedGroup `json:"groups"`
}

// WatchedGroup is a group as somebody who may watch it sees it.
type WatchedGroup struct {
	Group       Group `json:"group"`
	Transcripts bool  `json:"transcripts"`
	Live        bool  `json:"live"`
}

// TranscriptInfo is a conversation that one may watch.
type TranscriptInfo struct {
	Conversation Conversation `json:"conversation"`
	// LastAt is when somebody last wrote in it.
	LastAt Millis `json:"lastAt"`
	// Transcript says that its history may be read, Live that it may be followed.
	Transcript bool `json:"transcript"`
	Live       bool `json:"live"`
}

// TranscriptWatchArgs name the conversation to be followed, or to be followed no more.
type TranscriptWatchArgs struct {
	ConversationID ConversationID `json:"conversationId"`
}
