import { IconFileUpload } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { ConversationID } from "../../protocol";
import { bringsFiles, filesDropped, isLink } from "../../shell/drops";
import { useApp } from "../context";
import c from "./files.module.css";

/** Lets files be dropped anywhere on the element around it. Elsewhere in the window a dropped file does nothing: see stayOnDrop. */
export function DropFiles({ id, name, allowed }: { id: ConversationID; name: string; allowed: boolean }) {
  const { t } = useTranslation();
  const app = useApp();
  const mark = useRef<HTMLDivElement>(null);
  const [over, setOver] = useState(false);

  useEffect(() => {
    const place = mark.current?.parentElement;
    if (!place) return;
    // Entering a child leaves its parent: what counts is how many were entered.
    let depth = 0;
    const brings = (e: DragEvent) => bringsFiles(e, app.shell);
    const take = (e: DragEvent) => {
      if (!allowed || !e.dataTransfer || !brings(e)) return;
      e.preventDefault(); // says that a drop is taken here
      e.dataTransfer.dropEffect = "copy";
    };
    const enter = (e: DragEvent) => {
      if (!brings(e)) return;
      depth++;
      setOver(true);
      take(e);
    };
    const leave = (e: DragEvent) => {
      if (!brings(e)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const drop = (e: DragEvent) => {
      depth = 0;
      setOver(false);
      if (!allowed || !e.dataTransfer || !brings(e) || isLink(e.dataTransfer)) return;
      e.preventDefault();
      e.stopPropagation(); // an editor would put the file's address into the text
      void app.writing.attachSoon(id, filesDropped(e.dataTransfer, app.shell));
    };
    place.addEventListener("dragenter", enter);
    place.addEventListener("dragleave", leave);
    place.addEventListener("dragover", take);
    place.addEventListener("drop", drop, true);
    return () => {
      place.removeEventListener("dragenter", enter);
      place.removeEventListener("dragleave", leave);
      place.removeEventListener("dragover", take);
      place.removeEventListener("drop", drop, true);
    };
  }, [app, id, allowed]);

  return (
    <div ref={mark} className={c.drop} data-over={(over && allowed) || undefined} aria-hidden="true">
      <span>
        <IconFileUpload size={28} stroke={1.4} />
        {t("files.drop", { name })}
      </span>
    </div>
  );
}
