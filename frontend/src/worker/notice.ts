import type { PushNotice } from "../protocol";
import type { NoticeWords } from "./words";

export interface Shown {
  title: string;
  options: NotificationOptions & { renotify: boolean };
}

/** What is to be shown of a notice. All of it is text, whatever stands in it; null if it is no notice of ours. */
export function shownOf(told: unknown, words: NoticeWords): Shown | null {
  const n = told as Partial<PushNotice> | null;
  if (!n || typeof n !== "object" || typeof n.tag !== "string" || n.gone) return null;
  const messages = Number(n.messages ?? 1);
  const count = fill(words.messages, { count: messages });
  const from = text(n.from);
  const title = n.conversationId && from ? (n.room ? `${from}, ${text(n.room)}` : from) : words.app;
  const said = n.text
    ? messages > 1
      ? `${count}: ${text(n.text)}`
      : text(n.text)
    : messages > 1
      ? count
      : words.message;
  return {
    title,
    options: {
      tag: n.tag,
      body: n.conversationId
        ? said
        : fill(words.several, { messages, conversations: Number(n.conversations ?? 1) }),
      lang: words.language,
      dir: "auto",
      icon: "./icons/192.png",
      badge: "./icons/badge.png",
      renotify: true,
      data: { conversationId: n.conversationId },
    },
  };
}

const text = (value: unknown) => (typeof value === "string" ? value : "");

const fill = (pattern: string, values: Record<string, number>) =>
  pattern.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
