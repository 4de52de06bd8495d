import { IconRefresh } from "@tabler/icons-react";
import { useTranslation } from "../i18n/useTranslation";
import { LinkButton } from "./base/parts";
import { useApp, useParley } from "./context";
import c from "./Frame.module.css";

/** Says that a newer version of the page is there, and leaves it to the person when to load it. */
export function UpdateBar() {
  const { t } = useTranslation();
  const app = useApp();
  const update = useParley((s) => s.update);
  if (!update) return null;
  return (
    <section className={c.bar} data-tone="news" aria-label={t("update.label")}>
      <IconRefresh size={16} stroke={1.7} aria-hidden />
      <span role="status">{t("update.text")}</span>
      <LinkButton onClick={() => app.reload()}>{t("update.load")}</LinkButton>
    </section>
  );
}
