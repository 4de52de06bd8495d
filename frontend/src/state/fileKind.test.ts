import { expect, test } from "vitest";
import { endingOf, kindOf, shownAsItIs, shownWithoutCopy, sizeOf, splitName } from "./fileKind";

const picture = (size: number, width?: number, height?: number, type = "image/png") => ({
  type,
  size,
  width,
  height,
});

test("what was found in the bytes decides how a file is shown, not its name", () => {
  expect(kindOf({ type: "image/png", name: "photo.exe" })).toBe("image");
  expect(kindOf({ type: "text/plain", name: "photo.png" })).toBe("document");
  expect(kindOf({ type: "text/plain", name: "run.bat" })).toBe("program");
  expect(kindOf({ type: "application/vnd.microsoft.portable-executable", name: "a.txt" })).toBe("program");
  expect(kindOf({ type: "image/svg+xml", name: "drawing.svg" })).toBe("other");
  expect(kindOf({ type: "text/html", name: "page.html" })).toBe("other");
});

test("a picture stands in the timeline as it is only while a small copy would gain nothing, or would stand still", () => {
  expect(shownAsItIs(picture(50_000, 600, 400))).toBe(true);
  expect(shownAsItIs(picture(50_000, 641, 400))).toBe(false);
  expect(shownAsItIs(picture(200_001, 600, 400))).toBe(false);
  expect(shownAsItIs(picture(1_900_000, 2_000, 1_000, "image/gif"))).toBe(true);
  expect(shownAsItIs(picture(2_100_000, 2_000, 1_000, "image/gif"))).toBe(false);
  expect(shownAsItIs(picture(1_000_000, undefined, undefined, "image/bmp"))).toBe(true);
  expect(shownAsItIs(picture(10_000_001, undefined, undefined, "image/bmp"))).toBe(false);
});

test("without a small copy only what is no burden is shown", () => {
  expect(shownWithoutCopy(picture(10_000_000, 8_000, 5_000))).toBe(true);
  expect(shownWithoutCopy(picture(100, 60_000, 60_000))).toBe(false);
  expect(shownWithoutCopy(picture(10_000_001, 100, 100))).toBe(false);
});

test("names and sizes for people", () => {
  expect(endingOf("Bericht.final.PDF")).toBe("PDF");
  expect(endingOf("Makefile")).toBe("");
  expect(splitName("a long name of a file.pdf").join("")).toBe("a long name of a file.pdf");
  expect(sizeOf(999, "en")).toBe("999 B");
  expect(sizeOf(12_400_000, "en")).toBe("12.4 MB");
});
