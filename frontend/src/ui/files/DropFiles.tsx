import { IconFileUpload } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import type { ConversationID } from "../../protocol";
import { useApp } from "../context";
import c from "./files.module.css";

const bringsFiles = (e: DragEvent) => e.dataTransfer?.types.includes("Files") ?? false;

/** Lets files be dropped anywhere on the element around it. Elsewhere in the window a dropped file does nothing. */
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
      if (!allowed || !e.dataTransfer) return;
      app.attach(id, filesOf(e.dataTransfer));
    };
    // The window would go to the file's address.
    const stay = (e: DragEvent) => {
      if (!bringsFiles(e)) return;
      e.preventDefault();
      if (e.dataTransfer && !(allowed && place.contains(e.target as Node)))
        e.dataTransfer.dropEffect = "none";
    };
    place.addEventListener("dragenter", enter);
    place.addEventListener("dragleave", leave);
    place.addEventListener("drop", drop);
    window.addEventListener("dragover", stay);
    window.addEventListener("drop", stay);
    return () => {
      place.removeEventListener("dragenter", enter);
      place.removeEventListener("dragleave", leave);
      place.removeEventListener("drop", drop);
      window.removeEventListener("dragover", stay);
      window.removeEventListener("drop", stay);
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
