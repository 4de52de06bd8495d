import type { Icon as TablerIcon } from "@tabler/icons-react";
import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import c from "./base.module.css";

type NativeButton = ButtonHTMLAttributes<HTMLButtonElement> & { ref?: Ref<HTMLButtonElement> };

/** A push button. `primary` is for the one thing a place is for. */
export function Button({
  kind = "default",
  size = "md",
  className,
  ...rest
}: NativeButton & { kind?: "default" | "primary" | "ghost"; size?: "sm" | "md" | "lg" }) {
  return (
    <button
      type="button"
      {...rest}
      data-kind={kind}
      data-size={size}
      className={className ? `${c.button} ${className}` : c.button}
    />
  );
}

/** A button that is only an icon; its name is read aloud and shown on hover, with the shortcut if there is one. */
export function IconButton({
  icon: Icon,
  label,
  hint,
  size,
  iconSize = 18,
  mirror,
  className,
  ...rest
}: NativeButton & {
  icon: TablerIcon;
  label: string;
  /** Shown on hover instead of the label, for example a shortcut or the reason why it is greyed. */
  hint?: string;
  size?: "sm";
  iconSize?: number;
  mirror?: boolean;
}) {
  return (
    <button
      type="button"
      aria-label={label}
      data-hint={hint ?? label}
      {...rest}
      data-size={size}
      className={className ? `${c.icon} ${className}` : c.icon}
    >
      <Icon size={iconSize} stroke={1.6} aria-hidden className={mirror ? "mirror" : undefined} />
    </button>
  );
}

/** Looks like a link and acts in place: Why?, Copy, Try now. */
export function LinkButton({ className, ...rest }: NativeButton) {
  return <button type="button" {...rest} className={className ? `${c.link} ${className}` : c.link} />;
}

/** A count. Nothing is drawn for zero; above 99 it says 99+. */
export function Badge({
  count,
  tone = "quiet",
  label,
}: {
  count: number;
  tone?: "quiet" | "accent" | "red";
  /** The same for screen readers, for example "3 unread". */
  label: string;
}) {
  if (count <= 0) return null;
  return (
    <span className={c.badge} data-tone={tone}>
      <span aria-hidden="true">{count > 99 ? "99+" : count}</span>
      <span className="vh"> {label}</span>
    </span>
  );
}

export function Chip({ children }: { children: ReactNode }) {
  return <span className={c.chip}>{children}</span>;
}

/** One key, or keys parted by spaces: "Ctrl K". */
export function Keys({ keys }: { keys: string }) {
  return <kbd className={c.kbd}>{keys}</kbd>;
}

/** Says what is not there and what to do about it. */
export function Empty({
  icon: Icon,
  title,
  text,
  page = false,
  children,
}: {
  icon: TablerIcon;
  title: string;
  text?: string;
  /** It stands in place of what the page is about, so its title is the page's. */
  page?: boolean;
  children?: ReactNode;
}) {
  const Title = page ? "h1" : "h2";
  return (
    <div className={c.empty}>
      <Icon size={28} stroke={1.4} aria-hidden />
      <Title>{title}</Title>
      {text && <p>{text}</p>}
      {children && <div>{children}</div>}
    </div>
  );
}

/** Parley's mark. */
export function Logo({ size = 20 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d="M4 3h9.5a7 7 0 0 1 0 14H9l-5 4.2z" fill="var(--accent)" />
      <path d="M9.2 10h7" stroke="var(--on-accent)" strokeWidth="2" strokeLinecap="round" fill="none" />
    </svg>
  );
}
