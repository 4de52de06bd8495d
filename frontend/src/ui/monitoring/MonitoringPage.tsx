import { IconEye, IconEyeOff, IconSearchOff } from "@tabler/icons-react";
import { useEffect } from "react";
import { useStore } from "zustand";
import { exact, listTime } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import type { TranscriptInfo } from "../../protocol";
import { Avatar } from "../base/Avatar";
import { Button, Empty } from "../base/parts";
import { SearchField } from "../base/SearchField";
import { VirtualList } from "../base/VirtualList";
import { useApp, useNow, useParley, usePhone } from "../context";
import c from "../list/list.module.css";
import m from "./monitoring.module.css";
import { TranscriptPane } from "./TranscriptPane";

/** What a supervisor may watch: the list of conversations of the groups they were named for, and the open one. */
export default function MonitoringPage() {
  const { monitoring } = useApp();
  const phone = usePhone();
  const open = useStore(monitoring.store, (s) => s.open);
  useEffect(() => monitoring.look(), [monitoring]);
  if (phone) return open ? <TranscriptPane /> : <WatchList />;
  return (
    <div className={m.work}>
      <WatchList />
      <TranscriptPane />
    </div>
  );
}

function WatchList() {
  const { t } = useTranslation();
  const { monitoring } = useApp();
  const phone = usePhone();
  const now = useNow(60_000);
  const { found, query, groups, more, open, failure } = useStore(monitoring.store);
  return (
    <section className={`${c.list} ${m.list}`} aria-label={t("monitoring.title")}>
      <div className={c.head}>
        {phone && <h1 className={c.title}>{t("monitoring.title")}</h1>}
        <SearchField
          label={t("monitoring.search")}
          value={query}
          onChange={(text) => void monitoring.search(text)}
          onEnter={() => found[0] && void monitoring.open(found[0])}
        />
        {groups && groups.length > 0 && (
          <p className={m.groups}>
            {t("monitoring.groups", { groups: groups.map((g) => g.group.name).join(", ") })}
          </p>
        )}
      </div>
      {found.length > 0 ? (
        <div className={m.found}>
          <VirtualList
            items={[...found]}
            rowHeight={phone ? 72 : 56}
            keyOf={(f) => f.conversation.id}
            label={t("monitoring.title")}
          >
            {(info) => <WatchRow info={info} selected={info.conversation.id === open?.id} now={now} />}
          </VirtualList>
          {more && (
            <div className={m.more}>
              <Button size="sm" onClick={() => void monitoring.older()}>
                {t("monitoring.more")}
              </Button>
            </div>
          )}
        </div>
      ) : failure ? (
        <Empty icon={IconEyeOff} title={t("monitoring.failed")} text={failure.text} />
      ) : query.trim() ? (
        <Empty icon={IconSearchOff} title={t("list.noMatch", { query })} text={t("list.noMatchText")} />
      ) : groups?.length === 0 ? (
        <Empty icon={IconEyeOff} title={t("monitoring.noGroup")} text={t("monitoring.noGroupText")} />
      ) : (
        groups && <Empty icon={IconEye} title={t("monitoring.none")} text={t("monitoring.noneText")} />
      )}
    </section>
  );
}

function WatchRow({ info, selected, now }: { info: TranscriptInfo; selected: boolean; now: number }) {
  const { t } = useTranslation();
  const { monitoring } = useApp();
  const names = useNames(info);
  return (
    <button
      type="button"
      className={c.row}
      aria-current={selected || undefined}
      onClick={() => void monitoring.open(info)}
    >
      <Avatar name={names[0] ?? ""} />
      <span>
        <span className={c.line}>
          <span className={`${c.name} cut`}>{names.join(" · ")}</span>
          <time
            className={`${c.time} num`}
            dateTime={new Date(info.lastAt).toISOString()}
            title={exact(info.lastAt)}
          >
            {listTime(info.lastAt, now)}
          </time>
        </span>
        <span className={c.line}>
          <span className={`${c.preview} cut`}>
            {t(
              info.transcript
                ? info.live
                  ? "monitoring.both"
                  : "monitoring.readOnly"
                : "monitoring.liveOnly",
            )}
          </span>
        </span>
      </span>
    </button>
  );
}

/** The names of the participants, agents first. */
export function useNames(info: TranscriptInfo): string[] {
  return useParley((s) =>
    info.conversation.participants
      .flatMap((id) => s.world.people[id] ?? [])
      .sort((a, b) => Number(b.role === "agent") - Number(a.role === "agent"))
      .map((u) => u.displayName),
  );
}
