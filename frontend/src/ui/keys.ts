import { useEffect } from "react";
import { closeTab, conversationOf, tabAfter } from "../state/navigation";
import { useApp } from "./context";

const mac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The key that goes with a letter for a command, as this system names it. */
export const modKey = mac ? "⌘" : "Ctrl";

/** Whether a key press is meant as a command: Cmd on a Mac, Ctrl elsewhere. */
function isMod(e: KeyboardEvent): boolean {
  return mac ? e.metaKey && !e.ctrlKey : e.ctrlKey && !e.metaKey;
}

function isTyping(e: KeyboardEvent): boolean {
  const at = e.target as HTMLElement | null;
  return !!at?.closest("input, textarea, select, [contenteditable=true]");
}

/**
 * The shortcuts that hold everywhere. Browsers keep Ctrl+1..9, Ctrl+Tab and Ctrl+W to themselves, so Alt+1..9,
 * Alt+ArrowUp/Down and Alt+W do the same everywhere; only these are shown in a browser (ui/settings/Shortcuts.tsx).
 */
export function useShortcuts(): void {
  const app = useApp();
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.defaultPrevented || e.isComposing) return;
      if (!handle(e)) return;
      e.preventDefault();
      e.stopPropagation();
    };
    const goTo = (id: string | null | undefined) => {
      if (id) app.openConversation(id);
      return !!id;
    };
    const handle = (e: KeyboardEvent): boolean => {
      const { places } = app.state;
      const digit = /^Digit([1-9])$/.exec(e.code)?.[1];
      const mod = isMod(e);
      if (mod && !e.shiftKey && !e.altKey && e.key.toLowerCase() === "k") {
        app.show("palette");
        return true;
      }
      if (mod && e.key === "/") {
        app.show("shortcuts");
        return true;
      }
      if (digit && (mod || (e.altKey && !e.ctrlKey)) && !e.shiftKey)
        return goTo(places.tabs[Number(digit) - 1]);
      if (e.key === "Tab" && e.ctrlKey) return goTo(tabAfter(places, e.shiftKey ? -1 : 1));
      if (e.altKey && !mod && (e.key === "ArrowDown" || e.key === "ArrowUp")) {
        return goTo(tabAfter(places, e.key === "ArrowDown" ? 1 : -1));
      }
      const shown = conversationOf(places.view);
      const closes = mod ? e.key.toLowerCase() === "w" : e.altKey && !e.ctrlKey && e.code === "KeyW";
      if (closes && !e.shiftKey && shown) {
        app.setPlaces(closeTab(places, shown));
        return true;
      }
      if (isTyping(e) || mod || e.altKey) return false;
      if (e.key === "?") {
        app.show("shortcuts");
        return true;
      }
      if (e.key === "/") {
        const field = document.querySelector<HTMLInputElement>("[data-list-search]");
        field?.focus();
        return !!field;
      }
      return false;
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [app]);
}
