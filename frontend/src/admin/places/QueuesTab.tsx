import { IconPlus, IconSearchOff, IconStack2 } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { UserListAnswer } from "../../protocol";
import { matches } from "../../state/select";
import { Button, Empty } from "../../ui/base/parts";
import { SearchField } from "../../ui/base/SearchField";
import a from "../agents/agents.module.css";
import { Drawer } from "../Drawer";
import { PlaceActions } from "./PlaceActions";
import { PlaceForm } from "./PlaceForm";
import c from "./places.module.css";

/** The queues, with the teams that serve each. */
export function QueuesTab({
  list,
  open,
  onOpen,
}: {
  list: UserListAnswer;
  /** The id of the queue that is open beside the list. */
  open: string | undefined;
  onOpen: (id: string | undefined) => void;
}) {
  const { t } = useTranslation();
  const [query, setQuery] = useState("");
  const [adding, setAdding] = useState(false);
  const names = new Map(list.teams.map((team) => [team.id, team.name]));
  const teamsOf = (ids: string[]) => ids.map((id) => names.get(id) ?? "").join(", ");
  const shown = list.queues.filter((q) => matches(query, q.name, teamsOf(q.teamIds)));
  const opened = list.queues.find((q) => q.id === open);
  return (
    <section className={a.list} aria-label={t("agents.tabs.queues")}>
      <div className={a.tools}>
        <div className={a.search}>
          <SearchField
            label={t("places.search.queues")}
            value={query}
            onChange={setQuery}
            onEnter={() => shown[0] && onOpen(shown[0].id)}
          />
        </div>
        <p className={a.hint}>{t("places.text.queues")}</p>
        <Button className={a.toolsEnd} onClick={() => setAdding(true)}>
          <IconPlus size={16} stroke={1.7} aria-hidden />
          {t("placeForm.new.queues")}
        </Button>
      </div>
      {shown.length > 0 ? (
        <ul className={c.queues}>
          {shown.map((q) => (
            <li key={q.id}>
              <button
                type="button"
                className={a.place}
                aria-current={q.id === open ? "true" : undefined}
                onClick={() => onOpen(q.id)}
              >
                <IconStack2 size={16} stroke={1.7} aria-hidden />
                <span className="cut">{q.name}</span>
                <small className="cut">{teamsOf(q.teamIds)}</small>
                <span className="num">{t("placeForm.teams", { count: q.teamIds.length })}</span>
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <div role="status">
          <Empty
            icon={list.queues.length ? IconSearchOff : IconStack2}
            title={t(list.queues.length ? "places.none" : "placeForm.noQueues")}
            text={t(list.queues.length ? "places.noneText" : "placeForm.noQueuesText")}
          />
        </div>
      )}
      {adding && <PlaceForm tab="queues" list={list} onClose={() => setAdding(false)} />}
      {opened && (
        <Drawer
          key={opened.id}
          title={opened.name}
          detail={t("placeForm.teams", { count: opened.teamIds.length })}
          unsaved={false}
          onClose={() => onOpen(undefined)}
        >
          <div className={c.body}>
            <PlaceActions tab="queues" id={opened.id} list={list} onDeleted={() => onOpen(undefined)} />
            <h3>{t("placeForm.servedBy")}</h3>
            {opened.teamIds.length > 0 ? (
              <ul>
                {opened.teamIds.map((id) => (
                  <li key={id}>{names.get(id)}</li>
                ))}
              </ul>
            ) : (
              <p>{t("placeForm.nobody")}</p>
            )}
          </div>
        </Drawer>
      )}
    </section>
  );
}
