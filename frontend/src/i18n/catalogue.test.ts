import i18next from "i18next";
import { afterAll, describe, expect, test } from "vitest";
import de from "./de.json";
import en from "./en.json";
import { switchLanguage } from "./i18n";
import { daysBetween, listTime, since } from "./times";

type Texts = { [key: string]: string | Texts };

function flat(texts: Texts, path = ""): [string, string][] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === "string" ? [[path + key, value] as [string, string]] : flat(value, `${path}${key}.`),
  );
}
const variables = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1]).sort();

describe("the second language", () => {
  const english = new Map(flat(en));
  const german = new Map(flat(de));

  test("has the same texts as the first", () => {
    expect([...german.keys()]).toEqual([...english.keys()]);
  });

  test("fills in the same words", () => {
    for (const [key, text] of english) expect(variables(german.get(key) ?? ""), key).toEqual(variables(text));
  });

  test("is not the first in disguise", () => {
    // Names and signs are alike everywhere; three words in a row are not.
    const words = (text: string) => text.replace(/\{\{\w+\}\}/g, "").match(/\p{L}{2,}/gu)?.length ?? 0;
    const same = [...english].filter(([key, text]) => words(text) > 2 && german.get(key) === text);
    expect(same).toEqual([]);
  });
});

describe("changing the language", () => {
  afterAll(() => switchLanguage("en"));

  test("changes texts, plurals and dates, and says so to the browser", async () => {
    const friday = new Date(2026, 10, 20, 9, 5).getTime();
    const now = new Date(2026, 10, 21, 12).getTime();
    expect(listTime(friday, now)).toBe("Fri");
    await switchLanguage("de");
    expect(i18next.t("offline.titleWaiting", { count: 1 })).toBe("Offline: 1 Nachricht wartet.");
    expect(i18next.t("offline.titleWaiting", { count: 3 })).toBe("Offline: 3 Nachrichten warten.");
    expect(listTime(friday, now)).toBe("Fr");
    expect(document.documentElement.lang).toBe("de");
  });
});

test("times in lists: the clock today, then the weekday, then the date", () => {
  const now = new Date(2026, 10, 20, 10, 16).getTime();
  const at = (...args: [number, number, number, number, number]) => new Date(...args).getTime();
  expect(listTime(at(2026, 10, 20, 9, 5), now)).toBe("09:05");
  expect(listTime(at(2026, 10, 16, 23, 59), now)).toBe("Mon");
  expect(listTime(at(2026, 10, 13, 10, 16), now)).toBe("13 Nov");
  expect(listTime(at(2025, 10, 13, 10, 16), now)).toBe("13 Nov 2025");
  expect(since(at(2026, 10, 19, 23, 59), now)).toBe("19 Nov, 23:59");
  expect(daysBetween(at(2026, 10, 19, 23, 59), now)).toBe(1);
});
