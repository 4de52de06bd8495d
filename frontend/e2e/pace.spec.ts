import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { type Browser, expect, type Page, test } from "@playwright/test";
import { openPage, picture, programs, row, signIn } from "./programs";
import { timed } from "./timed";

// How the desktop's page feels with very many messages kept on the computer: told and not judged.
// PACE=100000 npx playwright test pace; docs/benchmark.md has what it said.

test.describe.configure({ mode: "serial" });
const { path, start, demo } = programs();
const KEPT = Number(process.env.PACE ?? 0);
const note = (what: string, value: number, unit = "ms") =>
  console.log(`${Math.round(value)} ${unit}: ${what}`);

/** How many connections write at once: each may give 200 commands a second. */
const WRITERS = 4;

/** Posts numbered messages as the page's user, in any order but the last one last. */
async function post(page: Page, to: string, count: number, text: string): Promise<void> {
  const share = Math.ceil((count - 1) / WRITERS);
  const shares = Array.from(
    { length: WRITERS },
    (_, i) => [i * share, Math.min((i + 1) * share, count - 1)] as const,
  );
  await Promise.all(shares.map(([from, upTo]) => postSome(page, to, from, upTo, text)));
  await postSome(page, to, count - 1, count, text);
}

/** Posts the messages after from, up to upTo, over one connection, 32 on their way at a time. */
function postSome(page: Page, to: string, from: number, upTo: number, text: string): Promise<void> {
  return page.evaluate(
    async ([to, from, upTo, text]) => {
      const socket = new WebSocket(`${location.origin.replace("http", "ws")}/v1/socket`, ["parley.v1"]);
      const device = { id: "0190b1c2-0000-7000-8000-0000000000da", kind: "browser", name: "A busy one" };
      const send = (id: number, name: string, args: unknown) =>
        socket.send(JSON.stringify({ id, do: name, args }));
      const head = Date.now().toString(16).padStart(12, "0");
      const unique = (n: number) =>
        `${head.slice(0, 8)}-${head.slice(8)}-7000-8000-${n.toString(16).padStart(12, "0")}`;
      await new Promise((open) => {
        socket.onopen = open;
      });
      await new Promise<void>((done, failed) => {
        let conversationId = "";
        let sent = from;
        let answered = from;
        const again = (n: number) =>
          send(n + 1, "message.post", { id: unique(n), conversationId, text: `${text} ${n}` });
        const next = () => {
          if (sent < upTo) again(++sent);
        };
        socket.onclose = (e) => failed(new Error(`closed with ${e.code}`));
        socket.onmessage = (e) => {
          const frame = JSON.parse(e.data);
          if (frame.error?.code === "busy") {
            setTimeout(() => again(frame.re - 1), frame.error.retryAfterMs);
            return;
          }
          if (frame.error) failed(new Error(frame.error.text));
          if (frame.reset) {
            const { me, people } = frame.reset.snapshot;
            const other = people.find((u: { displayName: string }) => u.displayName === to).id;
            conversationId = `d.${[me.user.id, other].sort().join(".")}`;
            for (let i = 0; i < 32; i++) next();
          }
          if (frame.re && frame.re !== 1) {
            answered++;
            next();
          }
          if (conversationId && answered === upTo) done();
        };
        send(1, "hello", { protocol: 1, device });
      });
      socket.onclose = null;
      socket.close();
    },
    [to, from, upTo, text] as const,
  );
}

/** What a program keeps in memory, in MB. */
function resident(child: ChildProcess): number {
  const said = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1];
  return Number(said) / 1000;
}

/** What a page keeps in memory when all that is unused is gone, in MB. */
async function heap(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  return usedSize / 1e6;
}

const shows = (name: string) =>
  `document.querySelector("[aria-label^='Messages']")?.ariaLabel.includes("${name}")`;

