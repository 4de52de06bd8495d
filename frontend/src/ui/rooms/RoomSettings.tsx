import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { Conversation, Failure } from "../../protocol";
import { conversationOf } from "../../state/navigation";
import { faceOf, owns } from "../../state/rooms";
import { Segments } from "../base/controls";
import { Dialog } from "../base/Dialog";
import { focusField } from "../base/Field";
import { Button } from "../base/parts";
import { useApp, useParley } from "../context";
import { RoomFailure } from "./RoomFailure";
import { RoomName, RoomTopic } from "./RoomFields";
import c from "./rooms.module.css";
import { WhoComesIn } from "./WhoComesIn";

/** What is decided about the room that is shown: all of it for owners, the topic for members who may set it. */
export default function RoomSettings({ onClose }: { onClose: () => void }) {
  const room = useParley((s) => faceOf(s.world, conversationOf(s.places.view) ?? "")?.room);
  return room ? <Form room={room} onClose={onClose} /> : null;
}

function Form({ room, onClose }: { room: Conversation; onClose: () => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const owner = useParley((s) => owns(room, s.world.me?.user.id));
  const [name, setName] = useState(room.name ?? "");
  const [topic, setTopic] = useState(room.room?.topic ?? "");
  const [open, setOpen] = useState(room.room?.public ?? false);
  const [ownersInvite, setOwnersInvite] = useState(room.room?.ownersInvite ?? false);
  const [membersTopic, setMembersTopic] = useState(room.room?.membersTopic ?? false);
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const form = useRef<HTMLFormElement>(null);

  const save = async (): Promise<Failure | null> => {
    if (topic.trim() !== (room.room?.topic ?? "")) {
      const refused = await app.rooms.setTopic(room.id, topic);
      if (refused) return refused;
    }
    if (!owner) return null;
    return app.rooms.update({ conversationId: room.id, name, public: open, ownersInvite, membersTopic });
  };
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (busy) return;
    if (!name.trim()) {
      setMissing(true);
      focusField(form.current, "name");
      return;
    }
    setBusy(true);
    const refused = await save();
    setBusy(false);
    setFailure(refused);
    if (!refused) onClose();
  };

  return (
    <Dialog title={t("rooms.settingsOf", { name: room.name })} width={480} onClose={onClose}>
      <form className={c.form} ref={form} onSubmit={submit} noValidate>
        {owner && (
          <RoomName
            value={name}
            missing={missing}
            onChange={(name) => {
              setName(name);
              setMissing(false);
            }}
          />
        )}
        <RoomTopic value={topic} first={!owner} onChange={setTopic} />
        {owner && (
          <>
            <WhoComesIn open={open} opening={open && !room.room?.public} onChange={setOpen} />
            <ByWhom label={t("rooms.whoInvites")} owners={ownersInvite} onChange={setOwnersInvite} />
            <ByWhom
              label={t("rooms.whoSetsTopic")}
              owners={!membersTopic}
              onChange={(owners) => setMembersTopic(!owners)}
            />
          </>
        )}
        <RoomFailure failure={failure} />
        <div className={c.foot}>
          <Button onClick={onClose}>{t("rooms.cancel")}</Button>
          <Button kind="primary" type="submit" aria-disabled={busy}>
            {t("rooms.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Whether owners alone do something, or all members. */
function ByWhom({
  label,
  owners,
  onChange,
}: {
  label: string;
  owners: boolean;
  onChange: (owners: boolean) => void;
}) {
  const { t } = useTranslation();
  return (
    <div className={c.choice}>
      <span className={c.label}>{label}</span>
      <Segments
        label={label}
        value={owners ? "owners" : "members"}
        options={[
          { value: "members", text: t("rooms.byMembers") },
          { value: "owners", text: t("rooms.byOwners") },
        ]}
        onChange={(value) => onChange(value === "owners")}
      />
    </div>
  );
}
