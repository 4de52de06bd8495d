import { useTranslation } from "../../i18n/useTranslation";
import type { MessagingSettings } from "../../protocol";

/** Says in a few words whom somebody may write to first: "Off", "Everyone", "3 teams". */
export function useReachText(): (settings: MessagingSettings) => string {
  const { t } = useTranslation();
  return (s) =>
    !s.start
      ? t("agents.off")
      : s.scope === "everyone"
        ? t("agents.everyone")
        : t(`agents.reach.${s.scope}`, { count: s.targets.length });
}
