import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  expect,
  type Page,
  test,
} from "@playwright/test";
import axe from "axe-core";
import { PROGRAMS } from "./build";

// The real server and the real desktop core for tests, with the page they carry, and what is done with that page everywhere.

declare global {
  interface Window {
    axe: typeof axe;
  }
}

const SCREENS = process.env.SCREENS;

/** What a test file does with the programs. */
export interface Programs {
  /** A path in the folder of this file's tests. */
  path: (...parts: string[]) => string;
  /** Starts a program and waits until its output says where it is. */
  start: (program: string, args: string[], env?: Record<string, string>) => Promise<[ChildProcess, string]>;
  /** Starts the server with the demo's organisation. */
  demo: (listen: string, data?: string) => Promise<[ChildProcess, string]>;
}

/** The windows that were opened and not closed yet. */
const opened: BrowserContext[] = [];

/** Ends the programs and closes the windows of this file's tests after them: those that stay open try to connect for ever. */
export function programs(): Programs {
  const running: ChildProcess[] = [];
  let folder: string;

  test.beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "parley-e2e-"));
  });

  test.afterAll(async () => {
    for (const context of opened.splice(0)) await context.close();
    for (const child of running) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  const start: Programs["start"] = (program, args, env = {}) => {
    const child = spawn(join(process.env[PROGRAMS] ?? "", program), args, {
      env: { ...process.env, ...env },
    });
    running.push(child);
    return new Promise((resolve, reject) => {
      let said = "";
      const listen = (data: Buffer) => {
        said += String(data);
        const address = /http:\/\/127\.0\.0\.1:\d+\S*/.exec(said)?.[0];
        if (address) resolve([child, address]);
      };
      child.stdout.on("data", listen);
      child.once("exit", () => reject(new Error(`${program} ended before it said where it is: ${said}`)));
    });
  };
  return {
    path: (...parts) => join(folder, ...parts),
    start,
    demo: (listen, data = "demo") =>
      start("parley-server", ["demo", "--data", join(folder, data), "--listen", listen]),
  };
}

export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext(options);
  opened.push(context);
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

/** Signs one of the demo's people in. */
export async function signIn(page: Page, name: string): Promise<void> {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(`${name}-larchfield`);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: "Conversations" })).toBeVisible();
}

/** What the hub answers a command. */
export interface Reply<T> {
  ok?: T;
  error?: { code: string; text: string };
}

/** Gives the hub a command over a page's own session, as another program would that does not use the page. */
export function command<T = unknown>(page: Page, name: string, args: unknown): Promise<Reply<T>> {
  return page.evaluate(
    ([name, args]) =>
      new Promise<Reply<T>>((resolve, reject) => {
        const socket = new WebSocket(`${location.origin.replace("http", "ws")}/v1/socket`, ["parley.v1"]);
        const device = {
          id: "0190b1c2-0000-7000-8000-0000000000d9",
          kind: "browser",
          name: "Another program",
        };
        socket.onopen = () => {
          socket.send(JSON.stringify({ id: 1, do: "hello", args: { protocol: 1, device } }));
          socket.send(JSON.stringify({ id: 2, do: name, args }));
        };
        socket.onerror = () => reject(new Error("no connection"));
        socket.onmessage = (e) => {
          const frame = JSON.parse(e.data);
          if (frame.re !== 2) return;
          socket.close();
          resolve(frame);
        };
      }),
    [name, args] as const,
  );
}

/** A line of the conversation list. */
export const row = (page: Page, name: string) =>
  page
    .getByRole("region", { name: "Conversations" })
    .getByRole("listitem")
    .filter({ hasText: name })
    .getByRole("button");

/** The messages of the conversation that is shown. */
export const messages = (page: Page) => page.getByRole("region", { name: /^Messages/ });

export async function write(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: /^Message to/ }).fill(text);
  await page.keyboard.press("Enter");
}

/** `colours` is false where the same thing was looked at before in the same colours: their contrast is most of the work. */
export async function expectAccessible(page: Page, colours = true): Promise<void> {
  // Read into the page once: that is more work than what it does there.
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe.source);
  const found = await page.evaluate(async (colours) => {
    const rules = { "color-contrast": { enabled: colours } };
    const { violations } = await window.axe.run(document, { rules, resultTypes: ["violations"] });
    return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" | ")}`);
  }, colours);
  expect(found).toEqual([]);
}

/** Keeps a picture where SCREENS asks for them. */
export async function picture(page: Page, name: string): Promise<void> {
  if (SCREENS) await page.screenshot({ path: join(SCREENS, `${name}.png`) });
}
