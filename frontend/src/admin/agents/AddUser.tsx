import { useRef, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { RequestError } from "../../peer/peer";
import {
  type Failure,
  MAX_NAME_LENGTH,
  MAX_PASSWORD_BYTES,
  MIN_PASSWORD_LENGTH,
  type UserID,
  type UserListAnswer,
} from "../../protocol";
import { passwordFault } from "../../state/password";
import { Field, PasswordField } from "../../ui/base/Field";
import { useApp } from "../../ui/context";
import c from "../admin.module.css";
import { Drawer } from "../Drawer";
import { SaveBar, SaveFailure } from "../parts";
import { useEdit } from "../useEdit";
import { AccountFields } from "./AccountFields";
import type { AccountForm } from "./account";

type NewUser = Omit<AccountForm, "active"> & { name: string };

const empty: NewUser = { name: "", displayName: "", title: "", role: "agent", group: "", teams: [] };

/** Adds a user. The password is not kept while one looks elsewhere. */
export function AddUser({
  list,
  onAdded,
  onClose,
}: {
  list: UserListAnswer;
  onAdded: (id: UserID) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { administration } = useApp();
  const edit = useEdit<NewUser>("user.new", empty);
  const form = useRef<HTMLDivElement>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [faults, setFaults] = useState<{ name?: string; password?: string }>({});
  const { value } = edit;
  const named = value.name.trim() !== "" && value.displayName.trim() !== "";

  const add = async () => {
    const input = form.current?.querySelector<HTMLInputElement>("[name=password]");
    const password = input?.value ?? "";
    const fault = passwordFault(password);
    setFailure(null);
    setFaults({
      password:
        fault &&
        (fault === "missing"
          ? t("signIn.missing")
          : t(`password.${fault}`, { min: MIN_PASSWORD_LENGTH, max: MAX_PASSWORD_BYTES })),
    });
    if (fault) return input?.focus();
    setBusy(true);
    try {
      const { userId } = await administration.give("user.add", { ...value, password });
      edit.end();
      onAdded(userId);
    } catch (e) {
      if (!(e instanceof RequestError)) throw e;
      if (e.failure.code === "conflict") setFaults({ name: t("account.nameTaken") });
      else setFailure(e.failure);
    } finally {
      setBusy(false);
    }
  };
  const close = () => {
    edit.end();
    onClose();
  };
  return (
    <Drawer title={t("account.add")} unsaved={edit.changed.length > 0} onClose={close}>
      <div className={c.form} ref={form}>
        <div className={c.fields}>
          <Field name="name" label={t("account.name")} hint={t("account.nameText")} error={faults.name}>
            {(props) => (
              <input
                {...props}
                value={value.name}
                maxLength={MAX_NAME_LENGTH}
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                onChange={(e) => edit.set({ name: e.currentTarget.value })}
              />
            )}
          </Field>
          <PasswordField
            name="password"
            label={t("account.firstPassword")}
            hint={t("password.hint", { min: MIN_PASSWORD_LENGTH })}
            error={faults.password}
            autoComplete="new-password"
          />
        </div>
        <AccountFields list={list} value={value} before={empty} onChange={edit.set} />
        <SaveFailure failure={failure} />
      </div>
      <SaveBar
        action={t("account.addNow")}
        note={named ? t("account.willAdd") : t("account.addMissing")}
        blocked={!named}
        busy={busy}
        dirty={edit.changed.length > 0}
        onCancel={close}
        onUpdate={() => void add()}
      />
    </Drawer>
  );
}
