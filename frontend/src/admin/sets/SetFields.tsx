import { IconInfoCircle } from "@tabler/icons-react";
import { type ReactNode, useId, useMemo } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { License, ObjectAccess, Permission, WorkState } from "../../protocol";
import { Field } from "../../ui/base/Field";
import a from "../admin.module.css";
import { TwoColumns } from "../columns/TwoColumns";
import {
  accesses,
  adminPermissions,
  appPermissions,
  powerful,
  type SetForm,
  unused,
  workStates,
} from "./sets";
import c from "./sets.module.css";

const licenses: License[] = ["messagingUser", "messagingUnlimited"];

/** Everything that a permission set says. */
export function SetFields({
  value,
  before,
  apiName,
  fixedName,
  apiError,
  onChange,
}: {
  value: SetForm;
  before: SetForm;
  /** What the field of the API name shows: filled in from the label until one types there (SET-8). */
  apiName: string;
  fixedName: boolean;
  apiError: string | undefined;
  onChange: (part: Partial<SetForm>) => void;
}) {
  const { t } = useTranslation();
  const statuses = useMemo(() => workStates.map((s) => ({ id: s, name: t(`status.${s}`) })), [t]);
  return (
    <>
      <section className={a.fields}>
        <Field name="label" label={t("sets.fields.label")}>
          {(props) => (
            <input
              {...props}
              value={value.label}
              onChange={(e) => onChange({ label: e.currentTarget.value })}
            />
          )}
        </Field>
        <Field
          name="apiName"
          label={t("sets.fields.apiName")}
          hint={t(fixedName ? "sets.apiNameFixed" : "sets.apiNameText")}
          error={apiError}
        >
          {(props) => (
            <input
              {...props}
              value={apiName}
              readOnly={fixedName}
              spellCheck={false}
              autoCapitalize="none"
              onChange={(e) => onChange({ apiName: e.currentTarget.value })}
            />
          )}
        </Field>
        <Choice
          name="license"
          label={t("sets.fields.license")}
          hint={t("sets.tiedText")}
          value={value.license}
          options={["" as const, ...licenses].map((id) => ({
            id,
            name: id ? t(`sets.licenses.${id}`) : t("sets.noLicense"),
          }))}
          onChange={(license) => onChange({ license })}
        />
      </section>
      <section className={a.setting}>
        <h2>
          {t("sets.objects")}
          <Unused />
        </h2>
        <p>{t("sets.objectsText")}</p>
        <div className={a.fields}>
          {(["sessions", "contacts"] as const).map((kind) => (
            <Choice
              key={kind}
              name={kind}
              label={t(`sets.fields.${kind}`)}
              value={value[kind]}
              options={accesses.map((id) => ({ id, name: t(`sets.access.${id}`) }))}
              onChange={(access: ObjectAccess) => onChange({ [kind]: access })}
            />
          ))}
        </div>
      </section>
      {value.license ? (
        <p className={a.note} data-tone="quiet">
          <IconInfoCircle size={16} stroke={1.7} aria-hidden />
          <span>{t("sets.tiedNote")}</span>
        </p>
      ) : (
        <Permissions
          title={t("sets.app")}
          all={appPermissions}
          value={value.permissions}
          onChange={onChange}
        />
      )}
      <Permissions
        title={t("sets.admin")}
        all={adminPermissions}
        value={value.permissions}
        onChange={onChange}
      >
        {powerful.some((p) => value.permissions.includes(p)) && (
          <div className={a.note} role="status">
            <IconInfoCircle size={16} stroke={1.7} aria-hidden />
            <span>{t("sets.advice")}</span>
          </div>
        )}
      </Permissions>
      <section className={a.setting}>
        <h2>{t("sets.statuses")}</h2>
        <p>{t("sets.statusesText")}</p>
        <TwoColumns
          label={t("sets.statuses")}
          titles={{ left: t("sets.notNamed"), right: t("sets.mayChoose") }}
          entries={statuses}
          allowed={value.statuses}
          before={before.statuses}
          onChange={(next) => onChange({ statuses: next as WorkState[] })}
        />
      </section>
    </>
  );
}

/** Marks what is about customers, who are not here yet. */
function Unused() {
  const { t } = useTranslation();
  return <small className={c.unused}>{t("sets.unused")}</small>;
}

function Permissions({
  title,
  all,
  value,
  onChange,
  children,
}: {
  title: string;
  all: Permission[];
  value: Permission[];
  onChange: (part: Partial<SetForm>) => void;
  children?: ReactNode;
}) {
  const { t } = useTranslation();
  const id = useId();
  const flip = (p: Permission) =>
    onChange({ permissions: value.includes(p) ? value.filter((other) => other !== p) : [...value, p] });
  return (
    <fieldset className={a.setting}>
      <legend>{title}</legend>
      {all.map((p) => (
        <label key={p} className={c.check} htmlFor={`${id}-${p}`}>
          <input
            type="checkbox"
            id={`${id}-${p}`}
            checked={value.includes(p)}
            aria-describedby={`${id}-${p}-t`}
            onChange={() => flip(p)}
          />
          <span>
            <b>
              {t(`sets.permissions.${p}.title`)}
              {unused.has(p) && <Unused />}
            </b>
            <small id={`${id}-${p}-t`}>{t(`sets.permissions.${p}.text`)}</small>
          </span>
        </label>
      ))}
      {children}
    </fieldset>
  );
}

function Choice<T extends string>({
  name,
  label,
  hint,
  value,
  options,
  onChange,
}: {
  name: string;
  label: string;
  hint?: string;
  value: T;
  options: { id: T; name: string }[];
  onChange: (value: T) => void;
}) {
  return (
    <Field name={name} label={label} hint={hint}>
      {(props) => (
        <select {...props} value={value} onChange={(e) => onChange(e.currentTarget.value as T)}>
          {options.map((o) => (
            <option key={o.id} value={o.id}>
              {o.name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
