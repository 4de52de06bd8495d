import { type FormEvent, useState } from "react";
import { day as written } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import type { Failure } from "../../protocol";
import { startOf } from "../../state/finding";
import { conversationOf } from "../../state/navigation";
import { Dialog } from "../base/Dialog";
import { Field, focusField } from "../base/Field";
import { Button } from "../base/parts";
import { useApp, useParley } from "../context";
import r from "../rooms/rooms.module.css";

/** Goes to what was written from a day on, in the conversation that is shown. */
export default function GoToDate({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const id = useParley((s) => conversationOf(s.places.view));
  const [day, setDay] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | "nothing" | null>(null);
  const [error, setError] = useState<string>();
  const submit = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault();
    if (!id || busy) return;
    setFailure(null);
    setError(day ? undefined : t("date.missing"));
    if (!day) return focusField(e.currentTarget, "day");
    setBusy(true);
    const failed = await app.older.goTo(id, startOf(day, 0));
    setBusy(false);
    setFailure(failed);
    if (!failed) onClose();
  };
  return (
    <Dialog title={t("date.title")} width={360} onClose={onClose}>
      <form className={r.form} onSubmit={submit} noValidate>
        <Field name="day" label={t("date.day")} hint={t("date.hint")} error={error}>
          {(props) => (
            <input
              {...props}
              data-autofocus
              type="date"
              value={day}
              onChange={(e) => {
                setDay(e.currentTarget.value);
                setError(undefined);
                setFailure(null);
              }}
            />
          )}
        </Field>
        <div role="alert">
          {failure === "nothing" ? (
            <p>{t("date.nothing", { day: written(startOf(day, 0), Date.now()) })}</p>
          ) : (
            failure && <p>{failure.code === "offline" ? t("conversation.olderOffline") : failure.text}</p>
          )}
        </div>
        <div className={r.foot}>
          <Button onClick={onClose}>{t("date.cancel")}</Button>
          <Button kind="primary" type="submit" aria-disabled={busy}>
            {t("date.go")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
