import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import {
  MAX_PASSWORD_BYTES,
  MIN_PASSWORD_LENGTH,
  type UserListAnswer,
  type UserRecord,
} from "../../protocol";
import { passwordFault } from "../../state/password";
import { focusField, PasswordField } from "../../ui/base/Field";
import { Button } from "../../ui/base/parts";
import { useParley } from "../../ui/context";
import c from "../admin.module.css";
import { Meanwhile, SaveBar, SaveFailure, SwitchSetting, useSaid, useSaving } from "../parts";
import { useLastTold } from "../useAdministration";
import type { Editing } from "../useEdit";
import { AccountFields } from "./AccountFields";
import { type AccountForm, accountOf } from "./account";

/** Who a user is: name, title, role, group, teams; whether the account is active; a new password. */
export function Account({
  record,
  list,
  edit,
}: {
  record: UserRecord;
  list: UserListAnswer;
  edit: Editing<AccountForm>;
}) {
  const { t } = useTranslation();
  const { busy, failure, save } = useSaving();
  const told = useLastTold("user", record.user.id);
  const own = useParley((s) => s.world.me?.user.id === record.user.id);
  const { value, changed } = edit;
  const { said, say } = useSaid(changed.length > 0);
  const clash = edit.meanwhile.length > 0;
  const named = value.displayName.trim() !== "";
  const part = Object.fromEntries(changed.map((key) => [key, value[key]])) as Partial<AccountForm>;
  const args = { userId: record.user.id, revision: record.revision, ...part };
  const update = async () => {
    if (!(await save({ do: "user.update", args }))) return;
    edit.end();
    say();
  };
  // Names change nobody's rights.
  const matters = changed.some((key) => key !== "displayName" && key !== "title");
  const says = (field: keyof AccountForm, form: AccountForm) => {
    if (field === "role") return t(`role.${form.role}`);
    if (field === "active") return t(form.active ? "agents.on" : "agents.off");
    if (field === "teams") return form.teams.join(", ") || t("account.none");
    return form[field] || t("account.none");
  };
  const now = accountOf(list, record);
  const note = clash
    ? t("admin.decideFirst")
    : !named
      ? t("account.nameMissing")
      : changed.length === 0
        ? t("admin.nothingChanged")
        : changed.includes("active") && !value.active
          ? t("account.willDeactivate", { name: record.user.displayName })
          : changed.includes("role")
            ? t("account.willRole", { name: record.user.displayName, role: t(`role.${value.role}`) })
            : t("account.will");
  return (
    <>
      <div className={c.form}>
        <p className={c.quiet}>{t("account.signInName", { name: record.name })}</p>
        <AccountFields list={list} value={value} before={now} fixedRole={own} onChange={edit.set} />
        <SwitchSetting
          title={t("account.active")}
          text={t(own ? "account.activeOwn" : "account.activeText")}
          on={value.active}
          disabled={own}
          onChange={() => edit.set({ active: !value.active })}
        />
        <Meanwhile
          by={told}
          changes={edit.meanwhile.map((key) => ({
            key,
            field: t(`account.fields.${key}`),
            now: says(key, now),
          }))}
          clash={edit.meanwhile.some((key) => changed.includes(key))}
          onKeep={edit.goOn}
        />
        <SaveFailure failure={failure} />
        {!own && <NewPassword record={record} />}
        {!own && <ResetFactor record={record} />}
      </div>
      <SaveBar
        note={note}
        said={said}
        changes={matters && named && !clash ? [{ do: "user.update", args }] : []}
        blocked={clash || !named}
        busy={busy}
        dirty={changed.length > 0}
        onCancel={edit.end}
        onUpdate={() => void update()}
      />
    </>
  );
}

function NewPassword({ record }: { record: UserRecord }) {
  const { t } = useTranslation();
  const { busy, failure, save } = useSaving();
  const form = useRef<HTMLFormElement>(null);
  const [error, setError] = useState<string>();
  const [done, setDone] = useState(false);
  const submit = async (e: FormEvent<HTMLFormElement>) => {
    e.preventDefault();
    const password = String(new FormData(e.currentTarget).get("password") ?? "");
    const fault = passwordFault(password);
    setDone(false);
    setError(
      fault &&
        (fault === "missing"
          ? t("signIn.missing")
          : t(`password.${fault}`, { min: MIN_PASSWORD_LENGTH, max: MAX_PASSWORD_BYTES })),
    );
    if (fault) return focusField(form.current, "password");
    if (!(await save({ do: "user.setPassword", args: { userId: record.user.id, password } }))) return;
    form.current?.reset();
    setDone(true);
  };
  return (
    <form ref={form} className={c.setting} onSubmit={(e) => void submit(e)} noValidate>
      <h2>{t("account.password")}</h2>
      <p>{t("account.passwordText", { name: record.user.displayName })}</p>
      <div className={c.narrow}>
        <PasswordField
          name="password"
          label={t("password.next")}
          hint={t("password.hint", { min: MIN_PASSWORD_LENGTH })}
          error={error}
          autoComplete="new-password"
        />
      </div>
      <div>
        <Button type="submit" aria-disabled={busy}>
          {t("account.passwordSet")}
        </Button>
      </div>
      {done && <p role="status">{t("account.passwordDone", { name: record.user.displayName })}</p>}
      <SaveFailure failure={failure} />
    </form>
  );
}

/** For who has lost their authenticator. It stays, with what was done, until another user is looked at. */
function ResetFactor({ record }: { record: UserRecord }) {
  const { t } = useTranslation();
  const { busy, failure, save } = useSaving();
  const [done, setDone] = useState(false);
  const reset = async () => {
    if (!busy && (await save({ do: "user.resetFactor", args: { userId: record.user.id } }))) setDone(true);
  };
  if (!record.secondFactor && !done) return null;
  return (
    <section className={c.setting}>
      <h2>{t("account.factor")}</h2>
      {record.secondFactor && (
        <>
          <p>{t("account.factorText", { name: record.user.displayName })}</p>
          <div>
            <Button aria-disabled={busy} onClick={() => void reset()}>
              {t("account.factorReset")}
            </Button>
          </div>
        </>
      )}
      {done && !record.secondFactor && (
        <p role="status">{t("account.factorDone", { name: record.user.displayName })}</p>
      )}
      <SaveFailure failure={failure} />
    </section>
  );
}
