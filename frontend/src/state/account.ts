import { RequestError } from "../peer/peer";
import type { Device, Failure } from "../protocol";

// Signing in and out where the server itself answers: over HTTP, with the session in a cookie no script can read.
// With a replica the same is done by commands. Nothing is kept here.

const JSON_BODY = { "Content-Type": "application/json" };

/** @throws RequestError saying why not. */
export async function signInByCookie(name: string, password: string, device: Device): Promise<void> {
  const body = JSON.stringify({ name, password, cookie: true, device });
  const answer = await ask("/v1/sign-in", { method: "POST", headers: JSON_BODY, body });
  if (!answer.ok) throw new RequestError(await failureOf(answer));
}

/** Ends the session of this browser; there being none any more is as good. @throws RequestError saying why not. */
export async function signOutByCookie(): Promise<void> {
  const answer = await ask("/v1/sign-out", { method: "POST", headers: JSON_BODY });
  if (!answer.ok && answer.status !== 401) throw new RequestError(await failureOf(answer));
}

/** Whether there is a session. True while nobody can tell, so that a lost connection signs nobody out. */
export async function hasCookieSession(): Promise<boolean> {
  try {
    return (await fetch("/v1/session")).status !== 401;
  } catch {
    return true;
  }
}

async function ask(path: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(path, options);
  } catch {
    throw new RequestError({ code: "offline", text: "The server cannot be reached. Nothing was changed." });
  }
}

async function failureOf(answer: Response): Promise<Failure> {
  try {
    const { error } = (await answer.json()) as { error?: Failure };
    if (error) return error;
  } catch {
    // Not ours: something between here and the server has answered.
  }
  return { code: "internal", text: `The server answered ${answer.status}. Nothing was changed; try again.` };
}
