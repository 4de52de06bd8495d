import type { Language } from "../i18n/i18n";
import type { SoundName } from "../shell/sound";

/** What a person has chosen for this computer. */
export interface Preferences {
  /** Play a sound at new messages. */
  sound: boolean;
  /** Which one, and how loud it is, from 1 to 100. */
  soundName: SoundName;
  volume: number;
  /** Show a notification of the system at new messages, in a browser; on the desktop its replica decides. */
  toasts: boolean;
  /** Tell of messages on this device also while no page is open. */
  push: boolean;
  /** Show the person's card beside the conversation. */
  side: boolean;
  /** Show the rail with words rather than icons alone. */
  railOpen: boolean;
  /** Absent until one is chosen: then the one that the computer prefers. */
  language?: Language;
}

const defaults: Preferences = {
  sound: true,
  soundName: "twoNotes",
  volume: 50,
  toasts: false,
  push: false,
  side: true,
  railOpen: true,
};

const KEY = "parley.preferences";

/** Reads the preferences. What is missing or damaged falls back to the default. */
export function loadPreferences(): Preferences {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>;
    return { ...defaults, ...kept };
  } catch {
    return defaults;
  }
}

export function savePreferences(p: Preferences): void {
  localStorage.setItem(KEY, JSON.stringify(p));
}
