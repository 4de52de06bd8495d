import type { TFunction } from "i18next";
import type {
  AuditChange,
  AuditEntry,
  Group,
  MessagingSettings,
  PermissionSetName,
  RefusalTarget,
  Reminder,
  Role,
  SubjectKind,
  Team,
} from "../../protocol";
import { reminderText } from "../../ui/settings/ReminderChoice";
import { csvText } from "../transfer/csv";

/**
 * A change of an entry as people read it. Where there was nothing before there is no `from`; without `to` it is a secret, of which
 * only the change is known.
 */
export interface ChangeLine {
  field: string;
  from?: string;
  to?: string;
}

/** The words for the first of the keys that the catalogue has: which there are, a newer server decides. */
const say = (t: TFunction, keys: string[], options: object): string =>
  (t as unknown as (keys: string[], options: object) => string)(keys, options);

/**
 * What an entry says in one sentence, without who and when: "Messaging settings of Ana Castillo". A command may say another
 * thing of each kind of subject.
 */
export function headOf(t: TFunction, e: AuditEntry): string {
  const { kind, name, id } = e.subject;
  if (kind === "refusal") {
    const act = say(t, [`audit.acts.${name}`, `why.act.${name}`, "audit.acts.other"], {});
    return t(id === "denied" ? "audit.denied" : "audit.unknown", { act });
  }
  return say(
    t,
    [`audit.commandsOf.${kind}.${e.command}`, `audit.commands.${e.command}`, "audit.commands.other"],
    {
      name: name || t("audit.everybody"),
      command: e.command,
    },
  );
}

/** What was changed, field by field. */
export function linesOf(
  t: TFunction,
  e: { subject: { kind: SubjectKind }; changes: AuditChange[] },
  nameOf: (target: string) => string,
): ChangeLine[] {
  return e.changes.map((c) => ({
    field: say(
      t,
      [
        `audit.fieldsOf.${e.subject.kind}.${c.field}`,
        `audit.fields.${c.field}`,
        `sets.fields.${c.field}`,
        "audit.fields.other",
      ],
      { field: c.field },
    ),
    ...(secret(c)
      ? {}
      : {
          from: c.from === undefined ? undefined : wordsOf(t, c.field, c.from, nameOf),
          to: wordsOf(t, c.field, c.to, nameOf),
        }),
  }));
}

const secret = (c: AuditChange) => c.from === undefined && c.to === undefined;

const DAY_MS = 86_400_000;

/** Where the words for the values of a field stand that has a few fixed ones, or a list of such. */
const fixed: Readonly<Record<string, (value: string) => string>> = {
  role: (v) => `role.${v}`,
  mode: (v) => `features.modes.${v}.title`,
  kind: (v) => `placeForm.kinds.${v}`,
  license: (v) => `sets.licenses.${v}`,
  edition: (v) => `licenses.editions.${v}`,
  permissions: (v) => `sets.permissions.${v}.title`,
  sessions: (v) => `sets.access.${v}`,
  contacts: (v) => `sets.access.${v}`,
  statuses: (v) => `status.${v}`,
  state: (v) => `requests.state.${v}`,
  rule: (v) => `rule.${v}.rule`,
  secondFactor: (v) => `roles.${v}`,
};

/** A value of a field in words. What this page does not know yet is shown as it came. */
function wordsOf(t: TFunction, field: string, value: unknown, nameOf: (target: string) => string): string {
  if (value === undefined || value === null || value === "") return t("audit.nothing");
  if (typeof value === "boolean") return t(value ? "audit.on" : "audit.off");
  const key = fixed[field];
  if (key) {
    const word = (v: unknown) =>
      say(t, [key(String(v)), "audit.plain"], { value: v, scope: t("scope.notThis") });
    return Array.isArray(value) ? names(t, value.map(word), "audit.nothing") : word(value);
  }
  switch (field) {
    case "group":
    case "default":
      return (value as Group).name;
    case "teams":
    case "owners":
    case "members":
      return names(
        t,
        (value as Team[]).map((team) => team.name),
        "audit.nothing",
      );
    case "sets":
      return names(
        t,
        (value as PermissionSetName[]).map((set) => set.label),
        "audit.nothing",
      );
    case "files":
    case "queues":
      return names(t, value as string[], "audit.nothing");
    case "transcripts":
    case "live":
      return names(t, (value as string[]).map(nameOf));
    case "settings":
    case "pending":
      return settingsText(t, value as MessagingSettings, nameOf);
    case "towards":
      return names(
        t,
        (value as RefusalTarget[]).map((to) => to.name || t("audit.notThere")),
      );
    case "reminder":
      return reminderText(t, value as Reminder);
    case "replyWindowMs":
      return t("features.days", { count: Number(value) / DAY_MS, days: Number(value) / DAY_MS });
    case "read": {
      const { fromN, throughN } = value as { fromN: number; throughN: number };
      return fromN === 0 ? t("audit.nothing") : t("audit.messages", { from: fromN, through: throughN });
    }
  }
  return typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value);
}

function settingsText(t: TFunction, s: MessagingSettings, nameOf: (target: string) => string): string {
  const targets =
    s.scope === "roles" ? s.targets.map((role) => t(`roles.${role as Role}`)) : s.targets.map(nameOf);
  const start = !s.start ? t("audit.off") : s.scope === "everyone" ? t("agents.everyone") : names(t, targets);
  return t("audit.settings", { replies: t(s.replies ? "audit.on" : "audit.off"), start });
}

/** A list for people: all of a few, else the first and how many more. */
function names(t: TFunction, all: string[], none: "audit.nobody" | "audit.nothing" = "audit.nobody"): string {
  if (all.length === 0) return t(none);
  const shown = all.slice(0, 4).join(", ");
  return all.length > 4 ? t("audit.more", { shown, count: all.length - 4 }) : shown;
}

/** The entries as a table for other programs. */
export function csvOf(entries: AuditEntry[]): string {
  const rows = entries.map((e) => [
    String(e.n),
    new Date(e.at).toISOString(),
    e.byName,
    e.byId,
    e.address ?? "",
    e.command,
    e.subject.kind,
    e.subject.name,
    e.subject.id,
    JSON.stringify(e.changes),
    e.hash,
  ]);
  const head = [
    "n",
    "at",
    "by",
    "by id",
    "address",
    "command",
    "kind",
    "subject",
    "subject id",
    "changes",
    "hash",
  ];
  return csvText([head, ...rows]);
}
