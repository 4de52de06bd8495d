import { Popover } from "@mantine/core";
import {
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleXFilled,
  IconHelpCircle,
  IconMessagePlus,
} from "@tabler/icons-react";
import type { ReactElement } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { type Can, type Failure, GATES } from "../../protocol";
import { Button, LinkButton } from "../base/parts";
import { useCopy } from "../base/useCopy";
import { useParley } from "../context";
import { factsOf, reasonOf, ruleOf } from "./reason";
import c from "./why.module.css";

/**
 * The answer to "Why?": one sentence, the gates up to the one that decided, the rule, and what would help. `source`
 * is what greyed a control, or the failure of something that was tried.
 */
export function WhyPopover({
  source,
  name,
  children,
}: {
  source: Can | Failure;
  /** Whom it is about. */
  name: string;
  children: ReactElement;
}) {
  return (
    <Popover position="bottom-end" withArrow arrowSize={11} offset={8} trapFocus returnFocus>
      <Popover.Target>{children}</Popover.Target>
      <Popover.Dropdown>
        <WhyPanel source={source} name={name} />
      </Popover.Dropdown>
    </Popover>
  );
}

/** "Why?" as a word in a line. */
export function WhyLink({ source, name }: { source: Can | Failure; name: string }) {
  const { t } = useTranslation();
  return (
    <WhyPopover source={source} name={name}>
      <LinkButton>{t("why.why")}</LinkButton>
    </WhyPopover>
  );
}

/** A greyed "New message" with "Why?" joined to it. */
export function GreyedNewMessage({ can, name }: { can: Can; name: string }) {
  const { t } = useTranslation();
  return (
    <div className={c.join}>
      <Button disabled>
        <IconMessagePlus size={16} stroke={1.7} aria-hidden />
        {t("nav.newMessage")}
      </Button>
      <WhyPopover source={can} name={name}>
        <Button>
          <IconHelpCircle size={16} stroke={1.7} aria-hidden />
          {t("why.why")}
        </Button>
      </WhyPopover>
    </div>
  );
}

function WhyPanel({ source, name }: { source: Can | Failure; name: string }) {
  const { t } = useTranslation();
  const world = useParley((s) => s.world);
  const { gate, rule } = ruleOf(source);
  const told = rule
    ? reasonOf(t, rule, factsOf(t, world, name, rule))
    : {
        verdict: "code" in source && source.code !== "unknown" ? source.text : t("why.unknownVerdict"),
        help: t("code" in source && source.code !== "unknown" ? "why.otherHelp" : "why.unknownHelp"),
        rule: "",
      };
  return (
    <div className={c.panel}>
      <div className={c.head}>
        <p className={c.verdict}>{told.verdict}</p>
        {gate && <Gates decided={gate} />}
      </div>
      <dl className={c.facts}>
        {told.rule && (
          <>
            <dt>{t("why.rule")}</dt>
            <dd>{told.rule}</dd>
          </>
        )}
        <dt>{t("why.help")}</dt>
        <dd>{told.help}</dd>
      </dl>
      <div className={c.foot}>
        <CopyButton
          text={[
            told.verdict,
            told.rule && `${t("why.rule")}: ${told.rule}`,
            `${t("why.help")}: ${told.help}`,
          ]
            .filter(Boolean)
            .join("\n")}
        />
      </div>
    </div>
  );
}

/** The seven gates: passed up to the one that decided, not asked after it. */
function Gates({ decided }: { decided: string }) {
  const { t } = useTranslation();
  const at = (GATES as readonly string[]).indexOf(decided);
  return (
    <ol className={c.gates} aria-label={t("why.gates")}>
      {GATES.map((gate, i) => {
        const state = i < at ? "passed" : i === at ? "failed" : "notAsked";
        const Icon = { passed: IconCircleCheckFilled, failed: IconCircleXFilled, notAsked: IconCircleDashed }[
          state
        ];
        return (
          <li key={gate} data-state={state}>
            <Icon size={16} stroke={1.7} aria-hidden />
            {t(`why.gate.${gate}`)}
            <span className="vh"> {t(`why.${state}`)}</span>
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
