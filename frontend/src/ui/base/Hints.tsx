import { Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";

/** How long the pointer rests on something before its hint is shown. */
const REST_MS = 350;

/** What can have a hint: `data-hint` is its text, `data-hint-side` where it stands if not above. */
const HINTED = "[data-hint]";

interface Shown {
  target: Element;
  text: string;
}

/**
 * Shows the hint of what the pointer rests on or the keyboard has come to. One for the whole page: a tooltip of its own for
 * each button would be most of the work of drawing a conversation. On touch, where nothing rests, a tap shows the hints of
 * what has `data-hint-touch`.
 */
export function Hints() {
  const [shown, setShown] = useState<Shown | null>(null);
  useEffect(() => follow(setShown), []);
  useEffect(() => {
    if (!shown) return;
    const { target } = shown;
    // What it shows may change while it is shown, and what it belongs to may go.
    const observer = new MutationObserver(() => setShown((now) => now && still(now)));
    observer.observe(document.body, {
      childList: true,
      subtree: true,
      attributes: true,
      attributeFilter: ["data-hint"],
    });
    // Unless that is its name already.
    const told = target.getAttribute("aria-label") !== shown.text;
    if (told) target.setAttribute("aria-description", shown.text);
    return () => {
      observer.disconnect();
      if (told) target.removeAttribute("aria-description");
    };
  }, [shown]);
  return (
    shown && (
      <Tooltip
        // For the eyes alone: read aloud is the description, with what it belongs to.
        aria-hidden
        opened
        target={{ current: shown.target as HTMLElement }}
        label={shown.text}
        position={shown.target.getAttribute("data-hint-side") === "right" ? "right" : "top"}
      />
    )
  );
}

/** What is shown as it is now: nothing when it is gone, the same when nothing has changed. */
function still(shown: Shown): Shown | null {
  const text = shown.target.isConnected && shown.target.getAttribute("data-hint");
  if (!text) return null;
  return text === shown.text ? shown : { ...shown, text };
}

/** Follows pointer and focus, and tells what is to be shown; returns how to stop. */
function follow(show: (shown: Shown | null) => void): () => void {
  let on: Element | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = (target: Element) => show(still({ target, text: "" }));
  const come = (target: Element | null, after: number) => {
    clearTimeout(timer);
    on = target;
    show(null);
    if (!target) return;
    if (after === 0) open(target);
    else timer = setTimeout(() => open(target), after);
  };
  const hinted = (e: Event) => (e.target instanceof Element ? e.target.closest(HINTED) : null);
  const away = () => {
    clearTimeout(timer);
    show(null);
  };
  const listeners = {
    pointerover: (e: PointerEvent) =>
      e.pointerType !== "touch" && hinted(e) !== on && come(hinted(e), REST_MS),
    // Out of the page; within it the next pointerover tells.
    pointerout: (e: PointerEvent) => e.pointerType !== "touch" && !e.relatedTarget && come(null, 0),
    pointerdown: away,
    pointerup: (e: PointerEvent) => {
      if (e.pointerType !== "touch") return;
      const target = hinted(e);
      come(target?.hasAttribute("data-hint-touch") ? target : null, 0);
    },
    focusin: (e: FocusEvent) =>
      e.target instanceof Element && e.target.matches(":focus-visible") && come(hinted(e), 0),
    // What the keyboard leaves; a tap takes it from elsewhere.
    focusout: (e: FocusEvent) => hinted(e) === on && come(null, 0),
    keydown: (e: KeyboardEvent) => e.key === "Escape" && away(),
    scroll: away,
  };
  const all = Object.entries(listeners) as [string, EventListener][];
  // While capturing: what stops an event from going further does not stop the hint.
  for (const [event, listener] of all)
    document.addEventListener(event, listener, { capture: true, passive: true });
  return () => {
    clearTimeout(timer);
    for (const [event, listener] of all) document.removeEventListener(event, listener, true);
  };
}
