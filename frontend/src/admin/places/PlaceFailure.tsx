import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "../../i18n/useTranslation";
import type { Failure } from "../../protocol";
import c from "../admin.module.css";

/** Why a team, group or queue was not changed. A conflict is told in the server's own words: they name what is in the way. */
export function PlaceFailure({ failure }: { failure: Failure | null }) {
  const { t } = useTranslation();
  if (!failure) return null;
  const { code, text } = failure;
  return (
    <div className={c.note} data-tone="red" role="alert">
      <IconAlertTriangle size={16} stroke={1.7} aria-hidden />
      <span>{code === "offline" || code === "unknown" ? t(`admin.failed.${code}`) : text}</span>
    </div>
  );
}
