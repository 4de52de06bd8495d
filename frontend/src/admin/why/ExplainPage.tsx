import { IconCircleCheckFilled, IconCircleXFilled, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { exact } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import type { Act, Change, ExplainAskArgs, Explanation, UserID } from "../../protocol";
import { Field } from "../../ui/base/Field";
import { Empty, LinkButton } from "../../ui/base/parts";
import { useApp, useParley } from "../../ui/context";
import { Ladder } from "../../ui/why/Ladder";
import { actWords, stepWords } from "../../ui/why/words";
import { subjectOf, type UserPanel } from "../agents/place";
import { PageHead } from "../parts";
import { useAsked } from "../useAdministration";
import c from "./explain.module.css";
import { PersonField } from "./PersonField";
import { WhatChanges } from "./WhatChanges";
import w from "./why.module.css";

/** The acts that are asked about between two people. */
const acts: Act[] = ["post", "reply", "see", "read", "invite", "monitor"];

/** Why may one person do something to another, or why not; now, or by the rules of an earlier moment (WHY-1, WHY-3). */
export default function ExplainPage({ subjectId }: { subjectId: string | undefined }) {
  const { t } = useTranslation();
  const people = useParley((s) => s.world.people);
  const me = useParley((s) => s.world.me?.user);
  const [actorId, setActorId] = useState<UserID | undefined>(subjectId);
  const [act, setAct] = useState<Act>("post");
  const [otherId, setOtherId] = useState<UserID>();
  const [time, setTime] = useState("");
  const everybody = [...Object.values(people), ...(me ? [me] : [])].sort((a, b) =>
    a.displayName.localeCompare(b.displayName),
  );
  const at = time ? new Date(time).getTime() : 0;
  return (
    <>
      <PageHead title={t("adminPages.explain.title")} text={t("explain.text")} />
      <div className={w.page}>
        <div className={c.question}>
          <PersonField
            name="actor"
            label={t("explain.actor")}
            people={everybody}
            chosen={actorId}
            onChange={setActorId}
          />
          <Field name="act" label={t("explain.act")}>
            {(props) => (
              <select {...props} value={act} onChange={(e) => setAct(e.currentTarget.value as Act)}>
                {acts.map((a) => (
                  <option key={a} value={a}>
                    {actWords(t, a)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <PersonField
            name="other"
            label={t("explain.other")}
            people={everybody}
            chosen={otherId}
            onChange={setOtherId}
          />
          <Field name="at" label={t("explain.at")} hint={t(time ? "explain.atThen" : "explain.atNow")}>
            {(props) => (
              <>
                <input
                  {...props}
                  type="datetime-local"
                  step={1}
                  value={time}
                  onChange={(e) => setTime(e.currentTarget.value)}
                />
                {time && <LinkButton onClick={() => setTime("")}>{t("explain.now")}</LinkButton>}
              </>
            )}
          </Field>
        </div>
        {actorId && otherId ? (
          <Answer args={{ actorId, act, otherId, ...(at ? { at } : {}) }} />
        ) : (
          <Empty icon={IconSearch} title={t("explain.choose")} text={t("explain.chooseText")} />
        )}
      </div>
    </>
  );
}

function Answer({ args }: { args: ExplainAskArgs }) {
  const { t } = useTranslation();
  const { answer, failure } = useAsked("explain.ask", args);
  if (failure) {
    const known = ({ unknown: "notThen", invalid: "beyond" } as const)[failure.code as "unknown"];
    return (
      <p className={w.warn} role="alert">
        {known ? t(`explain.${known}`) : failure.text}
      </p>
    );
  }
  return answer && <Explained e={answer} past={args.at !== undefined} />;
}

function Explained({ e, past }: { e: Explanation; past: boolean }) {
  const { t } = useTranslation();
  const app = useApp();
  const world = useParley((s) => s.world);
  const nameOf = (id: UserID | undefined) =>
    (id && world.people[id]?.displayName) ?? world.me?.user.displayName ?? "";
  const names = { actor: nameOf(e.actorId), name: nameOf(e.otherId), act: actWords(t, e.act) };
  const rule = e.rule ? ruleWords(t, e.rule, names) : "";
  const Sign = e.allowed ? IconCircleCheckFilled : IconCircleXFilled;
  return (
    <article className={c.answer} aria-label={t("explain.answer")}>
      <div role="status">
        <h2 data-tone={e.allowed ? "gain" : "loss"}>
          <Sign size={20} aria-hidden />
          {t(`explain.${past ? "then" : "present"}.${e.allowed ? "allowed" : "refused"}`, names)}
        </h2>
      </div>
      <Ladder steps={e.gates} rule={rule} />
      <dl className={c.facts}>
        {e.untilAt !== undefined && (
          <>
            <dt>{t("explain.until")}</dt>
            <dd>{exact(e.untilAt)}</dd>
          </>
        )}
        {e.setBy && (
          <>
            <dt>{t("why.setBy")}</dt>
            <dd>
              {e.setBy.name || t("why.setByServer")}, {exact(e.setBy.at)}
            </dd>
          </>
        )}
        {e.keptSinceAt !== undefined && (
          <>
            <dt>{t("explain.history")}</dt>
            <dd>{t("explain.keptSince", { time: exact(e.keptSinceAt) })}</dd>
          </>
        )}
      </dl>
      {!e.allowed && !past && (
        <section className={c.fix} aria-label={t("explain.fix")}>
          <h3>{t("explain.fix")}</h3>
          {e.fix ? <FixSteps e={e} actor={names.actor} /> : <p>{t("explain.noFix")}</p>}
          <LinkButton onClick={() => app.open({ page: "admin", ...whereOf(e) })}>
            {t("explain.mend")}
          </LinkButton>
        </section>
      )}
    </article>
  );
}

/** What the smallest change would do, step by step, and what else it would change. */
export function FixSteps({ e, actor }: { e: Explanation; actor: string }) {
  const { t } = useTranslation();
  const world = useParley((s) => s.world);
  return (
    <>
      <ul className={c.steps}>
        {e.fix?.steps.map((step) => (
          <li key={JSON.stringify(step)}>{stepWords(t, world, step, { actor })}</li>
        ))}
      </ul>
      <WhatChanges changes={(e.fix?.changes as Change[] | undefined) ?? []} />
    </>
  );
}

type Translate = ReturnType<typeof useTranslation>["t"];

/** A rule about two others, in words. A rule this page does not know yet is told by its own name. */
export function ruleWords(t: Translate, rule: string, names: { actor: string; name: string }): string {
  return t(`explain.rule.${rule}` as "explain.rule.switch.off", { ...names, defaultValue: rule });
}

/** Where what a rule refuses by is changed: the page, and whose drawer is open there. */
function whereOf({ rule, actorId, otherId }: Explanation): { adminPage: string; subjectId?: string } {
  if (rule?.startsWith("switch.")) return { adminPage: "agentFeatures" };
  const open = rule === "account.otherInactive" ? otherId : actorId;
  const panel = panels[rule?.split(".")[0] ?? ""] ?? "account";
  return { adminPage: "agents", subjectId: subjectOf({ tab: "agents", open, panel }) };
}

const panels: Readonly<Record<string, UserPanel>> = {
  personal: "messaging",
  license: "rights",
  grant: "rights",
};
