import { expect, test } from "vitest";
import { createStore } from "zustand/vanilla";
import { RequestError } from "../peer/peer";
import type { FileID, Saving } from "../protocol";
import { type AppState, firstState } from "./appState";
import { Reading, savingsAfter } from "./reading";

const FILM = "film" as FileID;
const going: Saving = { fileId: FILM, name: "film.mp4", state: "going", got: 4, size: 10 };

/** A reading in a page before a replica or a server; `asked` is what the replica was asked. */
function reading(replica: boolean, saveFile?: (id: FileID, name: string) => Promise<void>) {
  const asked: unknown[] = [];
  const failed: RequestError[] = [];
  const store = createStore<AppState>(firstState);
  const r = new Reading(
    store,
    { replica, filesAt: "http://127.0.0.1:1/v1/files", saveFile },
    async (name, args) => {
      asked.push([name, args]);
      return { ticket: "word" } as never;
    },
    (e) => failed.push(e),
  );
  return { r, store, asked, failed };
}

test("with a replica each address holds a ticket, at a server none", async () => {
  const here = reading(true);
  expect(await here.r.url(FILM, "show")).toBe("http://127.0.0.1:1/v1/files/film?ticket=word");
  expect(await here.r.url(FILM, "save")).toBe("http://127.0.0.1:1/v1/files/film?ticket=word&save=1");
  expect(await here.r.url(FILM, "preview")).toBe("http://127.0.0.1:1/v1/files/film?ticket=word&preview=1");
  expect(here.asked).toHaveLength(3);
  const there = reading(false);
  expect(await there.r.url(FILM, "show")).toBe("http://127.0.0.1:1/v1/files/film");
  expect(await there.r.url(FILM, "preview")).toBe("http://127.0.0.1:1/v1/files/film?preview=1");
  expect(there.asked).toEqual([]);
});

test("a saving is told until it was given up; other signals are left to others", () => {
  const { r, store } = reading(true);
  expect(r.take({ type: "typing" })).toBe(false);
  expect(r.take({ type: "saving", saving: going })).toBe(true);
  expect(store.getState().savings[FILM]).toEqual(going);
  const done: Saving = { ...going, state: "done", got: 10 };
  expect(savingsAfter(store.getState().savings, done)).toEqual({ [FILM]: done });
  expect(savingsAfter(store.getState().savings, { ...going, state: "stopped" })).toEqual({});
  r.forget();
  expect(store.getState().savings).toEqual({});
});

test("a dialog that cannot be shown is told, and where there is none the browser saves", async () => {
  const broken = reading(true, () => Promise.reject(new Error("no screen")));
  expect(broken.r.asks).toBe(true);
  broken.r.save(FILM, "film.mp4");
  await Promise.resolve();
  await Promise.resolve();
  expect(broken.failed).toHaveLength(1);
  expect(broken.failed[0]).toBeInstanceOf(RequestError);
  expect(reading(false).r.asks).toBe(false);
});
