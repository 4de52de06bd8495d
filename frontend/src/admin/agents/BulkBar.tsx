import { useId, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { MAX_NAME_LENGTH, type UserFields, type UserListAnswer, type UserRecord } from "../../protocol";
import { Button } from "../../ui/base/parts";
import { useApp, useNet, useParley } from "../../ui/context";
import { accountOf } from "./account";
import c from "./agents.module.css";
import { BulkProgress } from "./BulkProgress";
import { useBulk } from "./useBulk";

const kinds = ["group", "addTeam", "dropTeam", "activate", "deactivate"] as const;
type Kind = (typeof kinds)[number];

/** Whether a bulk edit would change somebody. */
function changes(list: UserListAnswer, u: UserRecord, kind: Kind, value: string): boolean {
  const { teams, active } = accountOf(list, u);
  const is = (name: string) => name.toLocaleLowerCase() === value.toLocaleLowerCase();
  switch (kind) {
    case "group":
      return u.user.role === "agent" && !is(u.group?.name ?? "");
    case "addTeam":
      return !teams.some(is);
    case "dropTeam":
      return teams.some(is);
    case "activate":
      return !active;
    case "deactivate":
      return active;
  }
}

/** What a bulk edit gives each user. */
function fieldsOf(kind: Kind, value: string): UserFields {
  switch (kind) {
    case "group":
      return { group: value };
    case "addTeam":
      return { addTeams: [value] };
    case "dropTeam":
      return { removeTeams: [value] };
    case "activate":
    case "deactivate":
      return { active: kind === "activate" };
  }
}

/** Changes all chosen users at once: group, teams, active. Nothing changes until the button is pressed. */
export function BulkBar({
  chosen,
  list,
  onEnd,
}: {
  chosen: UserRecord[];
  list: UserListAnswer;
  onEnd: () => void;
}) {
  const { t } = useTranslation();
  const { administration } = useApp();
  const online = useNet().kind === "online";
  const me = useParley((s) => s.world.me?.user.id);
  const { bulk, busy, run } = useBulk();
  const [kind, setKind] = useState<Kind>("addTeam");
  const [value, setValue] = useState("");
  const names = useId();
  const needsName = kind === "group" || kind === "addTeam" || kind === "dropTeam";
  const name = value.trim();
  // Nobody deactivates themself.
  const users = chosen.filter(
    (u) => !(kind === "deactivate" && u.user.id === me) && changes(list, u, kind, name),
  );
  const off = busy || !online || users.length === 0 || (needsName && !name);
  const update = () => {
    const fields = fieldsOf(kind, name);
    return run([{ users, give: (seen) => administration.give("user.updateMany", { users: seen, fields }) }]);
  };
  return (
    <section className={c.bulk} aria-label={t("bulk.title")}>
      <b className="num">{t("bulk.chosen", { count: chosen.length })}</b>
      <select
        className={c.choice}
        aria-label={t("bulk.what")}
        value={kind}
        onChange={(e) => setKind(e.currentTarget.value as Kind)}
      >
        {kinds.map((k) => (
          <option key={k} value={k}>
            {t(`bulk.kinds.${k}`)}
          </option>
        ))}
      </select>
      {needsName && (
        <>
          <input
            className={c.choice}
            aria-label={t(kind === "group" ? "agents.columns.group" : "bulk.team")}
            placeholder={t(kind === "group" ? "agents.columns.group" : "bulk.team")}
            list={names}
            value={value}
            maxLength={MAX_NAME_LENGTH}
            autoComplete="off"
            onChange={(e) => setValue(e.currentTarget.value)}
          />
          <datalist id={names}>
            {(kind === "group" ? list.groups : list.teams).map((x) => (
              <option key={x.id} value={x.name} />
            ))}
          </datalist>
        </>
      )}
      <Button kind="primary" aria-disabled={off} onClick={() => !off && void update()}>
        {t("bulk.run", { count: users.length })}
      </Button>
      <Button kind="ghost" onClick={onEnd}>
        {t("bulk.end")}
      </Button>
      <BulkProgress bulk={bulk} />
    </section>
  );
}
