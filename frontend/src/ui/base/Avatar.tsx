import type { ReactNode } from "react";
import c from "./base.module.css";

/** Up to two letters for a name: of its first and last word, by characters as people see them. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const first = firstLetter(words[0] ?? "");
  const last = words.length > 1 ? firstLetter(words[words.length - 1] ?? "") : "";
  return (first + last).toLocaleUpperCase();
}

function firstLetter(word: string): string {
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(word)) {
    return segment;
  }
  return "";
}

/** A person. The name stands beside it, so the initials are for the eye only. */
export function Avatar({
  name,
  size,
  children,
}: {
  name: string;
  size?: "md" | "xl";
  /** The presence sign in its corner. */
  children?: ReactNode;
}) {
  return (
    <span className={c.avatar} data-size={size}>
      <span aria-hidden="true">{initials(name)}</span>
      {children}
    </span>
  );
}
