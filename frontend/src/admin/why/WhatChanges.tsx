import { IconAlertTriangle, IconArrowRight, IconMinus, IconPlus } from "@tabler/icons-react";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { Change, ChangePreviewAnswer, PairMove, Role, UserID } from "../../protocol";
import { mayConfigureAll } from "../../state/administration";
import type { World } from "../../state/world";
import { LinkButton } from "../../ui/base/parts";
import { useParley } from "../../ui/context";
import c from "./changes.module.css";
import { usePreview } from "./usePreview";
import w from "./why.module.css";

/** As many names are shown in a line; the rest is a number. */
const NAMES = 6;
/** As many lines of pairs are shown before one asks for more. */
const LINES = 8;

const roles: Role[] = ["agent", "supervisor", "administrator", "expert"];

/**
 * What a change would do to who may write to whom, before it is made (WHY-2): how many pairs gain and lose, between which roles, who
 * they are, which conversations are cut and which agents would be left without a supervisor. That is told to administrators:
 * whom a permission set gives some of their rights may not know who talks to whom.
 */
export function WhatChanges({ changes }: { changes: Change[] }) {
  const { t } = useTranslation();
  const all = useParley((s) => mayConfigureAll(s.world));
  const { answer, failure, busy } = usePreview(all ? changes : []);
  if (!all || changes.length === 0) return null;
  return (
    <section className={c.what} aria-label={t("changes.title")} aria-busy={busy}>
      {busy && <div className={c.progress} role="progressbar" aria-label={t("changes.computing")} />}
      {failure && (
        <p className={w.warn} role="alert">
          <IconAlertTriangle size={16} stroke={1.7} aria-hidden />
          {failure.text}
        </p>
      )}
      {answer ? <Answer answer={answer} /> : !failure && <p className={w.quiet}>{t("changes.computing")}</p>}
    </section>
  );
}

function Answer({ answer: a }: { answer: ChangePreviewAnswer }) {
  const { t } = useTranslation();
  const world = useParley((s) => s.world);
  const [open, setOpen] = useState(false);
  const id = useId();
  const names = (ids: UserID[]) => namesOf(world, ids, (count) => t("changes.more", { count }));
  /** Whom Start names without effect, each with what is in the way. */
  const blockedNames = () => {
    const shown = a.blocked.slice(0, NAMES).map((b) => {
      const gate = b.gate === "wall" || b.gate === "switch" ? b.gate : "other";
      return `${nameOf(world, b.otherId)} (${t(`changes.blockedBy.${gate}`)})`;
    });
    const more = a.blockedCount - shown.length;
    return [...shown, ...(more > 0 ? [t("changes.more", { count: more })] : [])].join(", ");
  };
  const nothing = a.gained + a.lost + a.cutCount === 0;
  return (
    <>
      <div className={c.sums}>
        {nothing ? (
          <p>{t("changes.nothing")}</p>
        ) : (
          <>
            <Sum tone="gain" count={a.gained} text={t("changes.gained", { count: a.gained })} />
            <Sum tone="loss" count={a.lost} text={t("changes.lost", { count: a.lost })} />
            {a.cutCount > 0 && <span className={c.cutSum}>{t("changes.cut", { count: a.cutCount })}</span>}
            <LinkButton aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
              {t(open ? "changes.less" : "changes.details")}
            </LinkButton>
          </>
        )}
      </div>
      {a.stranded.length > 0 && (
        <Warning>{t("changes.stranded", { count: a.stranded.length, names: names(a.stranded) })}</Warning>
      )}
      {a.blockedCount > 0 && <Warning>{t("changes.blocked", { names: blockedNames() })}</Warning>}
      {a.queues.length > 0 && <Warning>{t("changes.queues", { count: a.queues.length })}</Warning>}
      {a.signedOut.length > 0 && (
        <Warning>{t("changes.signedOut", { count: a.signedOut.length, names: names(a.signedOut) })}</Warning>
      )}
      {a.later.length > 0 && (
        <p className={w.quiet}>{t("changes.later", { count: a.later.length, names: names(a.later) })}</p>
      )}
      {open && !nothing && (
        <div className={c.details} id={id}>
          <Matrix answer={a} />
          <div>
            <Pairs tone="gain" title={t("changes.gainedTitle")} pairs={a.gainedPairs} count={a.gained} />
            <Pairs tone="loss" title={t("changes.lostTitle")} pairs={a.lostPairs} count={a.lost} />
            <Cut answer={a} />
          </div>
        </div>
      )}
    </>
  );
}

function Sum({ tone, count, text }: { tone: "gain" | "loss"; count: number; text: string }) {
  if (count === 0) return null;
  const Icon = tone === "gain" ? IconPlus : IconMinus;
  return (
    <span className={c.sum} data-tone={tone}>
      <Icon size={14} stroke={2.2} aria-hidden />
      {text}
    </span>
  );
}

