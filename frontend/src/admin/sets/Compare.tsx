import { useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { License, ObjectAccess, Permission, PermissionSet, WorkState } from "../../protocol";
import { Dialog } from "../../ui/base/Dialog";
import { compared, differs, type Row } from "./sets";
import c from "./sets.module.css";

/** Two sets beside each other, at first in what they differ. */
export function Compare({
  left,
  right,
  onClose,
}: {
  left: PermissionSet;
  right: PermissionSet;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const rows = compared(left, right);
  const shown = all ? rows : rows.filter(differs);
  const named = (row: Row) => {
    if (row.kind === "permission") return t(`sets.permissions.${row.id as Permission}.title`);
    if (row.kind === "status") return t("sets.status", { status: t(`status.${row.id as WorkState}`) });
    return t(`sets.fields.${row.kind}`);
  };
  const says = (row: Row, value: string) => {
    if (row.kind === "license") return value ? t(`sets.licenses.${value as License}`) : t("sets.noLicense");
    if (row.kind === "sessions" || row.kind === "contacts") return t(`sets.access.${value as ObjectAccess}`);
    return t(value === "yes" ? "sets.yes" : "sets.no");
  };
  return (
    <Dialog title={t("sets.compareTitle")} width={640} onClose={onClose}>
      <div className={c.compare}>
        <label className={c.all}>
          <input type="checkbox" checked={all} onChange={() => setAll(!all)} />
          {t("sets.compareAll")}
        </label>
        {shown.length === 0 && <p role="status">{t("sets.compareSame")}</p>}
        <table className={c.table}>
          <thead>
            <tr>
              <th>{t("sets.right")}</th>
              <th>{left.label}</th>
              <th>{right.label}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.kind + row.id} data-differs={differs(row) || undefined}>
                <th scope="row">{named(row)}</th>
                <td>{says(row, row.left)}</td>
                <td>{says(row, row.right)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Dialog>
  );
}
