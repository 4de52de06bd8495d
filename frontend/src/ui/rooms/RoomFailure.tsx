import { useTranslation } from "../../i18n/useTranslation";
import type { Failure } from "../../protocol";
import { useParley } from "../context";
import { factsOf, reasonOf } from "../why/reason";
import c from "./rooms.module.css";

/** Why something about a room could not be done. */
export function RoomFailure({ failure }: { failure: Failure | null }) {
  const { t } = useTranslation();
  const world = useParley((s) => s.world);
  if (!failure) return null;
  const rule = failure.refusal?.rule;
  const text = rule
    ? reasonOf(t, rule, factsOf(t, world, t("rooms.somebody"), rule)).verdict
    : failure.code === "offline"
      ? t("notice.offline")
      : failure.text;
  return (
    <p className={c.failure} role="alert">
      {text}
    </p>
  );
}
