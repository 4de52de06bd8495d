import { IconAlertCircle, IconCircleCheck, IconCloudOff } from "@tabler/icons-react";
import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { RequestError } from "../../peer/peer";
import { type Failure, MAX_PASSWORD_BYTES, MIN_PASSWORD_LENGTH } from "../../protocol";
import { faultsOf, type PasswordForm } from "../../state/password";
import { Dialog } from "../base/Dialog";
import { focusField, PasswordField } from "../base/Field";
import { Button, Empty } from "../base/parts";
import { useApp, useNet, useParley } from "../context";
import c from "./account.module.css";
import { Note } from "./Devices";

const fields = ["old", "next", "again"] as const;

/** Changing one's own password. */
export default function Password({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [done, setDone] = useState(false);
  return (
    <Dialog title={t("password.title")} width={420} onClose={onClose}>
      {done ? <Done onClose={onClose} /> : <Form onClose={onClose} onDone={() => setDone(true)} />}
    </Dialog>
  );
}

function Form({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const { t } = useTranslation();
  const app = useApp();
  const online = useNet().kind === "online";
  const name = useParley((s) => s.world.me?.name ?? "");
  const form = useRef<HTMLFormElement>(null);
  const [errors, setErrors] = useState<Partial<Record<keyof PasswordForm, string>>>({});
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);

  /** Says what is wrong, and goes to the first field it is wrong with. */
  const complain = (found: typeof errors) => {
    setErrors(found);
    focusField(
      form.current,
      fields.find((f) => found[f]),
    );
  };
  const submit = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault();
    if (busy || !online) return;
    const data = new FormData(e.currentTarget);
    const [old = "", next = "", again = ""] = fields.map((f) => String(data.get(f) ?? ""));
    const faults = faultsOf({ old, next, again });
    setFailure(null);
    complain(
      Object.fromEntries(
        Object.entries(faults).map(([f, fault]) => [
          f,
          fault === "missing"
            ? t("signIn.missing")
            : t(`password.${fault}`, { min: MIN_PASSWORD_LENGTH, max: MAX_PASSWORD_BYTES }),
        ]),
      ),
    );
    if (Object.keys(faults).length > 0) return;
    setBusy(true);
    try {
      await app.oneself.changePassword(old, next);
      onDone();
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      const { code, text } = error.failure;
      if (code === "denied") complain({ old: t("password.wrong") });
      else if (code === "invalid") complain({ next: text });
      else setFailure(error.failure);
    } finally {
      setBusy(false);
    }
  };

  return (
    <form ref={form} className={c.dialog} onSubmit={(e) => void submit(e)} noValidate>
      <p className={c.quiet}>{t("password.ends")}</p>
      {/* For password managers, which keep it beside the new password. */}
      <input hidden readOnly name="username" autoComplete="username" value={name} />
      <PasswordField
        name="old"
        label={t("password.old")}
        error={errors.old}
        autoComplete="current-password"
        autoFocus
      />
      <PasswordField
        name="next"
        label={t("password.next")}
        error={errors.next}
        hint={t("password.hint", { min: MIN_PASSWORD_LENGTH })}
        autoComplete="new-password"
      />
      <PasswordField
        name="again"
        label={t("password.again")}
        error={errors.again}
        autoComplete="new-password"
      />
      {failure && (
        <Note tone="red" icon={<IconAlertCircle size={16} stroke={1.7} aria-hidden />}>
          {failure.code === "offline" ? t("password.lost") : failure.text}
        </Note>
      )}
      {!online && (
        <Note icon={<IconCloudOff size={16} stroke={1.7} aria-hidden />}>{t("password.offline")}</Note>
      )}
      <div className={c.foot}>
        <Button onClick={onClose}>{t("password.cancel")}</Button>
        <Button kind="primary" type="submit" aria-disabled={busy || !online}>
          {t(busy ? "password.busy" : "password.submit")}
        </Button>
      </div>
    </form>
  );
}

function Done({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={c.dialog}>
      <div role="status">
        <Empty icon={IconCircleCheck} title={t("password.done")} text={t("password.doneText")} />
      </div>
      <div className={c.foot}>
        {/* The field that had the focus is gone. */}
        <Button kind="primary" ref={(button) => button?.focus()} onClick={onClose}>
          {t("password.close")}
        </Button>
      </div>
    </div>
  );
}
