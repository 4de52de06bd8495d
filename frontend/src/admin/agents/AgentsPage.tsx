import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "../../i18n/useTranslation";
import { Empty } from "../../ui/base/parts";
import { useApp } from "../../ui/context";
import type { AdminPageProps } from "../pages";
import { PageHead } from "../parts";
import { QueuesTab } from "../places/QueuesTab";
import { useAsked } from "../useAdministration";
import { AgentsTab } from "./AgentsTab";
import c from "./agents.module.css";
import { PlacesTab } from "./PlacesTab";
import { type AgentsPlace, agentsTabs, placeOf, subjectOf } from "./place";

/** Agents, teams, queues and groups on one screen (IM-20). */
export default function AgentsPage({ subjectId }: AdminPageProps) {
  const { t } = useTranslation();
  const app = useApp();
  const { answer, failure } = useAsked("user.list", {});
  const place = placeOf(subjectId);
  const go = (to: AgentsPlace) => app.open({ page: "admin", adminPage: "agents", subjectId: subjectOf(to) });
  const counts = {
    agents: answer?.users.length,
    teams: answer?.teams.length,
    queues: answer?.queues.length,
    groups: answer?.groups.length,
  };
  return (
    <>
      <PageHead title={t("adminPages.agents.title")} />
      <nav className={c.tabs} aria-label={t("adminPages.agents.title")}>
        {agentsTabs.map((tab) => (
          <button
            key={tab}
            type="button"
            aria-current={tab === place.tab ? "page" : undefined}
            onClick={() => go({ tab })}
          >
            {t(`agents.tabs.${tab}`)} <span className="num">{counts[tab]}</span>
          </button>
        ))}
      </nav>
      {answer ? (
        place.tab === "agents" ? (
          <AgentsTab list={answer} place={place} onGo={go} />
        ) : place.tab === "queues" ? (
          <QueuesTab list={answer} open={place.open} onOpen={(open) => go({ tab: "queues", open })} />
        ) : (
          <PlacesTab key={place.tab} list={answer} place={{ ...place, tab: place.tab }} onGo={go} />
        )
      ) : failure ? (
        <Empty icon={IconAlertTriangle} title={t("admin.notLoaded")} text={failure.text} />
      ) : (
        <p className={c.loading} role="status">
          {t("admin.loading")}
        </p>
      )}
    </>
  );
}
