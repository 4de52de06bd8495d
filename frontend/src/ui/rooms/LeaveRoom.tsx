import { useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { Failure } from "../../protocol";
import { conversationOf } from "../../state/navigation";
import { faceOf } from "../../state/rooms";
import { Dialog } from "../base/Dialog";
import { Button } from "../base/parts";
import { useApp, useParley } from "../context";
import { RoomFailure } from "./RoomFailure";
import c from "./rooms.module.css";

/** Asks before one leaves the room that is shown: one does not come back by oneself. */
export default function LeaveRoom({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const room = useParley((s) => faceOf(s.world, conversationOf(s.places.view) ?? "")?.room);
  const [failure, setFailure] = useState<Failure | null>(null);
  if (!room) return null;
  const leave = async () => {
    const refused = await app.leaveRoom(room.id);
    setFailure(refused);
    if (!refused) onClose();
  };
  return (
    <Dialog title={t("rooms.leaveTitle", { name: room.name })} width={420} onClose={onClose}>
      <div className={c.form}>
        <p>{t("rooms.leaveText")}</p>
        <RoomFailure failure={failure} />
        <div className={c.foot}>
          <Button data-autofocus onClick={onClose}>
            {t("rooms.stay")}
          </Button>
          <Button kind="primary" onClick={() => void leave()}>
            {t("rooms.leave")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
