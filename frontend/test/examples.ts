import documents from "../../backend/chat/testdata/documents.json";
import events from "../../backend/chat/testdata/events.json";
import signals from "../../backend/chat/testdata/signals.json";
import snapshot from "../../backend/chat/testdata/snapshot.json";
import type { DocumentNode, LogEvent, Signal, Snapshot } from "../src/protocol";

// The examples of the vocabulary that Go and TypeScript share: both appliers are held to them.

export const exampleEvents = events as unknown as LogEvent[];
export const exampleSignals = signals as unknown as Signal[];
export const exampleSnapshot = snapshot as unknown as Snapshot;

interface DocumentExample {
  name: string;
  document: DocumentNode;
}
const allDocuments = documents as unknown as (DocumentExample & {
  text: string;
  canonical?: DocumentNode;
  refused?: string;
})[];
/** Documents the hub takes, with their text and, where it differs, the form in which they are kept. */
export const takenDocuments = allDocuments.filter((d) => d.refused === undefined);
/** Documents the hub refuses; a page must never come to harm by one. */
export const refusedDocuments: DocumentExample[] = allDocuments.filter((d) => d.refused !== undefined);

export const ANA = "0190b1c2-0000-7000-8000-00000000000a";
export const MAX = "0190b1c2-0000-7000-8000-00000000000b";
export const TALK = `d.${ANA}.${MAX}`;
