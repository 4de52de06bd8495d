import { useEffect, useState } from "react";
import { RequestError } from "../../peer/peer";
import type { ExplainAskArgs, Explanation } from "../../protocol";
import { useApp, useNet } from "../context";

/** What a greyed control or a refusal is about: the act, and the person or conversation. */
export type About = Pick<ExplainAskArgs, "act" | "otherId" | "conversationId">;

/**
 * Asks the hub why. Null while it is not known, without a connection, and about what one may not know of: then what the page
 * knows by itself is all there is to say.
 */
export function useExplanation(about: About | undefined): Explanation | null {
  const app = useApp();
  const online = useNet().kind === "online";
  const [explanation, setExplanation] = useState<Explanation | null>(null);
  const { act, otherId, conversationId } = about ?? {};
  useEffect(() => {
    if (!act || !online) return;
    let wanted = true;
    app.ask("explain.ask", { act, otherId, conversationId }).then(
      (e) => wanted && setExplanation(e),
      (e) => {
        if (!(e instanceof RequestError)) throw e;
      },
    );
    return () => {
      wanted = false;
    };
  }, [app, act, otherId, conversationId, online]);
  return explanation;
}
