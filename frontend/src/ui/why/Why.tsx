import { Popover } from "@mantine/core";
import { IconHelpCircle, IconMessagePlus } from "@tabler/icons-react";
import type { ReactElement } from "react";
import { exact, since } from "../../i18n/times";
import { useTranslation } from "../../i18n/useTranslation";
import { type Can, type Failure, GATES, type GateStep, type Rule } from "../../protocol";
import { Button, LinkButton } from "../base/parts";
import { useCopy } from "../base/useCopy";
import { useNow, useParley } from "../context";
import { AskFor } from "./AskFor";
import { factsOf, reasonOf, ruleOf } from "./reason";
import { signs } from "./signs";
import { type About, useExplanation } from "./useExplanation";
import c from "./why.module.css";
import { gateWords, stepWords } from "./words";

/**
 * The answer to "Why?": one sentence, the gates up to the one that decided, the rule, who set it, and what would help. `source`
 * is what greyed a control, or the failure of something that was tried; `about` what it was, so that it can be asked for.
 */
export function WhyPopover({
  source,
  name,
  about,
  children,
}: {
  source: Can | Failure;
  /** Whom it is about. */
  name: string;
  about?: About;
  children: ReactElement;
}) {
  return (
    <Popover position="bottom-end" withArrow arrowSize={11} offset={8} trapFocus returnFocus>
      <Popover.Target>{children}</Popover.Target>
      <Popover.Dropdown>
        <WhyPanel source={source} name={name} about={about} />
      </Popover.Dropdown>
    </Popover>
  );
}

/** "Why?" as a word in a line. */
export function WhyLink({ source, name, about }: { source: Can | Failure; name: string; about?: About }) {
  const { t } = useTranslation();
  return (
    <WhyPopover source={source} name={name} about={about}>
      <LinkButton>{t("why.why")}</LinkButton>
    </WhyPopover>
  );
}

/** A greyed "New message" with "Why?" joined to it. */
export function GreyedNewMessage({ can, name, about }: { can: Can; name: string; about: About }) {
  const { t } = useTranslation();
  return (
    <div className={c.join}>
      <Button disabled>
        <IconMessagePlus size={16} stroke={1.7} aria-hidden />
        {t("nav.newMessage")}
      </Button>
      <WhyPopover source={can} name={name} about={about}>
        <Button>
          <IconHelpCircle size={16} stroke={1.7} aria-hidden />
          {t("why.why")}
        </Button>
      </WhyPopover>
    </div>
  );
}

/** Rules that no administrator can make an exception of. */
const noException: ReadonlySet<string> = new Set<Rule>([
  "grant.administratorFixed",
  "grant.plainTextOnly",
  "grant.directOnly",
]);

function WhyPanel({
  source,
  name,
  about,
}: {
  source: Can | Failure;
  name: string;
  about: About | undefined;
}) {
  const { t } = useTranslation();
  const now = useNow(60_000);
  const world = useParley((s) => s.world);
  const { gate, rule } = ruleOf(source);
  const explanation = useExplanation(rule ? about : undefined);
  // A refusal that stands in the timeline may be history by now.
  const current = explanation?.rule === rule ? explanation : null;
  const told = rule
    ? reasonOf(t, rule, factsOf(t, world, name, rule))
    : {
        verdict: "code" in source && source.code !== "unknown" ? source.text : t("why.unknownVerdict"),
        help: t("code" in source && source.code !== "unknown" ? "why.otherHelp" : "why.unknownHelp"),
        rule: "",
      };
  const steps = current?.fix?.steps.map((step) => stepWords(t, world, step, { actor: "" })) ?? [];
  const setBy = current?.setBy;
  return (
    <div className={c.panel}>
      <div className={c.head}>
        <p className={c.verdict}>{told.verdict}</p>
        {gate && <Gates steps={current?.gates ?? ladderTo(gate)} />}
      </div>
      <dl className={c.facts}>
        {told.rule && (
          <>
            <dt>{t("why.rule")}</dt>
            <dd>{told.rule}</dd>
          </>
        )}
        {setBy && (
          <>
            <dt>{t("why.setBy")}</dt>
            <dd>
              {setBy.name || t("why.setByServer")}
              <small title={exact(setBy.at)}>{since(setBy.at, now)}</small>
            </dd>
          </>
        )}
        <dt>{t("why.help")}</dt>
        <dd>
          {steps.map((step) => (
            <span key={step} className={c.step}>
              {step}
            </span>
          ))}
          {steps.length ? <small>{told.help}</small> : told.help}
        </dd>
      </dl>
      {explanation?.allowed ? (
        <p className={c.by} role="status">
          {t("why.allowedNow")}
        </p>
      ) : (
        rule &&
        about &&
        !noException.has(rule) &&
        (explanation && !explanation.fix ? <TalkTo /> : <AskFor about={about} />)
      )}
      <div className={c.foot}>
        <CopyButton
          text={[
            told.verdict,
            told.rule && `${t("why.rule")}: ${told.rule}`,
            `${t("why.help")}: ${steps.length ? steps.join("; ") : told.help}`,
          ]
            .filter(Boolean)
            .join("\n")}
        />
      </div>
    </div>
  );
}

/** As many names as a sentence can take. */
const NAMED = 3;

/** Where no single change would allow it there is nothing to request: whom to talk to instead. */
function TalkTo() {
  const { t } = useTranslation();
  const world = useParley((s) => s.world);
  const names = Object.values(world.people)
    .filter((u) => u.role === "administrator" && u.active)
    .map((u) => u.displayName)
    .sort((a, b) => a.localeCompare(b));
  return (
    <p className={c.by} role="status">
      {t("why.noneGrants")}{" "}
      {names.length > 0
        ? t("why.talkTo", { names: names.slice(0, NAMED).join(", ") })
        : t("why.talkToSomebody")}
    </p>
  );
}

/** The gates as far as a greyed control knows them: passed up to the one that decided, not asked after it. */
function ladderTo(decided: string): GateStep[] {
  const at = (GATES as readonly string[]).indexOf(decided);
  return GATES.map((gate, i) => ({ gate, verdict: i < at ? "passed" : i === at ? "refused" : "notAsked" }));
}

/** The seven gates side by side; each says on hover what it answered. */
function Gates({ steps }: { steps: GateStep[] }) {
  const { t } = useTranslation();
  return (
    <ol className={c.gates} aria-label={t("why.gates")}>
      {steps.map((step) => {
        const Icon = signs[step.verdict];
        return (
          <li key={step.gate} data-state={step.verdict} title={step.because && gateWords(t, step)}>
            <Icon size={16} stroke={1.7} aria-hidden />
            {t(`why.gate.${step.gate}`)}
            <span className="vh"> {t(`why.${step.verdict}`)}</span>
          </li>
        );
      })}
    </ol>
  );
}

function CopyButton({ text }: { text: string }) {
  const { t } = useTranslation();
  const { copied, copy } = useCopy(text);
  return (
    <Button kind="ghost" size="sm" onClick={copy}>
      <span aria-live="polite">{t(copied ? "why.copied" : "why.copy")}</span>
    </Button>
  );
}
