import type { TFunction } from "i18next";
import type { Can, Failure, Me, Organisation, Rule } from "../../protocol";
import type { World } from "../../state/world";

/** What a reason is told with: who it is about, and the settings it speaks of. */
export interface ReasonFacts {
  /** The other person's name, as short as it is clear. */
  name: string;
  /** "7 days": how long one may answer. */
  window: string;
  /** "chosen roles (Agents, Supervisors)": what one's own Start covers. */
  scope: string;
  /** The rule's own word, for rules this page does not know. */
  rule: string;
}

/** A rule as words: one sentence, the rule, and what would help. */
export interface Reason {
  short: string;
  verdict: string;
  rule: string;
  help: string;
}

type KnownRule = Exclude<Rule, "wall.group" | "wall.unknown">;

const known: ReadonlySet<string> = new Set<KnownRule>([
  "account.inactive",
  "account.otherInactive",
  "switch.off",
  "switch.superiorsOnly",
  "switch.adminsStart",
  "grant.notAdministrator",
  "grant.administratorFixed",
  "grant.plainTextOnly",
  "grant.directOnly",
  "grant.none",
  "grant.beyondOwn",
  "grant.statusNotAllowed",
  "grant.lastAdministrator",
  "license.none",
  "personal.repliesOff",
  "personal.startOff",
  "personal.startNotIncluded",
  "place.notParticipant",
  "place.notAuthor",
  "place.notOwner",
]);

/** Puts a rule into words. A rule this page does not know yet is told in general words. */
export function reasonOf(t: TFunction, rule: string | undefined, facts: ReasonFacts): Reason {
  const key = (rule && known.has(rule) ? rule : "other") as KnownRule | "other";
  const say = (what: keyof Reason) => t(`rule.${key}.${what}` as "rule.other.short", { ...facts });
  return { short: say("short"), verdict: say("verdict"), rule: say("rule"), help: say("help") };
}

/** Collects what reasons are told with from what the page knows. */
export function factsOf(t: TFunction, world: World, name: string, rule: string | undefined): ReasonFacts {
  return {
    name: name.split(" ")[0] || name,
    window: windowOf(t, world.organisation),
    scope: world.me ? scopeOf(t, world.me, world) : "",
    rule: rule ?? "",
  };
}

function windowOf(t: TFunction, organisation: Organisation | null): string {
  const hours = Math.round((organisation?.replyWindowMs ?? 0) / 3_600_000);
  return hours > 0 && hours % 24 === 0
    ? t("window.days", { count: hours / 24 })
    : t("window.hours", { count: hours });
}

function scopeOf(t: TFunction, me: Me, world: World): string {
  const { scope, targets } = me.settings;
  const kind = t(`scope.${scope}`);
  if (scope === "everyone") return kind;
  const names = targets.map((id) => {
    if (scope === "teams") return world.teams[id]?.name ?? id;
    if (scope === "users") return world.people[id]?.displayName ?? id;
    return t(`roles.${id as "agent"}`);
  });
  return names.length ? t("scope.list", { kind, names: names.slice(0, 6).join(", ") }) : t("scope.nobody");
}

/** The rule behind a greyed control or a refusal; undefined where there is none to tell. */
export function ruleOf(source: Can | Failure): { gate?: string; rule?: string } {
  return "code" in source ? (source.refusal ?? {}) : { gate: source.gate, rule: source.rule };
}

/** Why a message was not sent, in a few words for the line below it. */
export function shortFailure(t: TFunction, failure: Failure, world: World, name: string): string {
  const rule = failure.refusal?.rule;
  if (rule) return reasonOf(t, rule, factsOf(t, world, name, rule)).short;
  return failure.text;
}
