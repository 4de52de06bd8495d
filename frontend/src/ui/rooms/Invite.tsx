import { type FormEvent, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { Conversation, Failure, UserID } from "../../protocol";
import { conversationOf } from "../../state/navigation";
import { faceOf, invitable, uninvitable } from "../../state/rooms";
import { Dialog } from "../base/Dialog";
import { Button } from "../base/parts";
import { useApp, useParley } from "../context";
import { PeoplePicker } from "./PeoplePicker";
import { RoomFailure } from "./RoomFailure";
import c from "./rooms.module.css";

/** Takes people into the room that is shown. */
export default function Invite({ onClose }: { onClose: () => void }) {
  const room = useParley((s) => faceOf(s.world, conversationOf(s.places.view) ?? "")?.room);
  return room ? <InviteTo room={room} onClose={onClose} /> : null;
}

function InviteTo({ room, onClose }: { room: Conversation; onClose: () => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const world = useParley((s) => s.world);
  const [chosen, setChosen] = useState<UserID[]>([]);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const nobody = chosen.length === 0;

  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (busy || nobody) return;
    setBusy(true);
    const refused = await app.rooms.invite(room.id, chosen);
    setBusy(false);
    setFailure(refused);
    if (!refused) onClose();
  };

  return (
    <Dialog title={t("rooms.inviteTo", { name: room.name })} width={480} onClose={onClose}>
      <form className={c.form} onSubmit={submit}>
        <PeoplePicker
          autoFocus
          people={invitable(world, room.participants)}
          refused={uninvitable(world, room.participants)}
          chosen={chosen}
          onChange={setChosen}
        />
        <p className={c.hint}>{t("rooms.inviteHint")}</p>
        <RoomFailure failure={failure} invited={chosen} />
        <div className={c.foot}>
          <Button onClick={onClose}>{t("rooms.cancel")}</Button>
          <Button kind="primary" type="submit" aria-disabled={busy || nobody}>
            {t("rooms.inviteNow")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
