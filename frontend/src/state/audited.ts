import type { AuditEntry, Frame } from "../protocol";

/** How many entries are kept: as many as a screen that is open could want to speak of. */
const KEPT = 100;

/**
 * The entries of the audit log that this administrator was told since the page last got a fresh picture, oldest first. Another
 * array means that what a screen shows of the configuration may be old.
 */
export function auditedAfter(before: readonly AuditEntry[], frame: Frame): readonly AuditEntry[] {
  if (frame.reset) return [];
  const told = (frame.events ?? []).flatMap((e) =>
    e.type === "configuration.changed" && e.audit ? [e.audit] : [],
  );
  return told.length > 0 ? [...before, ...told].slice(-KEPT) : before;
}
