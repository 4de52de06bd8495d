import { useTranslation } from "../../i18n/useTranslation";
import c from "./agents.module.css";
import type { Bulk } from "./useBulk";

/** How far a change of many users is, and who could not be changed. */
export function BulkProgress({ bulk }: { bulk: Bulk | null }) {
  const { t } = useTranslation();
  if (!bulk) return null;
  const { done, total, failed } = bulk;
  return (
    <div className={c.progress}>
      {done < total && <progress max={total} value={done} aria-label={t("bulk.title")} />}
      <span role="status" className="num">
        {t("bulk.progress", { done: done - failed.length, count: total })}
      </span>
      {failed.length > 0 && (
        <ul role="alert">
          {failed.map(({ name, text }) => (
            <li key={name}>
              <b>{name}</b>: {text}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
