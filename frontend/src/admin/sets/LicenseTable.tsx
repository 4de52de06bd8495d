import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { PermissionSetID, UserID, UserRecord } from "../../protocol";
import { usePhone } from "../../ui/context";
import c from "./licenses.module.css";

/** Who holds which license and sets, to be chosen from; only the rows in sight exist. */
export function LicenseTable({
  users,
  setNames,
  chosen,
  onChoose,
}: {
  users: UserRecord[];
  setNames: ReadonlyMap<PermissionSetID, string>;
  chosen: ReadonlySet<UserID>;
  onChoose: (chosen: ReadonlySet<UserID>) => void;
}) {
  const { t } = useTranslation();
  const phone = usePhone();
  const scroller = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({
    count: users.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (phone ? 64 : 40),
    getItemKey: (i) => users[i]?.user.id ?? i,
    overscan: 10,
  });
  const all = users.length > 0 && users.every((u) => chosen.has(u.user.id));
  const some = users.some((u) => chosen.has(u.user.id));
  const choose = (id: UserID) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChoose(next);
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it by the keys
    <section ref={scroller} className={c.scroll} tabIndex={0} aria-label={t("licenses.users")}>
      <table className={c.table} aria-rowcount={users.length + 1}>
        <thead>
          <tr className={c.headRow} aria-rowindex={1}>
            <th>
              <input
                type="checkbox"
                aria-label={t("licenses.chooseAll")}
                checked={all}
                ref={(box) => {
                  if (box) box.indeterminate = some && !all;
                }}
                onChange={() => onChoose(all ? new Set() : new Set(users.map((u) => u.user.id)))}
              />
            </th>
            <th>{t("licenses.user")}</th>
            <th data-column="role">{t("agents.columns.role")}</th>
            <th>{t("sets.fields.license")}</th>
            <th data-column="sets">{t("adminPages.permissionSets.title")}</th>
          </tr>
        </thead>
        <tbody style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((v) => {
            const { user, license, setIds } = users[v.index] as UserRecord;
            const sets = setIds?.map((id) => setNames.get(id) ?? "").join(", ");
            return (
              <tr
                key={v.key}
                aria-rowindex={v.index + 2}
                className={c.row}
                style={{ height: v.size, transform: `translateY(${v.start}px)` }}
              >
                <td>
                  <input
                    type="checkbox"
                    aria-label={t("sets.chooseOne", { name: user.displayName })}
                    checked={chosen.has(user.id)}
                    onChange={() => choose(user.id)}
                  />
                </td>
                <td className="cut">{user.displayName}</td>
                <td data-column="role" className="cut">
                  {t(`role.${user.role}`)}
                </td>
                <td className="cut">{license ? t(`sets.licenses.${license}`) : t("sets.noLicense")}</td>
                <td data-column="sets" className="cut" title={sets}>
                  {sets}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
