import { IconAlertTriangle, IconCircleCheck, IconInfoCircle } from "@tabler/icons-react";
import { useTranslation } from "../../i18n/useTranslation";
import type { Finding } from "../../protocol";
import { Button, Chip, Empty } from "../../ui/base/parts";
import { useApp, useParley } from "../../ui/context";
import { subjectOf } from "../agents/place";
import { PageHead } from "../parts";
import { useAsked } from "../useAdministration";
import c from "./health.module.css";
import w from "./why.module.css";

/** As many names are shown with a finding; the rest is a number. */
const NAMES = 8;

/** What is worth a look but wrong for nobody. */
const mild: ReadonlySet<string> = new Set([
  "oneAdministrator",
  "emptyTeam",
  "emptySet",
  "startNobody",
  "unlicensed",
]);

/** What is odd in how the organisation is set up, with the way to where it is mended (WHY-4). */
export default function HealthPage() {
  const { t } = useTranslation();
  const { answer, failure } = useAsked("health.check", {});
  return (
    <>
      <PageHead title={t("adminPages.health.title")} text={t("health.text")} />
      <div className={w.page}>
        {failure && (
          <p className={w.warn} role="alert">
            {failure.text}
          </p>
        )}
        {answer && answer.findings.length === 0 && (
          <Empty
            icon={IconCircleCheck}
            title={t("health.well")}
            text={t("health.wellText", { count: answer.users })}
          />
        )}
        <ul className={c.findings} aria-label={t("adminPages.health.title")}>
          {answer?.findings.map((f) => (
            <FindingRow key={`${f.kind} ${f.teamId ?? f.setId ?? f.queueId ?? f.userIds?.[0]}`} finding={f} />
          ))}
        </ul>
      </div>
    </>
  );
}

function FindingRow({ finding: f }: { finding: Finding }) {
  const { t } = useTranslation();
  const app = useApp();
  const people = useParley((s) => s.world.people);
  const me = useParley((s) => s.world.me?.user);
  const team = useParley((s) => (f.teamId ? s.world.teams[f.teamId]?.name : undefined));
  const names = (f.userIds ?? []).slice(0, NAMES).map((id) => ({
    id,
    name: (id === me?.id ? me : people[id])?.displayName ?? "",
  }));
  const count = f.count ?? 0;
  const Icon = mild.has(f.kind) ? IconInfoCircle : IconAlertTriangle;
  return (
    <li data-tone={mild.has(f.kind) ? "mild" : "grave"}>
      <Icon size={18} stroke={1.7} aria-hidden />
      <div>
        <h2>{t(`health.kind.${f.kind}.title`, { count, team, set: f.name, queue: f.name })}</h2>
        <p>{t(`health.kind.${f.kind}.text`)}</p>
        {names.length > 0 && (
          <p className={c.chips}>
            {names.map(({ id, name }) => (
              <Chip key={id}>{name}</Chip>
            ))}
            {count > names.length && <span>{t("changes.more", { count: count - names.length })}</span>}
          </p>
        )}
      </div>
      <Button
        size="sm"
        aria-label={t("health.mendLabel", {
          what: t(`health.kind.${f.kind}.title`, { count, team, set: f.name, queue: f.name }),
        })}
        onClick={() => app.open({ page: "admin", ...whereOf(f) })}
      >
        {t("health.mend")}
      </Button>
    </li>
  );
}

/** Where it is mended: the page, and what is opened there. */
function whereOf(f: Finding): { adminPage: string; subjectId?: string } {
  switch (f.kind) {
    case "messagingOff":
      return { adminPage: "agentFeatures" };
    case "unlicensed":
      return { adminPage: "licenses" };
    case "emptySet":
      return { adminPage: "permissionSets", subjectId: f.setId };
    case "emptyTeam":
      return { adminPage: "agents", subjectId: subjectOf({ tab: "teams", open: f.teamId }) };
    case "emptyQueue":
      return { adminPage: "agents", subjectId: subjectOf({ tab: "queues", open: f.queueId }) };
  }
  return { adminPage: "agents", subjectId: subjectOf({ tab: "agents", open: f.userIds?.[0] }) };
}
