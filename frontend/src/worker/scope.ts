/** What a service worker has around it, as far as this one uses it: TypeScript has these names for another kind of program only. */
export interface WorkerScope {
  registration: ServiceWorkerRegistration;
  clients: {
    claim(): Promise<void>;
    matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<WindowClient[]>;
    openWindow(url: string): Promise<WindowClient | null>;
  };
  location: Location;
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (e: Lasting) => void): void;
  addEventListener(type: "fetch", listener: (e: FetchEvent) => void): void;
  addEventListener(type: "push", listener: (e: PushEvent) => void): void;
  addEventListener(type: "notificationclick", listener: (e: NotificationEvent) => void): void;
  addEventListener(type: "message", listener: (e: MessageEvent) => void): void;
}

/** An event that lasts until what it waits for is done. */
export interface Lasting {
  waitUntil(done: Promise<unknown>): void;
}

export interface FetchEvent extends Lasting {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

export interface PushEvent extends Lasting {
  data: { json(): unknown } | null;
}

export interface NotificationEvent extends Lasting {
  notification: Notification;
}

/** A page of ours. */
export interface WindowClient {
  focus(): Promise<WindowClient>;
  postMessage(message: unknown): void;
}

/** What a worker is told by a page, and a page by a worker. */
export type WorkerMessage = { do: "takeOver" } | { do: "reveal"; conversationId?: string };
