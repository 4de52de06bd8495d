import { useTranslation } from "../../i18n/useTranslation";
import type { WorkState } from "../../protocol";
import type { PresenceShape } from "../base/Presence";
import { useParley } from "../context";

/** A status one may set, as the menu and the palette offer it. */
export interface StatusChoice {
  key: string;
  state: WorkState;
  /** Why somebody is on break; empty otherwise. */
  reason: string;
  shape: PresenceShape;
  label: string;
  hint: string;
  current: boolean;
}

/** Those that one's role has and one's permission sets allow (SET-10), in the order in which they are offered. */
export function useStatusChoices(): StatusChoice[] {
  const { t } = useTranslation();
  const me = useParley((s) => s.world.me);
  if (!me) return [];
  const choice = (
    state: WorkState,
    shape: PresenceShape,
    label: string,
    hint: string,
    reason = "",
  ): StatusChoice => ({
    key: `${state}${reason}`,
    state,
    reason,
    shape,
    label,
    hint,
    current: me.status.state === state && me.status.reason === reason,
  });
  const all = [
    choice("available", "online", t("status.available"), t("status.availableHint")),
    choice("workingOffline", "busy", t("status.workingOffline"), t("status.workingOfflineHint")),
    choice("wrapUp", "busy", t("status.wrapUp"), t("status.wrapUpHint")),
    ...[t("status.lunch"), t("status.shortBreak"), t("status.meeting"), t("status.training")].map((reason) =>
      choice("break", "away", reason, "", reason),
    ),
  ];
  const { statuses } = me;
  return all.filter(
    ({ state }) =>
      (!statuses || statuses.includes(state)) && (state !== "wrapUp" || me.user.role === "agent"),
  );
}
