import i18next, { type TFunction } from "i18next";
import { useSyncExternalStore } from "react";

// Rows of long lists ask for texts as they come into sight, so asking costs a look into a map and nothing else: the
// binding of i18next for React copies the whole catalogue's instance for every component it mounts.

const fixed = new Map<string, TFunction>();

/** The texts of one language; another function for each, so that what depends on it is drawn anew. */
function textsOf(language: string): TFunction {
  let t = fixed.get(language);
  if (!t) {
    t = remembered(i18next.getFixedT(language));
    fixed.set(language, t);
  }
  return t;
}

/** The same texts; those without anything to put in are looked up once. */
function remembered(texts: TFunction): TFunction {
  const look = texts as unknown as (key: string, options?: object) => string;
  const known = new Map<string, string>();
  const t: typeof look = (key, options) => {
    if (options) return look(key, options);
    const text = known.get(key) ?? look(key);
    known.set(key, text);
    return text;
  };
  return t as unknown as TFunction;
}

function subscribe(changed: () => void): () => void {
  i18next.on("languageChanged", changed);
  return () => i18next.off("languageChanged", changed);
}

/** The catalogue in the language chosen now; draws anew when another is chosen. */
export function useTranslation(): { t: TFunction; language: string } {
  const language = useSyncExternalStore(subscribe, () => i18next.language);
  return { t: textsOf(language), language };
}
