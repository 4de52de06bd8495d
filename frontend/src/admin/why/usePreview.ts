import { useEffect, useState } from "react";
import { RequestError } from "../../peer/peer";
import type { Change, ChangePreviewAnswer, Failure } from "../../protocol";
import { useApp, useNet } from "../../ui/context";

/** What is known of what a change would do. */
export interface Preview {
  /** Null until the first answer. Kept while the next is computed, so that nothing jumps. */
  answer: ChangePreviewAnswer | null;
  /** Why it could not be computed, for example because somebody changed the same thing meanwhile. */
  failure: Failure | null;
  busy: boolean;
}

/** How long a form rests before what it would do is computed. */
const REST_MS = 250;

const nothing: Preview = { answer: null, failure: null, busy: false };

/** Asks the hub what commands would do, without doing it; an empty list is nothing to ask. */
export function usePreview(changes: Change[]): Preview {
  const app = useApp();
  const online = useNet().kind === "online";
  const [preview, setPreview] = useState<Preview>(nothing);
  const key = changes.length > 0 ? JSON.stringify(changes) : "";
  useEffect(() => {
    if (!key || !online) {
      setPreview(nothing);
      return;
    }
    let wanted = true;
    setPreview((p) => ({ ...p, busy: true }));
    const rest = setTimeout(() => {
      app.ask("change.preview", { changes: JSON.parse(key) as Change[] }).then(
        (answer) => wanted && setPreview({ answer, failure: null, busy: false }),
        (e) => {
          if (!(e instanceof RequestError)) throw e;
          if (wanted) setPreview({ answer: null, failure: e.failure, busy: false });
        },
      );
    }, REST_MS);
    return () => {
      wanted = false;
      clearTimeout(rest);
    };
  }, [app, key, online]);
  return preview;
}
