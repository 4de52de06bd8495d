import type { TFunction } from "i18next";
import type { Explanation, FixStep, GateStep } from "../../protocol";
import type { World } from "../../state/world";

/** Whom an explanation speaks of. */
export interface Actors {
  /** The actor's name; empty for oneself. */
  actor: string;
}

/** What a step of a fix changes, for the one who may do it or whose right it is. */
export function stepWords(t: TFunction, world: World, step: FixStep, { actor }: Actors): string {
  const words = {
    actor,
    name: (step.userId && world.people[step.userId]?.displayName) ?? "",
    team: (step.teamId && world.teams[step.teamId]?.name) ?? "",
    role: step.role ? t(`roles.${step.role}`) : "",
    mode: step.mode ? t(`why.mode.${step.mode}`) : "",
    group: step.group ?? "",
    set: step.name ?? "",
  };
  return t(`why.fix.${actor ? "of" : "own"}.${step.kind}` as "why.fix.of.switch.on", words);
}

/** What a gate answered. */
export function gateWords(t: TFunction, step: GateStep): string {
  if (step.verdict === "passed") return t(`why.because.${step.because ?? "notNeeded"}`);
  return step.verdict === "notAsked" ? t("why.notAskedLong") : t("why.refused");
}

/** How an act is called where one is chosen. */
export function actWords(t: TFunction, act: Explanation["act"]): string {
  return t(`why.act.${act}` as "why.act.post");
}
