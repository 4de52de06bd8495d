import { useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { Failure, UserID } from "../../protocol";
import { conversationOf } from "../../state/navigation";
import { faceOf, successors } from "../../state/rooms";
import { Dialog } from "../base/Dialog";
import { Field } from "../base/Field";
import { Button } from "../base/parts";
import { useApp, useParley } from "../context";
import { RoomFailure } from "./RoomFailure";
import c from "./rooms.module.css";

/** Asks before one leaves the room that is shown, and the last owner who is to follow them. */
export default function LeaveRoom({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const room = useParley((s) => faceOf(s.world, conversationOf(s.places.view) ?? "")?.room);
  const known = useParley((s) => ({ me: s.world.me, people: s.world.people }));
  const [heir, setHeir] = useState<UserID>("");
  const [failure, setFailure] = useState<Failure | null>(null);
  if (!room) return null;
  const heirs = successors(known, room);
  const leave = async () => {
    const refused = await app.rooms.leave(room.id, heir);
    setFailure(refused);
    if (!refused) onClose();
  };
  return (
    <Dialog title={t("rooms.leaveTitle", { name: room.name })} width={420} onClose={onClose}>
      <div className={c.form}>
        <p>{t(room.room?.public ? "rooms.leavePublicText" : "rooms.leaveText")}</p>
        {heirs.length > 0 && (
          <Field name="heir" label={t("rooms.heir")} hint={t("rooms.heirHint")}>
            {(props) => (
              <select {...props} value={heir} onChange={(e) => setHeir(e.currentTarget.value)}>
                <option value="">{t("rooms.heirOldest")}</option>
                {heirs.map((u) => (
                  <option key={u.id} value={u.id}>
                    {u.displayName}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
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
