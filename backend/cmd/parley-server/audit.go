package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"strconv"
	"time"

	"parley/backend/chat"
	"parley/backend/sheet"
)

// auditCmd holds the commands about the audit log.
type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Follow the chain of the audit log. If an entry is missing or was changed, its number is told and the exit code is 1."`
	Export auditExportCmd `cmd:"" help:"Write the audit log to standard output as CSV in UTF-8, newest first."`
}

type auditVerifyCmd struct {
	consoleFlags
}

// Run checks the chain.
func (c *auditVerifyCmd) Run(ctx context.Context, p *program) error {
	return c.withExisting(ctx, p, func(con console) error {
		var v chat.AuditVerifyAnswer
		if err := con.do(ctx, chat.AuditVerify, struct{}{}, &v); err != nil {
			return told(err)
		}
		if v.BrokenN != 0 {
			return fmt.Errorf("the audit log is broken: entry %d is missing or not as it was written; all before it are whole", v.BrokenN)
		}
		fmt.Fprintf(p.stdout, "The audit log is whole: %d entries.\n", v.Entries)
		return nil
	})
}

type auditExportCmd struct {
	consoleFlags
	From moment `placeholder:"TIME" help:"Only entries from this time on: a day (2026-11-20, UTC) or a moment (2026-11-20T10:15:00Z)."`
	To   moment `placeholder:"TIME" help:"Only entries before this moment; of a day, that day included."`
}

// moment is a time as it is typed: a day in UTC, or a moment with its zone.
type moment struct {
	at chat.Millis
	// day is true for a day; at is its beginning.
	day bool
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *moment) UnmarshalText(text []byte) error {
	day, err := time.Parse(time.DateOnly, string(text))
	if err == nil {
		*m = moment{chat.MillisOf(day), true}
		return nil
	}
	at, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return fmt.Errorf("%.40q is neither a day like 2026-11-20 nor a moment like 2026-11-20T10:15:00Z", text)
	}
	*m = moment{at: chat.MillisOf(at)}
	return nil
}

// end returns where a period that is told to end so does end.
func (m moment) end() chat.Millis {
	if m.day {
		return chat.MillisOf(m.at.Time().AddDate(0, 0, 1))
	}
	return m.at
}

// auditColumns are the headings, those of the export of the administration's page.
var auditColumns = []string{"n", "at", "by", "by id", "address", "command", "kind", "subject", "subject id", "changes", "hash"}

// Run writes the table, page by page, so that its length does not matter.
func (c *auditExportCmd) Run(ctx context.Context, p *program) error {
	return c.withExisting(ctx, p, func(con console) error {
		w := csv.NewWriter(p.stdout)
		w.UseCRLF = true
		page := chat.AuditListArgs{Limit: chat.MaxHistoryPage, Refusals: true, FromAt: c.From.at, ToAt: c.To.end()}
		if err := w.Write(auditColumns); err != nil {
			return fmt.Errorf("write the export: %w", err)
		}
		for more := true; more; {
			var answer chat.AuditListAnswer
			if err := con.do(ctx, chat.AuditList, page, &answer); err != nil {
				return told(err)
			}
			for _, e := range answer.Entries {
				if err := writeEntry(w, e); err != nil {
					return err
				}
				page.BeforeN = e.N
			}
			more = answer.More
		}
		if w.Flush(); w.Error() != nil {
			return fmt.Errorf("write the export: %w", w.Error())
		}
		return nil
	})
}

// writeEntry writes a line. No cell is calculated by a spreadsheet or obeyed by a terminal, whatever people called themselves.
func writeEntry(w *csv.Writer, e chat.AuditEntry) error {
	changes, err := chat.Encode(e.Changes)
	if err != nil {
		return fmt.Errorf("entry %d: %w", e.N, err)
	}
	cells := []string{strconv.FormatInt(e.N, 10), e.At.Time().Format("2006-01-02T15:04:05.000Z"), e.ByName, string(e.ByID), e.Address, string(e.Command),
		string(e.Subject.Kind), e.Subject.Name, e.Subject.ID, string(changes), e.Hash}
	for i := range cells {
		cells[i] = sheet.Harmless(sheet.Inert(cells[i]))
	}
	if err := w.Write(cells); err != nil {
		return fmt.Errorf("write the export: %w", err)
	}
	return nil
}
