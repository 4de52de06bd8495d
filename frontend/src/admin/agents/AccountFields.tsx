import { useId, useMemo, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { MAX_NAME_LENGTH, type Role, type UserListAnswer } from "../../protocol";
import { Field } from "../../ui/base/Field";
import { Button } from "../../ui/base/parts";
import c from "../admin.module.css";
import { TwoColumns } from "../columns/TwoColumns";
import type { AccountForm } from "./account";
import { roles } from "./rows";

type Fields = Omit<AccountForm, "active">;

/** The fields of a user that editing and adding have in common. */
export function AccountFields({
  list,
  value,
  before,
  fixedRole,
  onChange,
}: {
  list: UserListAnswer;
  value: Fields;
  before: Fields;
  /** One's own role is not to be changed by oneself: nobody locks themself out. */
  fixedRole?: boolean;
  onChange: (part: Partial<Fields>) => void;
}) {
  const { t } = useTranslation();
  const groups = useId();
  return (
    <div className={c.fields}>
      <Field name="displayName" label={t("account.fields.displayName")}>
        {(props) => (
          <input
            {...props}
            value={value.displayName}
            maxLength={MAX_NAME_LENGTH}
            autoComplete="off"
            onChange={(e) => onChange({ displayName: e.currentTarget.value })}
          />
        )}
      </Field>
      <Field name="title" label={t("account.fields.title")} hint={t("account.titleText")}>
        {(props) => (
          <input
            {...props}
            value={value.title}
            maxLength={MAX_NAME_LENGTH}
            autoComplete="off"
            onChange={(e) => onChange({ title: e.currentTarget.value })}
          />
        )}
      </Field>
      <Field
        name="role"
        label={t("account.fields.role")}
        hint={fixedRole ? t("account.roleOwn") : t(`account.roles.${value.role}`)}
      >
        {(props) => (
          <select
            {...props}
            disabled={fixedRole}
            value={value.role}
            onChange={(e) => onChange({ role: e.currentTarget.value as Role })}
          >
            {roles.map((role) => (
              <option key={role} value={role}>
                {t(`role.${role}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
      {value.role === "agent" && (
        <Field name="group" label={t("account.fields.group")} hint={t("account.groupText")}>
          {(props) => (
            <>
              <input
                {...props}
                list={groups}
                value={value.group}
                maxLength={MAX_NAME_LENGTH}
                autoComplete="off"
                onChange={(e) => onChange({ group: e.currentTarget.value })}
              />
              <datalist id={groups}>
                {list.groups.map((g) => (
                  <option key={g.id} value={g.name} />
                ))}
              </datalist>
            </>
          )}
        </Field>
      )}
      <Teams
        list={list}
        value={value.teams}
        before={before.teams}
        onChange={(teams) => onChange({ teams })}
      />
    </div>
  );
}

/** The teams somebody is in, and a field for one that is not there yet. */
function Teams({
  list,
  value,
  before,
  onChange,
}: {
  list: UserListAnswer;
  value: string[];
  before: string[];
  onChange: (teams: string[]) => void;
}) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const entries = useMemo(() => {
    const names = new Set([...list.teams.map((team) => team.name), ...value]);
    return [...names].sort((a, b) => a.localeCompare(b)).map((n) => ({ id: n, name: n }));
  }, [list.teams, value]);
  const add = () => {
    const clean = name.trim();
    if (!clean) return;
    const known = entries.find((e) => e.name.toLocaleLowerCase() === clean.toLocaleLowerCase());
    onChange([...new Set([...value, known?.name ?? clean])]);
    setName("");
  };
  return (
    <div className={`${c.wide} ${c.short}`}>
      <h3>{t("account.fields.teams")}</h3>
      <TwoColumns
        label={t("account.fields.teams")}
        titles={{ left: t("account.notIn"), right: t("account.in") }}
        entries={entries}
        allowed={value}
        before={before}
        onChange={onChange}
      />
      <div className={c.newTeam}>
        <Field name="newTeam" label={t("account.newTeam")}>
          {(props) => (
            <input
              {...props}
              value={name}
              maxLength={MAX_NAME_LENGTH}
              autoComplete="off"
              onChange={(e) => setName(e.currentTarget.value)}
              onKeyDown={(e) => {
                if (e.key !== "Enter") return;
                e.preventDefault();
                add();
              }}
            />
          )}
        </Field>
        <Button aria-disabled={!name.trim()} onClick={add}>
          {t("account.addTeam")}
        </Button>
      </div>
    </div>
  );
}
