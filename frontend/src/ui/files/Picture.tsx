import { useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { Attachment } from "../../protocol";
import { shownAsItIs, shownWithoutCopy } from "../../state/fileKind";
import c from "./files.module.css";
import { useFileUrl } from "./useFileUrl";

/** The box in which a picture stands in the timeline, in pixels. */
const BOX = { width: 320, height: 280 };

/**
 * A picture in the timeline: a small copy of it, unless it is small itself. Its place is kept while it loads, so nothing
 * moves; a click shows it large.
 */
export function Picture({
  file,
  onShow,
  onError,
}: {
  file: Attachment;
  onShow: () => void;
  onError: () => void;
}) {
  const { t } = useTranslation();
  const [whole, setWhole] = useState(() => shownAsItIs(file));
  const { width, height } = boxOf(file);
  const url = useFileUrl(file.id, whole ? "show" : "preview");
  const failed = () => (!whole && shownWithoutCopy(file) ? setWhole(true) : onError());
  return (
    <button
      type="button"
      className={c.picture}
      style={{ width, aspectRatio: `${width} / ${height}` }}
      aria-label={t("files.show", { name: file.name })}
      onClick={onShow}
    >
      {url && <img src={url} alt={file.name} loading="lazy" decoding="async" onError={failed} />}
    </button>
  );
}

/** The size at which a picture is shown: never larger than it is, nor than its box; a square where nothing is known. */
function boxOf(file: Attachment): { width: number; height: number } {
  if (!file.width || !file.height) return { width: 240, height: 240 };
  const scale = Math.min(1, BOX.width / file.width, BOX.height / file.height);
  return {
    width: Math.max(48, Math.round(file.width * scale)),
    height: Math.max(32, Math.round(file.height * scale)),
  };
}