function Warning({ children }: { children: ReactNode }) {
  return (
    <p className={w.warn}>
      <IconAlertTriangle size={16} stroke={1.7} aria-hidden />
      <span>{children}</span>
    </p>
  );
}

/** Between which roles: who writes at the side, to whom above. The stronger the colour, the more pairs. */
function Matrix({ answer }: { answer: ChangePreviewAnswer }) {
  const { t } = useTranslation();
  const most = Math.max(1, ...answer.roles.map((r) => Math.max(r.gained ?? 0, r.lost ?? 0)));
  return (
    <table className={c.matrix}>
      <caption>{t("changes.matrix")}</caption>
      <thead>
        <tr>
          <td />
          {roles.map((role) => (
            <th key={role} scope="col">
              {t(`rolesShort.${role}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {roles.map((actor) => (
          <tr key={actor}>
            <th scope="row">{t(`rolesShort.${actor}`)}</th>
            {roles.map((other) => {
              const cell = answer.roles.find((r) => r.actor === actor && r.other === other);
              const gained = cell?.gained ?? 0;
              const lost = cell?.lost ?? 0;
              const share = 15 + Math.round((45 * Math.max(gained, lost)) / most);
              return (
                <td
                  key={other}
                  data-tone={gained > lost ? "gain" : lost > 0 ? "loss" : undefined}
                  style={{ "--share": `${share}%` } as React.CSSProperties}
                >
                  {gained > 0 && <span>+{gained}</span>}
                  {lost > 0 && <span>−{lost}</span>}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The pairs in words: each who writes with those it concerns. */
function Pairs({
  tone,
  title,
  pairs,
  count,
}: {
  tone: "gain" | "loss";
  title: string;
  pairs: PairMove[];
  count: number;
}) {
  const { t } = useTranslation();
  const world = useParley((s) => s.world);
  const [all, setAll] = useState(false);
  if (pairs.length === 0) return null;
  const lines = linesOf(pairs);
  const shown = all ? lines : lines.slice(0, LINES);
  return (
    <section className={c.pairs} data-tone={tone} aria-label={title}>
      <h3>{title}</h3>
      <ul>
        {shown.map(({ actor, others, reach }) => (
          <li key={`${actor} ${reach}`}>
            <b>{nameOf(world, actor)}</b>
            <IconArrowRight size={14} stroke={1.7} aria-label={t("changes.writesTo")} className="mirror" />
            <span>{namesOf(world, others, (n) => t("changes.more", { count: n }))}</span>
            <small>{t(`changes.reach.${reach}` as "changes.reach.none_start")}</small>
          </li>
        ))}
      </ul>
      {lines.length > shown.length && (
        <LinkButton onClick={() => setAll(true)}>{t("changes.allLines", { count: lines.length })}</LinkButton>
      )}
      {count > pairs.length && all && (
        <p className={w.quiet}>{t("changes.furtherPairs", { count: count - pairs.length })}</p>
      )}
    </section>
  );
}

/** Pairs put together by who writes and how far that goes. */
function linesOf(pairs: PairMove[]): { actor: UserID; others: UserID[]; reach: string }[] {
  const lines = new Map<string, { actor: UserID; others: UserID[]; reach: string }>();
  for (const p of pairs) {
    const reach = `${p.before}_${p.after}`;
    const key = `${p.actorId} ${reach}`;
    const line = lines.get(key) ?? { actor: p.actorId, others: [], reach };
    line.others.push(p.otherId);
    lines.set(key, line);
  }
  return [...lines.values()];
}

function Cut({ answer }: { answer: ChangePreviewAnswer }) {
  const { t } = useTranslation();
  const world = useParley((s) => s.world);
  if (answer.cut.length === 0) return null;
  return (
    <section className={c.pairs} data-tone="loss" aria-label={t("changes.cutTitle")}>
      <h3>{t("changes.cutTitle")}</h3>
      <ul>
        {answer.cut.map((cut) => (
          <li key={`${cut.conversationId} ${cut.userIds[0]}`}>
            <b>{cut.userIds.map((u) => nameOf(world, u)).join(" · ")}</b>
            <small>{t(`changes.cutKind.${cut.kind}`)}</small>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Administrators know everybody by name; who is only about to be made has none yet. */
function nameOf(world: World, id: UserID): string {
  return (id === world.me?.user.id ? world.me.user : world.people[id])?.displayName ?? "…";
}

function namesOf(world: World, ids: UserID[], more: (count: number) => string): string {
  const names = ids.slice(0, NAMES).map((id) => nameOf(world, id));
  return ids.length > NAMES ? `${names.join(", ")} ${more(ids.length - NAMES)}` : names.join(", ");
}
