/** The words around what a notice tells, in the language that was chosen on this device. */
export interface NoticeWords {
  language: string;
  /** "New message". */
  message: string;
  /** "{count} new messages". */
  messages: string;
  /** "{messages} new messages in {conversations} conversations". */
  several: string;
  app: string;
}

/** For a device on which no page has said its words, which cannot be but after its data were cleared. */
export const fallbackWords: NoticeWords = {
  language: "en",
  message: "New message",
  messages: "{count} new messages",
  several: "{messages} new messages in {conversations} conversations",
  app: "Parley",
};

const CACHE = "parley-words";
const KEY = "/words";

/** Keeps the words for when no page is open. */
export async function keepWords(caches: CacheStorage, words: NoticeWords): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.put(
    KEY,
    new Response(JSON.stringify(words), { headers: { "Content-Type": "application/json" } }),
  );
}

export async function keptWords(caches: CacheStorage): Promise<NoticeWords> {
  try {
    const kept = await (await caches.open(CACHE)).match(KEY);
    return kept ? ((await kept.json()) as NoticeWords) : fallbackWords;
  } catch {
    return fallbackWords;
  }
}
