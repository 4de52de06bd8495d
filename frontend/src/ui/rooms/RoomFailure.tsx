import { useEffect, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { RequestError } from "../../peer/peer";
import type { Failure, UserID } from "../../protocol";
import type { App } from "../../state/app";
import { useApp, useParley } from "../context";
import { factsOf, reasonOf } from "../why/reason";
import type { About } from "../why/useExplanation";
import { WhyLink } from "../why/Why";
import c from "./rooms.module.css";

/**
 * Why something about a room could not be done. Where people were to be taken into it, the one whom the rule is about is found, so
 * that one can ask for the right.
 */
export function RoomFailure({
  failure,
  invited = nobody,
}: {
  failure: Failure | null;
  /** Those who were to come in. */
  invited?: UserID[];
}) {
  const { t } = useTranslation();
  const world = useParley((s) => s.world);
  const about = useRefused(failure, invited);
  if (!failure) return null;
  const rule = failure.refusal?.rule;
  const name = world.people[about?.otherId ?? ""]?.displayName ?? t("rooms.somebody");
  const text = rule
    ? reasonOf(t, rule, factsOf(t, world, name, rule)).verdict
    : failure.code === "offline"
      ? t("notice.offline")
      : failure.text;
  return (
    <p className={c.failure} role="alert">
      {text} {about && <WhyLink source={failure} name={name} about={about} />}
    </p>
  );
}

const nobody: UserID[] = [];

/** Of so many it is asked whom a rule is about. */
const ASKED = 50;

/** What of an invitation a rule refused: to make rooms at all, or one of those invited. Null while that is not known. */
function useRefused(failure: Failure | null, invited: UserID[]): About | null {
  const app = useApp();
  const [about, setAbout] = useState<About | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is about those who were invited when it failed
  useEffect(() => {
    setAbout(null);
    if (!failure?.refusal) return;
    let wanted = true;
    firstRefused(app, failure, invited.slice(0, ASKED)).then(
      (found) => wanted && setAbout(found),
      (e) => {
        if (!(e instanceof RequestError)) throw e;
      },
    );
    return () => {
      wanted = false;
    };
  }, [app, failure]);
  return about;
}

async function firstRefused(app: App, failure: Failure, invited: UserID[]): Promise<About | null> {
  const asked: About[] = [
    { act: "gather" },
    ...invited.map<About>((otherId) => ({ act: "invite", otherId })),
  ];
  for (const about of asked) {
    const e = await app.ask("explain.ask", about);
    if (!e.allowed && e.rule === failure.refusal?.rule) return about;
  }
  return null;
}
