import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterAll, expect, test } from "vitest";
import { switchLanguage } from "./i18n";
import { useTranslation } from "./useTranslation";

const seen = new Set<unknown>();

function Word() {
  const { t, language } = useTranslation();
  seen.add(t);
  return `${language}: ${t("signIn.submit")}`;
}

afterAll(() => switchLanguage("en"));

test("what is drawn changes with the language, and what depends on the texts is told", async () => {
  const host = document.createElement("div");
  const root = createRoot(host);
  act(() => root.render(<Word />));
  expect(host.textContent).toBe("en: Sign in");
  await act(() => switchLanguage("de"));
  expect(host.textContent).toBe("de: Anmelden");
  expect(seen.size).toBe(2);
  await act(() => switchLanguage("en"));
  expect(host.textContent).toBe("en: Sign in");
  expect(seen.size).toBe(2);
  act(() => root.unmount());
});
