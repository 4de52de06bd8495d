import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useRef } from "react";

/**
 * A list of rows of one height, of which only those in sight exist. Each row is one button (or link); arrow keys,
 * Home and End move between them.
 */
export function VirtualList<T>({
  items,
  rowHeight,
  keyOf,
  label,
  className,
  children,
}: {
  items: T[];
  rowHeight: number;
  keyOf: (item: T) => string;
  label: string;
  className?: string;
  children: (item: T) => ReactNode;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (i) => keyOf(items[i] as T),
    overscan: 6,
  });

  const onKeyDown = (e: KeyboardEvent) => {
    const row = (e.target as HTMLElement).closest<HTMLElement>("[data-index]");
    if (!row) return;
    const at = Number(row.dataset.index);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[e.key];
    if (to === undefined || e.altKey || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    if (to < 0 || to >= items.length) return;
    virtual.scrollToIndex(to);
    // The row may exist only after the list has moved.
    requestAnimationFrame(() => {
      scroller.current?.querySelector<HTMLElement>(`[data-index="${to}"] button`)?.focus();
    });
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only passes on keys pressed on the rows' own buttons
    <div
      ref={scroller}
      className={className}
      style={{ overflowY: "auto", minHeight: 0, contain: "strict" }}
      onKeyDown={onKeyDown}
    >
      <ul aria-label={label} style={{ position: "relative", height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((v) => (
          <li
            key={v.key}
            data-index={v.index}
            aria-setsize={items.length}
            aria-posinset={v.index + 1}
            style={{
              position: "absolute",
              insetInline: 0,
              insetBlockStart: 0,
              height: v.size,
              transform: `translateY(${v.start}px)`,
            }}
          >
            {children(items[v.index] as T)}
          </li>
        ))}
      </ul>
    </div>
  );
}
