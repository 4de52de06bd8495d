import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { Failure, UserID } from "../../protocol";
import { invitable, uninvitable } from "../../state/rooms";
import { Dialog } from "../base/Dialog";
import { focusField } from "../base/Field";
import { Button } from "../base/parts";
import { useApp, useParley } from "../context";
import { PeoplePicker } from "./PeoplePicker";
import { RoomFailure } from "./RoomFailure";
import { RoomName, RoomTopic } from "./RoomFields";
import c from "./rooms.module.css";
import { WhoComesIn } from "./WhoComesIn";

/** Makes a room: its name, and who is in it from the beginning. */
export default function NewRoom({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const world = useParley((s) => s.world);
  // One id for all tries: a room whose answer was lost is not made twice.
  const [id] = useState(() => app.rooms.newId());
  const [name, setName] = useState("");
  const [topic, setTopic] = useState("");
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState<UserID[]>([]);
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const form = useRef<HTMLFormElement>(null);

  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (busy) return;
    if (!name.trim()) {
      setMissing(true);
      focusField(form.current, "name");
      return;
    }
    setBusy(true);
    const refused = await app.rooms.create({ id, name, topic, public: open, participants: chosen });
    setBusy(false);
    setFailure(refused);
    if (!refused) onClose();
  };

  return (
    <Dialog title={t("rooms.new")} width={480} onClose={onClose}>
      <form className={c.form} ref={form} onSubmit={submit} noValidate>
        <RoomName
          value={name}
          missing={missing}
          onChange={(name) => {
            setName(name);
            setMissing(false);
          }}
        />
        <RoomTopic value={topic} onChange={setTopic} />
        <WhoComesIn open={open} onChange={setOpen} />
        <PeoplePicker
          people={invitable(world)}
          refused={uninvitable(world)}
          chosen={chosen}
          onChange={setChosen}
        />
        <p className={c.hint}>{t("rooms.newHint")}</p>
        <RoomFailure failure={failure} invited={chosen} />
        <div className={c.foot}>
          <Button onClick={onClose}>{t("rooms.cancel")}</Button>
          <Button kind="primary" type="submit" aria-disabled={busy}>
            {t("rooms.create")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
