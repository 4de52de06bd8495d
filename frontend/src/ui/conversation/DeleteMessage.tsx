import { useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { Failure } from "../../protocol";
import { Dialog } from "../base/Dialog";
import { Button } from "../base/parts";
import { useApp, useParley } from "../context";
import { oneLine } from "../list/ConversationRow";
import rooms from "../rooms/rooms.module.css";
import c from "./amend.module.css";

/** Asks before a message of one's own is deleted: it does not come back. */
export default function DeleteMessage({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const about = useParley((s) => s.about);
  const [failure, setFailure] = useState<Failure | null>(null);
  if (!about) return null;
  const remove = async () => {
    const refused = await app.amend.remove(about.message);
    setFailure(refused);
    if (!refused) onClose();
  };
  return (
    <Dialog title={t("message.deleteTitle")} width={440} onClose={onClose}>
      <div className={rooms.form}>
        <blockquote className={c.about}>{oneLine(about.message.text)}</blockquote>
        <p>{t("message.deleteText")}</p>
        {failure && (
          <p className={c.failure} role="alert">
            {failure.code === "offline" ? t("message.offline") : failure.text}
          </p>
        )}
        <div className={rooms.foot}>
          <Button data-autofocus onClick={onClose}>
            {t("message.keep")}
          </Button>
          <Button kind="primary" onClick={() => void remove()}>
            {t("message.delete")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
