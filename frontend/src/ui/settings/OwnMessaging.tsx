import { IconClock } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { useTranslation } from "../../i18n/useTranslation";
import type { MessagingSettings } from "../../protocol";
import { useParley } from "../context";
import c from "./settings.module.css";

/** What one's own Replies and Start are, and what an administrator has changed for one's next sign-in (IM-19). */
export function OwnMessaging() {
  const { t } = useTranslation();
  const me = useParley((s) => s.world.me);
  if (!me) return null;
  return (
    <section className={c.own} aria-label={t("own.title")}>
      <div className={c.line}>
        <span>{t("own.title")}</span>
        <span className={c.quiet}>{says(t, me.settings)}</span>
      </div>
      {me.user.role === "administrator" && <small>{t("own.fixed")}</small>}
      {me.pending && (
        <p className={c.warning} role="status">
          <IconClock size={16} stroke={1.7} aria-hidden />
          {t("own.pending", { change: says(t, me.pending) })}
        </p>
      )}
    </section>
  );
}

function says(t: TFunction, s: MessagingSettings): string {
  const replies = t(s.replies ? "own.repliesOn" : "own.repliesOff");
  // Which users they are is not told to oneself, nor how many: they may be such as one may not know of.
  const start = !s.start
    ? t("own.startOff")
    : s.scope === "teams" || s.scope === "roles"
      ? t(`own.${s.scope}`, { count: s.targets.length })
      : t(`own.${s.scope}`);
  return `${replies} ${start}`;
}
