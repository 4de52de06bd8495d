import { useEffect, useState } from "react";
import { RequestError } from "../../peer/peer";
import type { FileID } from "../../protocol";
import type { FileUse } from "../../state/reading";
import { useApp, useNet } from "../context";

/** Where a file is read, as soon as that is known; null before, and where it cannot be had. Asked again with each connection. */
export function useFileUrl(id: FileID, use: FileUse, wanted = true): string | null {
  const app = useApp();
  const online = useNet().kind === "online";
  const [url, setUrl] = useState<string | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a connection that comes back is a reason to ask again
  useEffect(() => {
    if (!wanted) return;
    let still = true;
    app.reading.url(id, use).then(
      (found) => still && setUrl(found),
      (e) => {
        if (!(e instanceof RequestError)) throw e;
      },
    );
    return () => {
      still = false;
    };
  }, [app, id, use, wanted, online]);
  return wanted ? url : null;
}
