import type { Icon as TablerIcon } from "@tabler/icons-react";
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
  for (const { segment } of graphemes.segment(word)) return segment;
  return "";
}

// Made once: making one takes longer than many uses of it.
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

const AVATAR_ICON = { md: 16, lg: 20, xl: 26 };

/** A person, or with an icon a group of them. The name stands beside it, so what is drawn is for the eye only. */
export function Avatar({
  name,
  size,
  icon: Icon,
  children,
}: {
  name: string;
  size?: "md" | "xl";
  /** Drawn in place of the initials. */
  icon?: TablerIcon;
  /** The presence sign in its corner. */
  children?: ReactNode;
}) {
  return (
    <span className={c.avatar} data-size={size} data-group={Icon ? true : undefined}>
      {Icon ? (
        <Icon size={AVATAR_ICON[size ?? "lg"]} stroke={1.6} aria-hidden />
      ) : (
        <span aria-hidden="true">{initials(name)}</span>
      )}
      {children}
    </span>
  );
}
