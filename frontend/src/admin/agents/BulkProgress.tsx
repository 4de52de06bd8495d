import { useTranslation } from "../../i18n/useTranslation";
import { useFailureText } from "../parts";
import c from "./agents.module.css";
import type { Bulk } from "./useBulk";

/** How far a change of many users is, and who could not be changed. */
export function BulkProgress({ bulk }: { bulk: Bulk | null }) {
  const { t } = useTranslation();
  const textOf = useFailureText();
  if (!bulk) return null;
  const { done, total, failed } = bulk;
  const unchanged = failed.reduce((sum, f) => sum + f.users.length, 0);
  return (
    <div className={c.progress}>
      {done < total && <progress max={total} value={done} aria-label={t("bulk.title")} />}
      <span role="status" className="num">
        {t("bulk.progress", { done: done - unchanged, count: total })}
      </span>
      {failed.length > 0 && (
        <ul role="alert">
          {failed.map(({ users, failure }) => (
            <li key={users[0]?.user.id}>
              <b>
                {users.length > 1 ? t("bulk.several", { count: users.length }) : users[0]?.user.displayName}
              </b>
              : {textOf(failure)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
