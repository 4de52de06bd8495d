import { expect, test } from "vitest";
import { preferredOf } from "./i18n";

test.each([
  [["de-AT", "en"], "de"],
  [["pt-BR", "de"], "de"],
  [["en-US", "de"], "en"],
  [["DE"], "de"],
  [["nl", "fr"], "en"],
  [[], "en"],
])("of %j the page speaks %s", (wanted, language) => {
  expect(preferredOf(wanted)).toBe(language);
});
