import { useEffect, useState } from "react";
import { RequestError } from "../../peer/peer";
import type { FileID } from "../../protocol";
import { useApp } from "../context";

/** Where a file is read, as soon as that is known; null before, and where it cannot be had. */
export function useFileUrl(id: FileID, save = false): string | null {
  const app = useApp();
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    let wanted = true;
    app.fileUrl(id, save).then(
      (found) => wanted && setUrl(found),
      (e) => {
        if (!(e instanceof RequestError)) throw e;
      },
    );
    return () => {
      wanted = false;
    };
  }, [app, id, save]);
  return url;
}
