/** The files of one build of the page, and what tells it from others. */
export interface Bundle {
  version: string;
  files: string[];
}

/** What the caches of bundles are called; no other cache is touched. */
const CACHE = "parley-bundle-";

const START = "index.html";

/**
 * Keeps one build of the page, so that it opens without a connection. It keeps nothing else: no message, no name and no answer
 * of the server's.
 */
export class BundleCache {
  private readonly name: string;
  private readonly files: ReadonlySet<string>;

  constructor(
    bundle: Bundle,
    /** The address of the folder in which the page lies. */
    private readonly base: string,
    private readonly caches: CacheStorage,
    private readonly load: (request: Request) => Promise<Response>,
  ) {
    this.name = CACHE + bundle.version;
    this.files = new Set(bundle.files);
  }

  /** Takes in the build, all of it or nothing. @throws if a file cannot be had. */
  async fill(): Promise<void> {
    const cache = await this.caches.open(this.name);
    // Names that hold a hash never change; the others are asked for anew.
    await cache.addAll(
      [...this.files].map(
        (f) => new Request(this.base + f, f.startsWith("assets/") ? {} : { cache: "reload" }),
      ),
    );
  }

  /** Removes every other build. */
  async removeOthers(): Promise<void> {
    const names = await this.caches.keys();
    await Promise.all(
      names.filter((n) => n.startsWith(CACHE) && n !== this.name).map((n) => this.caches.delete(n)),
    );
  }

  /** The file of the build that a request is for; null if it is for something else, which goes to the server as if nothing were kept. */
  fileOf(request: Request): string | null {
    const { origin, pathname } = new URL(request.url);
    const base = new URL(this.base);
    if (request.method !== "GET" || origin !== base.origin || !pathname.startsWith(base.pathname))
      return null;
    const path = pathname.slice(base.pathname.length);
    if (request.mode === "navigate" && (path === "" || path === START)) return START;
    return this.files.has(path) && path !== START ? path : null;
  }

  /** Answers with a file of the build. Should it be lost, so is the rest: the whole page is then had from the server again. */
  async answer(file: string, request: Request): Promise<Response> {
    const cache = await this.caches.open(this.name);
    const kept = await cache.match(this.base + file);
    if (kept) return kept;
    await this.caches.delete(this.name);
    return this.load(request);
  }
}
