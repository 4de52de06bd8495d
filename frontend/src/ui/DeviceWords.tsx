import { useComputedColorScheme } from "@mantine/core";
import { useEffect } from "react";
import { useTranslation } from "../i18n/useTranslation";
import type { NoticeWords } from "../worker/words";
import { useApp } from "./context";

/**
 * Tells the device what it needs to know of this page beside it: the words of notifications that come while no page is open, in the
 * language chosen here, and the colour of the frame, for the bar around the page.
 */
export function DeviceWords() {
  const { t, language } = useTranslation();
  const app = useApp();
  const scheme = useComputedColorScheme("light");
  const words: NoticeWords = {
    language,
    message: t("push.message"),
    messages: t("push.messages", { count: "{count}" }),
    several: t("attention.several", { messages: "{messages}", conversations: "{conversations}" }),
    app: t("app.name"),
  };
  const said = JSON.stringify(words);
  useEffect(() => app.shell.installed?.keepWords(JSON.parse(said) as NoticeWords), [app, said]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colour of the frame changes with the scheme
  useEffect(() => {
    const colour = getComputedStyle(document.documentElement).getPropertyValue("--bg-frame").trim();
    for (const meta of document.querySelectorAll<HTMLMetaElement>("meta[name=theme-color]"))
      meta.content = colour;
  }, [scheme]);
  return null;
}
