import { IconEye, IconMessages, IconSettings2, IconUsers, IconUsersGroup } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { mayConfigure, mayWatch } from "../../state/administration";
import { unreadTotal } from "../../state/select";
import { Badge } from "../base/parts";
import { useApp, useNet, useParley } from "../context";
import { OpenRequests } from "../why/OpenRequests";
import { OwnStatus } from "./OwnStatus";
import c from "./rail.module.css";

/** The main menu at the side, with one's own status at its foot. */
export function Rail({ folded }: { folded: boolean }) {
  const { t } = useTranslation();
  const app = useApp();
  const { page, teamId } = useParley((s) => ({
    page: s.places.view.page,
    teamId: s.places.view.page === "people" ? s.places.view.teamId : undefined,
  }));
  const unread = useParley((s) => unreadTotal(s.world));
  const configures = useParley((s) => mayConfigure(s.world));
  const watches = useParley((s) => mayWatch(s.world));
  return (
    <nav className={c.rail} aria-label={t("nav.main")} data-folded={folded || undefined}>
      <div className={c.items}>
        <Item
          folded={folded}
          label={t("nav.conversations")}
          icon={<IconMessages size={16} stroke={1.7} aria-hidden />}
          current={page === "conversations"}
          onClick={() => app.open({ page: "conversations" })}
        >
          <Badge count={unread} label={t("unread", { count: unread })} tone={folded ? "accent" : "quiet"} />
        </Item>
        <Item
          folded={folded}
          label={t("nav.people")}
          icon={<IconUsers size={16} stroke={1.7} aria-hidden />}
          current={page === "people" && !teamId}
          onClick={() => app.open({ page: "people" })}
        />
        {watches && (
          <Item
            folded={folded}
            label={t("monitoring.title")}
            icon={<IconEye size={16} stroke={1.7} aria-hidden />}
            current={page === "monitoring"}
            onClick={() => app.open({ page: "monitoring" })}
          />
        )}
        {configures && (
          <Item
            folded={folded}
            label={t("admin.title")}
            icon={<IconSettings2 size={16} stroke={1.7} aria-hidden />}
            current={page === "admin"}
            onClick={() => app.open({ page: "admin" })}
          >
            <OpenRequests tone={folded ? "accent" : "quiet"} />
          </Item>
        )}
        <Teams current={teamId} />
      </div>
      <OwnStatus folded={folded} />
    </nav>
  );
}

function Item({
  label,
  icon,
  current,
  onClick,
  folded,
  children,
}: {
  label: string;
  icon: ReactNode;
  current: boolean;
  onClick: () => void;
  folded: boolean;
  children?: ReactNode;
}) {
  return (
    <button
      type="button"
      className={c.nav}
      aria-current={current ? "page" : undefined}
      aria-label={folded ? label : undefined}
      data-hint={folded ? label : undefined}
      data-hint-side="right"
      onClick={onClick}
    >
      {icon}
      <span className="cut">{label}</span>
      {children}
    </button>
  );
}

/** The teams one is in, with how many of each are there now. */
function Teams({ current }: { current: string | undefined }) {
  const { t } = useTranslation();
  const app = useApp();
  const net = useNet();
  const { me, teams, people, presence } = useParley((s) => ({
    me: s.world.me,
    teams: s.world.teams,
    people: s.world.people,
    presence: s.world.presence,
  }));
  const mine = (me?.user.teamIds ?? []).flatMap((id) => teams[id] ?? []);
  if (mine.length === 0) return null;
  return (
    <section className={c.team} aria-label={t("nav.teams")}>
      <h2 className={c.heading}>{t("nav.teams")}</h2>
      {mine.map((team) => {
        const present = Object.values(people).filter(
          (u) =>
            u.id !== me?.user.id && u.teamIds.includes(team.id) && presence[u.id]?.availability === "online",
        ).length;
        return (
          <button
            key={team.id}
            type="button"
            className={c.nav}
            aria-current={team.id === current ? "page" : undefined}
            onClick={() => app.open({ page: "people", teamId: team.id })}
          >
            <IconUsersGroup size={16} stroke={1.7} aria-hidden />
            <span className="cut">{team.name}</span>
            {net.kind !== "offline" && (
              <span className={`${c.count} num`}>
                <span aria-hidden="true">{present}</span>
                <span className="vh">{t("nav.present", { count: present })}</span>
              </span>
            )}
          </button>
        );
      })}
    </section>
  );
}
