import { useTranslation } from "../../i18n/useTranslation";
import type { GateStep } from "../../protocol";
import c from "./ladder.module.css";
import { signs } from "./signs";
import { gateWords } from "./words";

/** The seven gates one below the other, each with what it answered. */
export function Ladder({ steps, rule }: { steps: GateStep[]; rule: string }) {
  const { t } = useTranslation();
  return (
    <ol className={c.ladder} aria-label={t("why.gates")}>
      {steps.map((step) => {
        const Icon = signs[step.verdict];
        return (
          <li key={step.gate} data-state={step.verdict}>
            <Icon size={18} stroke={1.7} aria-hidden />
            <b>{t(`why.gate.${step.gate}`)}</b>
            <span>{step.verdict === "refused" ? rule : gateWords(t, step)}</span>
          </li>
        );
      })}
    </ol>
  );
}
