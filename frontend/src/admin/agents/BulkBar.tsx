import { useId, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { MAX_NAME_LENGTH, type UserListAnswer, type UserRecord } from "../../protocol";
import { Button } from "../../ui/base/parts";
import { useNet, useParley } from "../../ui/context";
import { accountOf } from "./account";
import c from "./agents.module.css";
import { BulkProgress } from "./BulkProgress";
import { type BulkChange, useBulk } from "./useBulk";

const kinds = ["group", "addTeam", "dropTeam", "activate", "deactivate"] as const;
type Kind = (typeof kinds)[number];

/** What a bulk edit does to one user; null where it would change nothing. */
function changeOf(list: UserListAnswer, u: UserRecord, kind: Kind, value: string): BulkChange | null {
  const { teams, active } = accountOf(list, u);
  const is = (name: string) => name.toLocaleLowerCase() === value.toLocaleLowerCase();
  const change = (part: Partial<BulkChange["args"]>): BulkChange => ({
    name: u.user.displayName,
    args: { userId: u.user.id, revision: u.revision, ...part },
  });
  switch (kind) {
    case "group":
      return u.user.role !== "agent" || is(u.group?.name ?? "") ? null : change({ group: value });
    case "addTeam":
      return teams.some(is) ? null : change({ teams: [...teams, value] });
    case "dropTeam":
      return teams.some(is) ? change({ teams: teams.filter((name) => !is(name)) }) : null;
    case "activate":
      return active ? null : change({ active: true });
    case "deactivate":
      return active ? change({ active: false }) : null;
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
  const online = useNet().kind === "online";
  const me = useParley((s) => s.world.me?.user.id);
  const { bulk, busy, run } = useBulk();
  const [kind, setKind] = useState<Kind>("addTeam");
  const [value, setValue] = useState("");
  const names = useId();
  const needsName = kind === "group" || kind === "addTeam" || kind === "dropTeam";
  const changes = chosen.flatMap((u) => {
    // Nobody deactivates themself.
    if (kind === "deactivate" && u.user.id === me) return [];
    return changeOf(list, u, kind, value.trim()) ?? [];
  });
  const off = busy || !online || changes.length === 0 || (needsName && !value.trim());
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
      <Button kind="primary" aria-disabled={off} onClick={() => !off && void run(changes)}>
        {t("bulk.run", { count: changes.length })}
      </Button>
      <Button kind="ghost" onClick={onEnd}>
        {t("bulk.end")}
      </Button>
      <BulkProgress bulk={bulk} />
    </section>
  );
}
