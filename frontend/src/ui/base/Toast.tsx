import { type ReactNode, useEffect, useRef, useState } from "react";
import c from "./base.module.css";

/** Where toasts stand, one below the other: over the work, never over where one writes. */
export function Toasts({ children }: { children: ReactNode }) {
  return <div className={c.toasts}>{children}</div>;
}

/**
 * Something that is told for a while. It goes after its time, which waits while somebody is at it, or by Escape, which then does
 * nothing else.
 */
export function Toast({
  of,
  ms,
  role,
  className,
  state,
  onGone,
  children,
}: {
  /** What it tells of; with something else its time begins anew. */
  of: unknown;
  ms: number;
  role: "alert" | "status";
  className?: string;
  /** For the style. */
  state?: string;
  onGone: () => void;
  children: ReactNode;
}) {
  const [held, setHeld] = useState(false);
  const gone = useRef(onGone);
  gone.current = onGone;
  // biome-ignore lint/correctness/useExhaustiveDependencies: something else begins the time anew
  useEffect(() => {
    if (held) return;
    const id = setTimeout(() => gone.current(), ms);
    return () => clearTimeout(id);
  }, [of, ms, held]);
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.key !== "Escape" || e.isComposing) return;
      e.preventDefault();
      e.stopImmediatePropagation();
      gone.current();
    };
    window.addEventListener("keydown", onKey, true);
    return () => window.removeEventListener("keydown", onKey, true);
  }, []);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only looks whether somebody is at it
    <div
      className={className ? `${c.toast} ${className}` : c.toast}
      data-state={state}
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <div role={role}>{children}</div>
    </div>
  );
}
