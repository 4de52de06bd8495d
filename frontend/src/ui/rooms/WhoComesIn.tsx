import { IconLock, IconWorld } from "@tabler/icons-react";
import { useTranslation } from "../../i18n/useTranslation";
import { Segments } from "../base/controls";
import c from "./rooms.module.css";

/** Whether a room is found and joined, or entered by invitation, and what that means. */
export function WhoComesIn({
  open,
  opening,
  onChange,
}: {
  open: boolean;
  /** True if a room that was private is to be opened: all that was said in it is read then. */
  opening?: boolean;
  onChange: (open: boolean) => void;
}) {
  const { t } = useTranslation();
  return (
    <div className={c.choice}>
      <span className={c.label}>{t("rooms.who")}</span>
      <Segments
        label={t("rooms.who")}
        value={open ? "public" : "private"}
        options={[
          {
            value: "private",
            text: t("rooms.private"),
            icon: <IconLock size={16} stroke={1.7} aria-hidden />,
          },
          {
            value: "public",
            text: t("rooms.public"),
            icon: <IconWorld size={16} stroke={1.7} aria-hidden />,
          },
        ]}
        onChange={(value) => onChange(value === "public")}
      />
      <p className={opening ? c.warning : c.hint} role={opening ? "alert" : undefined}>
        {t(opening ? "rooms.opening" : open ? "rooms.publicHint" : "rooms.privateHint")}
      </p>
    </div>
  );
}
