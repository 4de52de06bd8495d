package hub

import (
	"errors"
	"strings"

	"parley/backend/chat"
	"parley/backend/sheet"
)

// recordError is what is wrong with the form of a record: to whoever imports it is an *chat.Error of CodeInvalid, with each fault by itself.
type recordError struct {
	told   *chat.Error
	faults []chat.ImportFault
}

func (e *recordError) Error() string { return e.told.Error() }

// Unwrap returns the error as it is told.
func (e *recordError) Unwrap() error { return e.told }

// faultyRecord refuses a record for what is wrong with it.
func faultyRecord(wrong []sheet.Wrong) error {
	texts, e := make([]string, len(wrong)), &recordError{}
	for i, w := range wrong {
		texts[i] = w.Text
		e.faults = append(e.faults, w.ImportFault)
	}
	e.told = chat.Invalid("%s", strings.Join(texts, "; "))
	return e
}

// faultsOf says for programs why a record is refused.
func faultsOf(err error) []chat.ImportFault {
	var record *recordError
	if errors.As(err, &record) {
		return record.faults
	}
	told := chat.AsError(err)
	f := chat.ImportFault{Kind: chat.FaultOther}
	switch {
	case told == errRecordMoved:
		f.Kind = chat.FaultChanged
	case told == errSetOwnPassword:
		f.Kind = chat.FaultOwnPassword
	case told == errNameTaken:
		f.Kind = chat.FaultTaken
	case told.Code == chat.CodeUnknown:
		f.Kind = chat.FaultUnknown
	case told.Refusal != nil:
		f.Kind, f.Rule = chat.FaultRefused, told.Refusal.Rule
	}
	return []chat.ImportFault{f}
}
