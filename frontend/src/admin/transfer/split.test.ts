import { expect, test } from "vitest";
import { doubles, partsOf, readUsers, tooLong } from "./split";

/** What is read of a text: lines and names. */
const read = (text: string) => readUsers(text)?.records.map((r) => `${r.line} ${r.name}`) ?? null;

test.each([
  ["commas", "name,title\nAna,a\nben,b\n", ["2 ana", "3 ben"]],
  ["semicolons", "title;name\r\na,b;ana\r\nb;ben", ["2 ana", "3 ben"]],
  ["a semicolon in the records", "name,teams\nana,a;b;c\n", ["2 ana"]],
  ["quotes", 'name,title\n"an""a","x, y"\nben,b\n', ['2 an"a', "3 ben"]],
  ["lines within quotes", 'name,title\nana,"one\ntwo\nthree"\n "ben",b\n', ["2 ana", "5 ben"]],
  ["a quote that does not open", 'name,title\nana,5" pipe\nben,b\n', ["2 ana", "3 ben"]],
  ["a quote that does not close", 'name,title\nana,"a\nben,b\n', ["2 ana"]],
  ["empty rows", "\nname,title\n\nana,a\n,\n  ,  \n\nben,b\n\n", ["4 ana", "8 ben"]],
  ["formulas", "name\n'=ana\n'ana\n", ["2 =ana", "3 'ana"]],
  ["no column of names", "title\na\n", ["2 "]],
  ["only a header", "name,title\n\n", null],
  ["nothing", "", null],
])("%s", (_, text, want) => {
  expect(read(text)).toEqual(want);
});

test("a file is cut into parts of 200 records, each with the header and the number of its first line", () => {
  const lines = Array.from({ length: 450 }, (_, i) => `user${i},"a\nb"`);
  const file = readUsers(`Name ; Title\r\n${lines.join("\r\n").replaceAll(",", ";")}`);
  if (!file) throw new Error("nothing was read");
  const parts = partsOf(file);
  expect(parts.map((p) => [p.records.length, p.firstLine])).toEqual([
    [200, 2],
    [200, 402],
    [50, 802],
  ]);
  expect(parts[1]?.csv.startsWith('Name ; Title\nuser200;"a\nb"\r\nuser201')).toBe(true);
  const again = parts.flatMap((p) => readUsers(p.csv)?.records.map((r) => r.name));
  expect(again).toEqual(file.records.map((r) => r.name));
});

test("parts with passwords are small, and none is larger than a request may be", () => {
  const passwords = readUsers(`name,password\n${"ana,secret secret\n".repeat(100)}`);
  expect(passwords && partsOf(passwords).map((p) => p.records.length)).toEqual([40, 40, 20]);
  const long = readUsers(`name,title\n${`ana,"${'""'.repeat(400)}${"ä".repeat(200)}"\n`.repeat(150)}`);
  const sizes = long ? partsOf(long).map((p) => new TextEncoder().encode(JSON.stringify(p)).length) : [];
  expect(sizes.length).toBeGreaterThan(1);
  for (const size of sizes) expect(size).toBeLessThan(128 * 1024);
  expect(long && tooLong(long)).toBeNull();
  const huge = readUsers(`name,title\nana,a\n\nben,"b${"b\n".repeat(60_000)}\neve,e\n`);
  expect(huge && tooLong(huge)).toBe(4);
});

test("a name that stands twice is found over the whole file, whatever its case", () => {
  const file = readUsers("name\nana\nben\n ANA \n\n,\nben\n");
  expect(file && [...doubles(file)]).toEqual([
    [4, { name: "ana", first: 2 }],
    [7, { name: "ben", first: 3 }],
  ]);
});
