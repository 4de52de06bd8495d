import { IconFileUpload } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { ConversationID } from "../../protocol";
import { bringsFiles } from "../../shell/drops";
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
    const enter = (e: DragEvent) => {
      if (!bringsFiles(e)) return;
      depth++;
      setOver(true);
    };
    const leave = (e: DragEvent) => {
      if (!bringsFiles(e)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const drop = (e: DragEvent) => {
      depth = 0;
      setOver(false);
      if (!allowed || !e.dataTransfer || !bringsFiles(e)) return;
      e.preventDefault();
      app.writing.attach(id, filesOf(e.dataTransfer));
    };
    const take = (e: DragEvent) => {
      if (!allowed || !e.dataTransfer || !bringsFiles(e)) return;
      e.preventDefault(); // says that a drop is taken here
      e.dataTransfer.dropEffect = "copy";
    };
    place.addEventListener("dragenter", enter);
    place.addEventListener("dragleave", leave);
    place.addEventListener("drop", drop);
    place.addEventListener("dragover", take);
    return () => {
      place.removeEventListener("dragenter", enter);
      place.removeEventListener("dragleave", leave);
      place.removeEventListener("drop", drop);
      place.removeEventListener("dragover", take);
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

/** The files among what was dropped or pasted; folders cannot be read as files. */
export function filesOf(from: DataTransfer): File[] {
  const items = [...from.items].filter((i) => i.kind === "file");
  return items.flatMap((item) => {
    if (item.webkitGetAsEntry?.()?.isDirectory) return [];
    const file = item.getAsFile();
    return file ? [file] : [];
  });
}
