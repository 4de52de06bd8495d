import { IconArrowUp, IconCornerDownLeft } from "@tabler/icons-react";
import { lazy, type ReactNode } from "react";
import { useTranslation } from "../../i18n/useTranslation";
import { MAX_TEXT_LENGTH } from "../../protocol";
import type { Transfer } from "../../state/files";
import { Button } from "../base/parts";
import { usePhone } from "../context";
import c from "./composer.module.css";

/** Loads the rich editor ahead of its use. */
export const loadEditor = () => import("./RichEditor");
export const RichEditor = lazy(loadEditor);

/** From here on the counter shows. */
const NEAR = MAX_TEXT_LENGTH * 0.9;

/** Keeps the place of the editor while it is loaded, so that nothing moves. */
export function Waiting() {
  return (
    <>
      <div className={c.area}>
        <div style={{ minHeight: 40 }} />
      </div>
      <div className={c.tools} style={{ height: 38 }} />
    </>
  );
}

/** How much of what a message may have is written, from near its end on; in a line of its own, so that nothing is pushed away. */
export function Length({ length }: { length: number }) {
  const { t, language } = useTranslation();
  const over = length - MAX_TEXT_LENGTH;
  return (
    <div role="status">
      {length > NEAR && (
        <p className={`${c.limits} ${c.count} num`} data-over={over > 0 || undefined}>
          {over > 0
            ? t("composer.tooLong", { over: over.toLocaleString(language), count: over })
            : t("composer.count", {
                used: length.toLocaleString(language),
                max: MAX_TEXT_LENGTH.toLocaleString(language),
              })}
        </p>
      )}
    </div>
  );
}

/** Send; why it is grey is said on hover. */
export function End({
  length,
  files = [],
  onSend,
  save,
  children,
}: {
  length: number;
  /** The files that go with it. */
  files?: readonly Transfer[];
  onSend: () => void;
  /** Whether what is written replaces a message that was posted. */
  save?: boolean;
  /** What stands before Send. */
  children?: ReactNode;
}) {
  const { t, language } = useTranslation();
  const phone = usePhone();
  const word = t(save ? "composer.save" : "composer.send");
  const over = length - MAX_TEXT_LENGTH;
  const taken = files.filter((f) => f.state !== "refused");
  const nothing = length === 0 && taken.length === 0;
  const off = nothing || over > 0;
  const sendHint = taken.some((f) => f.state !== "arrived") ? "files.sendHint" : "composer.sendHint";
  const hint = nothing
    ? t("composer.empty")
    : over > 0
      ? t("composer.tooLong", { over: over.toLocaleString(language), count: over })
      : t(save ? "composer.saveHint" : sendHint);
  return (
    <div className={c.end}>
      {children}
      <Button
        kind="primary"
        className={phone ? c.sendRound : c.send}
        aria-label={phone ? word : undefined}
        data-hint={phone ? undefined : hint}
        // Not `disabled`: the reason must be reachable, and focus must not be lost with every message.
        aria-disabled={off}
        onMouseDown={(e) => e.preventDefault()}
        onClick={() => !off && onSend()}
      >
        {phone ? (
          <IconArrowUp size={22} stroke={1.7} aria-hidden />
        ) : (
          <>
            {word}
            <IconCornerDownLeft size={16} stroke={1.7} aria-hidden className="mirror" />
          </>
        )}
      </Button>
    </div>
  );
}
