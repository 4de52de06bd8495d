import type { KeyboardEvent, ReactNode } from "react";
import c from "./base.module.css";

/** Something that is on or off. What it is stands beside it, in the element that `labelledBy` names. */
export function Switch({
  labelledBy,
  describedBy,
  on,
  disabled,
  onChange,
}: {
  labelledBy: string;
  describedBy?: string;
  on: boolean;
  /** Shown, but not to be changed: the reason stands beside it. */
  disabled?: boolean;
  onChange: () => void;
}) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
      aria-disabled={disabled || undefined}
      className={c.switch}
      onClick={() => !disabled && onChange()}
    />
  );
}

/** One of a few choices, side by side: a stop for Tab, and the arrow keys choose, as radio buttons do. */
export function Segments<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: { value: T; text: string; icon?: ReactNode }[];
  onChange: (value: T) => void;
}) {
  // One stop for Tab; the arrow keys choose, as radio buttons do.
  const onKeyDown = (e: KeyboardEvent<HTMLDivElement>) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
    if (!step) return;
    e.preventDefault();
    const at = options.findIndex((o) => o.value === value);
    const next = (at + step + options.length) % options.length;
    const option = options[next];
    if (option) onChange(option.value);
    e.currentTarget.querySelectorAll<HTMLElement>("[role=radio]")[next]?.focus();
  };
  return (
    <div className={c.segments} role="radiogroup" aria-label={label} onKeyDown={onKeyDown}>
      {options.map((o) => (
        // biome-ignore lint/a11y/useSemanticElements: drawn as one control with a moving choice
        <button
          key={o.value}
          type="button"
          role="radio"
          aria-checked={o.value === value}
          tabIndex={o.value === value ? 0 : -1}
          onClick={() => onChange(o.value)}
        >
          {o.icon}
          {o.text}
        </button>
      ))}
    </div>
  );
}
