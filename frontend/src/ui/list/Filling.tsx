import { useTranslation } from "../../i18n/useTranslation";
import { useParley } from "../context";
import c from "./list.module.css";

/** How far the older messages are that this computer loads for use without a connection. */
export function Filling() {
  const { t, language } = useTranslation();
  const filling = useParley((s) => s.world.link?.filling);
  if (!filling) return null;
  return (
    <div className={c.filling}>
      <span id="filling">
        {t("list.filling", {
          kept: filling.kept.toLocaleString(language),
          of: filling.of.toLocaleString(language),
        })}
      </span>
      <progress max={filling.of} value={filling.kept} aria-labelledby="filling" />
    </div>
  );
}
