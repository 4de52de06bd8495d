import { useMemo } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { UserFields, UserListAnswer, UserRecord } from "../../protocol";
import { useApp } from "../../ui/context";
import c from "../admin.module.css";
import { byName } from "../columns/columns";
import { TwoColumns } from "../columns/TwoColumns";
import { Drawer } from "../Drawer";
import { Meanwhile, SaveBar, useSaid } from "../parts";
import { PlaceActions } from "../places/PlaceActions";
import { useLastTold } from "../useAdministration";
import { useEdit } from "../useEdit";
import { BulkProgress } from "./BulkProgress";
import type { Place } from "./place";
import { type BulkChange, useBulk } from "./useBulk";

/** Who is in a team or a group. Saving is a command for all who come and one for all who go. */
export function MembersDrawer({
  tab,
  place,
  list,
  onClose,
}: {
  tab: "teams" | "groups";
  place: Place;
  list: UserListAnswer;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { administration } = useApp();
  const before = useMemo(() => place.members.map((u) => u.user.id), [place.members]);
  const edit = useEdit(`${tab}.${place.id}`, { members: before });
  const { bulk, busy, run, end } = useBulk();
  const told = useLastTold("user", undefined, tab === "teams" ? "teams" : "group");
  const entries = useMemo(
    () =>
      list.users
        .filter((u) => u.user.active && (tab === "teams" || u.user.role === "agent"))
        .map((u) => ({ id: u.user.id, name: u.user.displayName, detail: whereOf(u) }))
        .sort(byName),
    [list.users, tab],
  );
  const dirty = edit.changed.length > 0;
  const { said, say } = useSaid(dirty);
  // While and after saving, what is different is one's own doing.
  const clash = edit.meanwhile.length > 0 && !bulk;
  const update = async () => {
    const was = new Set(before);
    const will = new Set(edit.value.members);
    const change = (fields: UserFields, users: UserRecord[]): BulkChange => ({
      users,
      give: (seen) => administration.give("user.updateMany", { users: seen, fields }),
    });
    const come = list.users.filter((u) => will.has(u.user.id) && !was.has(u.user.id));
    const leave = list.users.filter((u) => was.has(u.user.id) && !will.has(u.user.id));
    const { name } = place;
    const done = await run(
      tab === "groups"
        ? [change({ group: name }, come), change({ group: "" }, leave)]
        : [change({ addTeams: [name] }, come), change({ removeTeams: [name] }, leave)],
    );
    if (!done) return;
    edit.end();
    say();
  };
  const close = () => {
    edit.end();
    onClose();
  };
  return (
    <Drawer
      title={place.name}
      detail={t("messaging.people", { count: before.length })}
      unsaved={dirty}
      onClose={close}
    >
      <div className={c.form}>
        <PlaceActions tab={tab} id={place.id} list={list} onDeleted={close} />
        <p className={c.quiet}>{t(`places.membersText.${tab}`)}</p>
        <div className={c.tall}>
          <TwoColumns
            label={t("places.members")}
            titles={{ left: t("account.notIn"), right: t("account.in") }}
            entries={entries}
            allowed={edit.value.members}
            before={before}
            onChange={(members) => {
              end();
              edit.set({ members });
            }}
          />
        </div>
        <Meanwhile
          by={told}
          changes={(clash ? edit.meanwhile : []).map((key) => ({
            key,
            field: t("places.members"),
            now: t("messaging.people", { count: before.length }),
          }))}
          clash={dirty}
          onKeep={edit.goOn}
        />
        <BulkProgress bulk={bulk} />
      </div>
      <SaveBar
        note={t(clash ? "admin.decideFirst" : dirty ? "account.will" : "admin.nothingChanged")}
        said={said}
        blocked={clash}
        busy={busy}
        dirty={dirty}
        onCancel={edit.end}
        onUpdate={() => void update()}
      />
    </Drawer>
  );
}

function whereOf(u: UserRecord): string {
  return u.group?.name ?? u.user.title;
}
