import type { TFunction } from "i18next";
import { useState } from "react";
import type texts from "../../i18n/en.json";
import { useTranslation } from "../../i18n/useTranslation";
import { type FaultKind, type ImportedUser, type ImportOutcome, MIN_PASSWORD_LENGTH } from "../../protocol";
import { Segments } from "../../ui/base/controls";
import { LinkButton } from "../../ui/base/parts";
import { useParley } from "../../ui/context";
import { linesOf } from "../audit/describe";
import c from "./transfer.module.css";

type Column = keyof (typeof texts)["transfer"]["columnNames"];

export type Counts = Record<ImportOutcome, number>;

/** How many records do what. */
export function countsOf(outcomes: ImportedUser[]): Counts {
  const counts: Counts = { created: 0, changed: 0, unchanged: 0, refused: 0 };
  for (const { outcome } of outcomes) counts[outcome]++;
  return counts;
}

const filters = {
  changes: (u: ImportedUser) => u.outcome === "created" || u.outcome === "changed",
  refused: (u: ImportedUser) => u.outcome === "refused",
  all: () => true,
};
type Filter = keyof typeof filters;

/** As many lines are shown before one asks for more. */
const LINES = 100;

/** What the records of a file do: how many what, then one line for each. First come those that hold the others up. */
export function Outcomes({ outcomes }: { outcomes: ImportedUser[] }) {
  const { t } = useTranslation();
  const counts = countsOf(outcomes);
  const changes = counts.created + counts.changed;
  const [chosen, setChosen] = useState<Filter | null>(null);
  const [lines, setLines] = useState(LINES);
  const filter = chosen ?? (counts.refused > 0 ? "refused" : changes > 0 ? "changes" : "all");
  const found = outcomes.filter(filters[filter]);
  const kinds: ImportOutcome[] = ["created", "changed", "unchanged", "refused"];
  return (
    <section aria-label={t("transfer.outcomes")} className={c.outcomes}>
      <ul className={c.counts} aria-label={t("transfer.counts")}>
        {kinds.map((kind) => (
          <li key={kind} data-kind={kind} data-none={counts[kind] === 0 || undefined}>
            <b className="num">{counts[kind]}</b> {t(`transfer.outcome.${kind}`)}
          </li>
        ))}
      </ul>
      <Segments
        label={t("transfer.show")}
        value={filter}
        options={[
          { value: "changes", text: t("transfer.filters.changes") },
          { value: "refused", text: t("transfer.filters.refused") },
          { value: "all", text: t("transfer.filters.all") },
        ]}
        onChange={(next) => {
          setChosen(next);
          setLines(LINES);
        }}
      />
      {found.length === 0 ? (
        <p className={c.quiet}>{t("transfer.noneOfThese")}</p>
      ) : (
        <table className={c.table}>
          <thead>
            <tr>
              <th scope="col">{t("transfer.column.line")}</th>
              <th scope="col">{t("transfer.column.name")}</th>
              <th scope="col">{t("transfer.column.outcome")}</th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, lines).map((u) => (
              <Line key={u.line} user={u} />
            ))}
          </tbody>
        </table>
      )}
      {found.length > lines && (
        <LinkButton onClick={() => setLines(lines + LINES * 5)}>
          {t("transfer.more", { count: found.length - lines })}
        </LinkButton>
      )}
    </section>
  );
}

/** Why a record is refused: each fault in the page's language; what this page does not know is told as the server does, in English. */
export function whyRefused(t: TFunction, u: ImportedUser): string {
  const words = (u.faults ?? []).map((f) => {
    const column = f.column ? t(`transfer.columnNames.${f.column as Column}`, f.column) : "";
    const by = f.rule
      ? t(`rule.${f.rule}.rule`, { defaultValue: f.rule, rule: f.rule, scope: t("scope.notThis") })
      : "";
    const { kind, value = "", n = 0, of = 0 } = f;
    return t(`transfer.faults.${kind as Exclude<FaultKind, "other">}`, {
      defaultValue: "",
      value,
      n,
      of,
      column,
      by,
      least: MIN_PASSWORD_LENGTH,
    });
  });
  return words.length > 0 && words.every(Boolean) ? words.join(" ") : (u.text ?? "");
}

function Line({ user: u }: { user: ImportedUser }) {
  const { t } = useTranslation();
  const world = useParley((s) => s.world);
  const nameOf = (id: string) => world.people[id]?.displayName ?? world.teams[id]?.name ?? t("audit.gone");
  return (
    <tr>
      <td className="num">{u.line}</td>
      <th scope="row">{u.name || t("transfer.nameless")}</th>
      <td>
        <span className={c.kind} data-kind={u.outcome}>
          {t(`transfer.outcome.${u.outcome}`)}
        </span>
        {u.text && <p>{whyRefused(t, u)}</p>}
        {linesOf(t, { subject: { kind: "user" }, changes: u.changes ?? [] }, nameOf).map(
          ({ field, from, to }) => (
            <p key={field}>
              {field}:{" "}
              {to === undefined ? (
                t("transfer.newPassword")
              ) : (
                <>
                  {from !== undefined && (
                    <>
                      <del>{from}</del> <span aria-hidden>→</span>{" "}
                    </>
                  )}
                  <ins>{to}</ins>
                </>
              )}
            </p>
          ),
        )}
      </td>
    </tr>
  );
}