/** Opens the core's page and returns how long it took until a conversation stood there, in ms. */
async function openCore(browser: Browser, url: string): Promise<[Page, number]> {
  const begun = performance.now();
  const page = await openPage(browser, url);
  await row(page, "Liam").waitFor();
  return [page, performance.now() - begun];
}

test("a desktop that keeps very many messages", async ({ browser }) => {
  test.skip(!process.env.PACE, "measures, which takes minutes: set PACE to a number of messages");
  test.setTimeout(1_800_000);
  let [server, address] = await demo("127.0.0.1:0");
  const listen = new URL(address).host;
  const writers = await Promise.all(
    ["liam", "sigrun", "ana", "pia"].map(async (name) => {
      const page = await openPage(browser, address);
      await signIn(page, name);
      return page;
    }),
  );
  const [liam, ...others] = writers as [Page, Page, Page, Page];
  for (const page of others)
    await post(page, "Mira Castellan", 1_000, "Van 7 is at the depot, the tail lift again");
  await post(
    liam,
    "Mira Castellan",
    KEPT,
    "Batch 88 had soft corners, send a new door without asking, please,",
  );

  const core = () =>
    start(
      "parley-core",
      ["--profile", path("kept"), "--server", address, "--sign-in", "mira", "--key-file"],
      {
        PARLEY_PASSWORD: "mira-larchfield",
      },
    );
  let begun = performance.now();
  let [child, at] = await core();
  let [mira] = await openCore(browser, at);
  await expect(mira.getByText("Older messages are loaded")).toBeVisible();
  await expect(mira.getByText("Older messages are loaded")).toHaveCount(0, { timeout: 600_000 });
  note(`until ${KEPT} messages were kept, loaded in the background`, performance.now() - begun);

  for (const name of ["Ana", "Liam", "Pia", "Sigrun", "Liam"]) {
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      await row(mira, "Tomas").click();
      times.push(await timed(row(mira, name), shows(name)));
    }
    const [first, ...again] = times as [number, ...number[]];
    note(`switch to ${name}, the first time`, first);
    again.sort((a, b) => a - b);
    note("again, the second fastest of 4", again[1] as number);
    note("again, the slowest of 4", again[3] as number);
  }

  await test.step("an hour of traffic: two messages a second", async () => {
    note("the core before an hour of traffic", resident(child), "MB");
    note("the page before", await heap(mira), "MB");
    await post(liam, "Mira Castellan", 3_600, "an hour");
    await post(others[0], "Mira Castellan", 3_600, "an hour");
    await expect(mira.getByText("an hour 3600").first()).toBeVisible();
    note("the core after", resident(child), "MB");
    note("the page after", await heap(mira), "MB");
  });

  await test.step("a cold start without a server", async () => {
    child.kill("SIGKILL");
    await mira.context().close();
    server.kill("SIGKILL");
    begun = performance.now();
    [child, at] = await core();
    const ready = performance.now() - begun;
    const [page, drawn] = await openCore(browser, at);
    note("the core is ready, its page not asked for yet", ready);
    note("its page shows the conversations, without a server", drawn);
    mira = page;
    await mira.context().close();
    child.kill("SIGKILL");
  });

  await test.step("days away: as many messages missed", async () => {
    [server, address] = await demo(listen);
    await expect(liam.getByText("Connected again")).toBeVisible();
    await post(liam, "Mira Castellan", KEPT, "While you were away");
    begun = performance.now();
    [child, at] = await core();
    [mira] = await openCore(browser, at);
    note("first screen after days away", performance.now() - begun);
    await expect(mira.getByRole("progressbar")).toBeVisible();
    await picture(mira, "pace-catch-up");
    await row(mira, "Liam").click();
    await expect(mira.getByText(`While you were away ${KEPT}`).last()).toBeVisible({ timeout: 300_000 });
    note("until the last of them was shown", performance.now() - begun);
    await expect(mira.getByText("What you missed is coming")).toHaveCount(0);
    note("the core after it", resident(child), "MB");
    note("the page after it", await heap(mira), "MB");
  });
});
