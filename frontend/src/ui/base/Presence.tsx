import type { ReactNode } from "react";
import c from "./base.module.css";

/** What a presence sign can show. `unknown` is what one sees while offline: nobody's presence is known then. */
export type PresenceShape = "online" | "away" | "busy" | "offline" | "unknown";

const shapes: Record<PresenceShape, ReactNode> = {
  online: <circle cx="6" cy="6" r="5" fill="currentColor" />,
  away: (
    <>
      <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M6 1.5a4.5 4.5 0 0 0 0 9z" fill="currentColor" />
    </>
  ),
  busy: (
    <path
      fillRule="evenodd"
      fill="currentColor"
      d="M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1zM3.4 5.1v1.8h5.2V5.1z"
    />
  ),
  offline: <circle cx="6" cy="6" r="4.1" fill="none" stroke="currentColor" strokeWidth="1.8" />,
  unknown: (
    <circle
      cx="6"
      cy="6"
      r="4.3"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeDasharray="1.9 1.48"
    />
  ),
};

/**
 * The sign of a presence: disc, half disc, disc with a dash, ring, dotted ring. The shape carries the
 * meaning, the colour repeats it. Without a label it is decoration beside a text that says the same.
 */
export function PresenceSign({
  shape,
  label,
  size = 10,
  hint,
}: {
  shape: PresenceShape;
  label?: string;
  size?: number;
  /** What is told on hover. */
  hint?: string;
}) {
  const common = {
    className: c.presence,
    "data-shape": shape,
    "data-hint": hint,
    width: size,
    height: size,
    viewBox: "0 0 12 12",
  };
  if (label) {
    return (
      <svg {...common} role="img" aria-label={label}>
        {shapes[shape]}
      </svg>
    );
  }
  return (
    <svg {...common} aria-hidden="true">
      {shapes[shape]}
    </svg>
  );
}
