import { createContext, type ReactNode, use, useEffect, useState, useSyncExternalStore } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/shallow";
import type { App } from "../state/app";
import type { AppState } from "../state/appState";
import type { Net } from "../state/select";

const Context = createContext<App | null>(null);

export function AppProvider({ app, children }: { app: App; children: ReactNode }) {
  return <Context value={app}>{children}</Context>;
}

/** The page's controller, for carrying things out. */
export function useApp(): App {
  const app = use(Context);
  if (!app) throw new Error("useApp outside of AppProvider");
  return app;
}

/** A part of what the controller knows; drawn again when that part changes (compared one level deep). */
export function useParley<T>(select: (state: AppState) => T): T {
  return useStore(useApp().store, useShallow(select));
}

/** What the connection means for people. */
export function useNet(): Net {
  return useParley((s) => s.net);
}

/** The time, drawn anew every `everyMs`; null stops it. */
export function useNow(everyMs: number | null): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (everyMs === null) return;
    setNow(Date.now());
    const id = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(id);
  }, [everyMs]);
  return now;
}

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = window.matchMedia(query);
      media.addEventListener("change", changed);
      return () => media.removeEventListener("change", changed);
    },
    () => window.matchMedia(query).matches,
  );
}

/** Below 720 px the page is a phone: the list, then the conversation. */
export function usePhone(): boolean {
  return useMedia("(max-width: 719.98px)");
}

/** Below 960 px the rail shows icons only. */
export function useSlim(): boolean {
  return useMedia("(max-width: 959.98px)");
}

/** Below 1200 px there is no column for the card; it floats as a drawer. */
export function useNarrow(): boolean {
  return useMedia("(max-width: 1199.98px)");
}
