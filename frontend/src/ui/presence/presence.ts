import type { TFunction } from "i18next";
import { clock, since } from "../../i18n/times";
import type { Me, Presence } from "../../protocol";
import type { Net } from "../../state/select";
import type { PresenceShape } from "../base/Presence";

/** What is shown for a person: nobody's presence is known while offline, and who is not told of is offline. */
export function shapeOf(presence: Presence | undefined, net: Net): PresenceShape {
  if (net.kind === "offline") return "unknown";
  return presence?.availability ?? "offline";
}

/**
 * The evidence in one line: "on break since 10:04, desktop, idle for 12 min". Empty where there is nothing to add to the word
 * itself.
 */
export function evidence(t: TFunction, presence: Presence | undefined, now: number): string {
  if (!presence) return "";
  const rule = t(`presence.rule.${presence.rule}`);
  const what = presence.reason ? `${rule} (${presence.reason})` : rule;
  const parts = [
    presence.sinceAt ? `${what} ${t("presence.since", { time: since(presence.sinceAt, now) })}` : what,
  ];
  if (presence.device) parts.push(t(`presence.device.${presence.device}`));
  if (presence.idleSinceAt) parts.push(t("presence.idle", { time: lasting(t, now - presence.idleSinceAt) }));
  return parts.join(", ");
}

/** How long something lasts, in words: "12 min", "2 hours". */
export function lasting(t: TFunction, ms: number): string {
  const minutes = Math.max(1, Math.floor(ms / 60_000));
  return minutes < 120
    ? t("presence.min", { count: minutes })
    : t("presence.hours", { count: Math.floor(minutes / 60) });
}

/**
 * One's own presence, from what one has declared; the connection decides first. Since when is told of what the server has told
 * others too: what was declared may be older than being there.
 */
export function ownPresence(
  t: TFunction,
  me: Me,
  told: Presence | undefined,
  net: Net,
): { shape: PresenceShape; line: string } {
  if (net.kind === "offline") {
    return { shape: "offline", line: t("status.offline", { time: clock(net.sinceAt) }) };
  }
  if (net.kind === "connecting") return { shape: "unknown", line: t("status.connecting") };
  const { state, reason } = me.status;
  const shape = state === "break" ? "away" : state === "available" ? "online" : "busy";
  const word = reason || t(`status.${state}`);
  // Right after a change what is told is still of before.
  const at = told?.availability === shape ? told.sinceAt : 0;
  return { shape, line: at ? `${word} ${t("status.since", { time: since(at, Date.now()) })}` : word };
}
