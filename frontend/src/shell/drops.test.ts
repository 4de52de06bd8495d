import { expect, test, vi } from "vitest";
import { bringsFiles, filesPasted, isLink } from "./drops";

/** What is dragged or pasted, as a web view shows it to the page. */
function transfer(data: Record<string, string>, files: File[] = []): DataTransfer {
  return {
    types: [...Object.keys(data), ...(files.length > 0 ? ["Files"] : [])],
    getData: (type: string) => data[type] ?? "",
    items: files.map((file) => ({ kind: "file", getAsFile: () => file })),
  } as unknown as DataTransfer;
}
const dragged = (data: Record<string, string>, files: File[] = []) =>
  ({ dataTransfer: transfer(data, files) }) as DragEvent;

const plan = new File(["x"], "plan.pdf");
const anywhere = {};
const keeping = { brought: vi.fn(async () => [plan]) };

test("a drag brings files where they are shown, and where the web view keeps them from the page", () => {
  expect(bringsFiles(dragged({}, [plan]), anywhere)).toBe(true);
  expect(bringsFiles(dragged({ "text/plain": "words" }), keeping)).toBe(false);
  expect(bringsFiles(dragged({ "text/uri-list": "" }), keeping)).toBe(true);
  expect(bringsFiles(dragged({ "text/uri-list": "https://parley.example" }), anywhere)).toBe(false);
});

test("let go, a link is told from files", () => {
  expect(isLink(transfer({ "text/uri-list": "https://parley.example" }))).toBe(true);
  expect(isLink(transfer({ "text/uri-list": "" }))).toBe(false);
  expect(isLink(transfer({ "text/uri-list": "file:///x" }, [plan]))).toBe(false);
});

test("pasted are files or words", async () => {
  expect(await filesPasted(transfer({}, [plan]), anywhere)).toEqual([plan]);
  expect(filesPasted(transfer({ "text/plain": "a table" }, [plan]), anywhere)).toBeNull();
  expect(filesPasted(transfer({ "text/plain": "words" }), anywhere)).toBeNull();
  expect(filesPasted(transfer({}), anywhere)).toBeNull();
});

test("where the web view keeps files from the page, the window is asked, but not for words", async () => {
  const link = { "text/uri-list": "https://parley.example", "text/plain": "https://parley.example" };
  expect(filesPasted(transfer(link), keeping)).toBeNull();
  const nameless = { types: [], items: [], getData: () => "words" } as unknown as DataTransfer;
  expect(filesPasted(nameless, keeping)).toBeNull();
  expect(keeping.brought).not.toHaveBeenCalled();
  expect(
    await filesPasted(transfer({ "text/uri-list": "", "text/plain": "/home/plan.pdf" }), keeping),
  ).toEqual([plan]);
  expect(await filesPasted(transfer({}), keeping)).toEqual([plan]); // a picture
  expect(await filesPasted(transfer({ "text/html": "<img>" }), keeping)).toEqual([plan]); // one copied in a browser
});
