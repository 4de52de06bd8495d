import type { ReactNode } from "react";
import type { Attachment } from "../../protocol";
import { useApp, useParley } from "../context";
import { useFileUrl } from "./useFileUrl";

/**
 * What saves a file: in the window a button, after which the system's own dialog asks where; elsewhere a link, which the
 * browser saves. While the file cannot be had its content stands there by itself.
 */
export function SaveLink({
  file,
  className,
  label,
  children,
}: {
  file: Attachment;
  className?: string;
  label?: string;
  children: ReactNode;
}) {
  const app = useApp();
  const asks = app.reading.asks;
  const url = useFileUrl(file.id, "save", !asks);
  const busy = useParley((s) => isSaving(s.savings[file.id]));
  if (asks)
    return (
      <button
        type="button"
        className={className}
        aria-label={label}
        aria-disabled={busy}
        onClick={() => !busy && app.reading.save(file.id, file.name)}
      >
        {children}
      </button>
    );
  if (!url) return <div className={className}>{children}</div>;
  return (
    <a className={className} href={url} download={file.name} aria-label={label}>
      {children}
    </a>
  );
}

/** Whether a file is on its way to the disk. */
export const isSaving = (saving: { state: string } | undefined): boolean =>
  saving?.state === "going" || saving?.state === "waiting";
