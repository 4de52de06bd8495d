import { useEffect } from "react";
import { useTranslation } from "../i18n/useTranslation";
import type { WorkState } from "../protocol";
import type { TrayWords } from "../shell/shell";
import { isOn } from "../state/disturb";
import { unreadTotal } from "../state/select";
import { useApp, useParley } from "./context";

/** Has the sign beside the clock say, in the language chosen here, how things are and what can be chosen there. */
export function TrayMenu() {
  const { t } = useTranslation();
  const app = useApp();
  const { me, unread } = useParley((s) => ({ me: s.world.me, unread: unreadTotal(s.world) }));
  const words: TrayWords = {
    tooltip: unread > 0 ? `${t("app.name")}: ${t("unread", { count: unread })}` : t("app.name"),
    open: t("tray.open"),
    quit: t("status.quit"),
    statuses: [],
    doNotDisturb: me ? t("attention.dnd") : "",
    doNotDisturbOn: isOn(me?.attention?.doNotDisturb, Date.now()),
  };
  const choice = (state: WorkState, label: string, reason = "") => {
    if (!me || (me.statuses && !me.statuses.includes(state))) return;
    const current = me.status.state === state && (state !== "break" || me.status.reason === reason);
    words.statuses.push({ label, state, reason, current });
  };
  choice("available", t("status.available"));
  choice("workingOffline", t("status.workingOffline"));
  if (me?.user.role === "agent") choice("wrapUp", t("status.wrapUp"));
  for (const reason of [t("status.lunch"), t("status.shortBreak")]) {
    choice("break", t("tray.break", { reason }), reason);
  }
  const said = JSON.stringify(words);
  useEffect(() => app.shell.tray?.tell(JSON.parse(said) as TrayWords), [app, said]);
  return null;
}
