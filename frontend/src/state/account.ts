import { RequestError } from "../peer/peer";
import type { Device, Failure, ReplicaSignInAnswer } from "../protocol";

// Signing in and out where the server itself answers: over HTTP, with the session in a cookie no script can read.
// With a replica the same is done by commands. Nothing is kept here.

const JSON_BODY = { "Content-Type": "application/json" };

/** What somebody signs in with; the code is of the second factor, once it was asked for. */
export interface Credentials {
  name: string;
  password: string;
  code?: string;
}

/** @throws RequestError saying why not. */
export async function signInByCookie(who: Credentials, device: Device): Promise<ReplicaSignInAnswer> {
  const body = JSON.stringify({ ...who, cookie: true, device });
  const answer = await ask("/v1/sign-in", { method: "POST", headers: JSON_BODY, body });
  if (!answer.ok) throw new RequestError(await failureOf(answer));
  return (await answer.json()) as ReplicaSignInAnswer;
}

/** What single sign-on is called at the page's own server; empty if there is none, or nobody can tell. */
export async function ssoNameHere(): Promise<string> {
  try {
    const answer = await fetch("/v1/sso");
    return answer.ok ? ((await answer.json()) as { name: string }).name : "";
  } catch {
    return "";
  }
}

/** Where the page's own server sends the browser to its OpenID provider. */
export const SSO_START = "/v1/sso/start";

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
