import { IconChevronLeft, IconChevronRight, IconDownload } from "@tabler/icons-react";
import { type KeyboardEvent, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { Attachment, FileID } from "../../protocol";
import { sizeOf } from "../../state/fileKind";
import { Dialog } from "../base/Dialog";
import { IconButton } from "../base/parts";
import c from "./files.module.css";
import { SaveLink } from "./SaveLink";
import { useFileUrl } from "./useFileUrl";

/** A message's pictures, one at a time and large. The arrow keys, Home and End go from one to the other, Escape ends it. */
export function Lightbox({
  files,
  first,
  onClose,
}: {
  files: Attachment[];
  first: FileID;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [at, setAt] = useState(() =>
    Math.max(
      0,
      files.findIndex((f) => f.id === first),
    ),
  );
  const file = files[at];
  if (!file) return null;
  const last = files.length - 1;
  const onKeyDown = (e: KeyboardEvent) => {
    const to = placeAfter(e.key, at, last);
    if (to === null) return;
    e.preventDefault();
    setAt(to);
  };
  return (
    <Dialog title={file.name} width={1200} onClose={onClose}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: its buttons do the same */}
      <div className={c.whole} onKeyDown={onKeyDown}>
        <Whole key={file.id} file={file} />
        <div className={c.below}>
          {files.length > 1 && (
            <>
              <IconButton
                icon={IconChevronLeft}
                label={t("files.previous")}
                disabled={at === 0}
                onClick={() => setAt(at - 1)}
              />
              <span className="num" aria-live="polite">
                {t("files.place", { at: at + 1, of: files.length })}
              </span>
              <IconButton
                icon={IconChevronRight}
                label={t("files.next")}
                disabled={at === last}
                onClick={() => setAt(at + 1)}
              />
            </>
          )}
          <SaveLink file={file} className={c.saveLink}>
            <IconDownload size={18} stroke={1.6} aria-hidden />
            {t("files.saveShort")} <span className="num">{sizeOf(file.size)}</span>
          </SaveLink>
        </div>
      </div>
    </Dialog>
  );
}

/** Where a key leads among the pictures, the last of which stands at `last`; null for any other key. */
function placeAfter(key: string, at: number, last: number): number | null {
  switch (key) {
    case "ArrowLeft":
      return Math.max(0, at - 1);
    case "ArrowRight":
      return Math.min(last, at + 1);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}

/** A whole picture; what is seen of it in the timeline stands there until it has come. */
function Whole({ file }: { file: Attachment }) {
  const { t } = useTranslation();
  const small = useFileUrl(file.id, "preview");
  const large = useFileUrl(file.id, "show");
  const [state, setState] = useState<"loading" | "there" | "failed">("loading");
  const shape = file.width && file.height ? { aspectRatio: `${file.width} / ${file.height}` } : undefined;
  return (
    <div
      className={c.stage}
      aria-busy={state === "loading"}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: so that the arrow keys reach it, and a screen reader the picture
      tabIndex={0}
    >
      {small && state === "loading" && <img className={c.small} style={shape} src={small} alt="" />}
      {large && state !== "failed" && (
        <img
          src={large}
          alt={file.name}
          hidden={state === "loading"}
          onLoad={() => setState("there")}
          onError={() => setState("failed")}
        />
      )}
      {state === "failed" && <p role="alert">{t("files.notShown")}</p>}
    </div>
  );
}
