import { IconPlus, IconSearchOff, IconUsersGroup, IconWall } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { UserListAnswer, UserRecord } from "../../protocol";
import { matches } from "../../state/select";
import { Button, Empty } from "../../ui/base/parts";
import { SearchField } from "../../ui/base/SearchField";
import { VirtualList } from "../../ui/base/VirtualList";
import { usePhone } from "../../ui/context";
import { PlaceForm } from "../places/PlaceForm";
import c from "./agents.module.css";
import { MembersDrawer } from "./MembersDrawer";
import { type AgentsPlace, placesOf } from "./place";

/** The teams, or the groups, with those who are in each. */
export function PlacesTab({
  list,
  place,
  onGo,
}: {
  list: UserListAnswer;
  place: AgentsPlace & { tab: "teams" | "groups" };
  onGo: (to: AgentsPlace) => void;
}) {
  const { t } = useTranslation();
  const phone = usePhone();
  const [query, setQuery] = useState("");
  const [adding, setAdding] = useState(false);
  const { tab } = place;
  const standard = list.groups.find((g) => g.default)?.id;
  const places = useMemo(() => placesOf(list, tab), [list, tab]);
  const shown = places.filter((p) => matches(query, p.name));
  const opened = places.find((p) => p.id === place.open);
  const Icon = tab === "teams" ? IconUsersGroup : IconWall;
  return (
    <section className={c.list} aria-label={t(`agents.tabs.${tab}`)}>
      <div className={c.tools}>
        <div className={c.search}>
          <SearchField
            label={t(`places.search.${tab}`)}
            value={query}
            onChange={setQuery}
            onEnter={() => shown[0] && onGo({ tab, open: shown[0].id })}
          />
        </div>
        <p className={c.hint}>{t(`places.text.${tab}`)}</p>
        <Button className={c.toolsEnd} onClick={() => setAdding(true)}>
          <IconPlus size={16} stroke={1.7} aria-hidden />
          {t(`placeForm.new.${tab}`)}
        </Button>
      </div>
      {shown.length > 0 ? (
        <VirtualList
          items={shown}
          rowHeight={phone ? 64 : 40}
          keyOf={(p) => p.id}
          label={t(`agents.tabs.${tab}`)}
          className={c.places}
        >
          {(p) => (
            <button
              type="button"
              className={c.place}
              aria-current={p.id === place.open ? "true" : undefined}
              onClick={() => onGo({ tab, open: p.id })}
            >
              <Icon size={16} stroke={1.7} aria-hidden />
              <span className="cut">
                {p.name}
                {p.id === standard && ` (${t("placeForm.default")})`}
              </span>
              <small className="cut">{namesOf(p.members)}</small>
              <span className="num">{t("messaging.people", { count: p.members.length })}</span>
            </button>
          )}
        </VirtualList>
      ) : (
        <div role="status">
          <Empty icon={IconSearchOff} title={t("places.none")} text={t("places.noneText")} />
        </div>
      )}
      {adding && <PlaceForm tab={tab} list={list} onClose={() => setAdding(false)} />}
      {opened && (
        <MembersDrawer key={opened.id} tab={tab} place={opened} list={list} onClose={() => onGo({ tab })} />
      )}
    </section>
  );
}

/** As many names as a line can show. */
const NAMED = 8;

function namesOf(members: UserRecord[]): string {
  return members
    .slice(0, NAMED)
    .map((u) => u.user.displayName)
    .join(", ");
}
