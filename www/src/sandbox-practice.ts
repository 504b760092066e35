// The embedded practice: the package's sandbox below a path of the page's own origin, with stored state. The service worker
// runs it, or the page if there is none.
import { createSandbox, type Sandbox } from "itero-dpms/sandbox";
import { FRESH_TOKEN_PATH, SANDBOX_PATH } from "./sandbox-address";

const CACHE = "sandbox-practice";
const SNAPSHOT = `${SANDBOX_PATH}/snapshot`;

export class SandboxPractice {
  readonly #sandbox: Sandbox;

  private constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  /** Restores the stored practice, or starts a new one. */
  static async open(origin: string): Promise<SandboxPractice> {
    const baseUrl = origin + SANDBOX_PATH;
    const snapshot = await storedSnapshot();
    if (snapshot !== null) {
      try {
        return new SandboxPractice(await createSandbox({ baseUrl, snapshot }));
      } catch {
        // Written by another version, or damaged: a new demo practice is better than a broken one.
      }
    }
    return new SandboxPractice(await createSandbox({ baseUrl }));
  }

  async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname === FRESH_TOKEN_PATH) {
      return Response.json({ accessToken: this.#sandbox.accessToken }, { headers: { "Cache-Control": "no-store" } });
    }
    const changes = request.method !== "GET" && request.method !== "HEAD";
    try {
      return await this.#sandbox.fetch(request);
    } finally {
      // Stored before the response is returned, since a browser may stop a service worker at any time after that. A call whose
      // response is lost can have changed something, too.
      if (changes) await store(this.#sandbox.control.snapshot());
    }
  }
}

async function storedSnapshot(): Promise<string | null> {
  try {
    const stored = await (await caches.open(CACHE)).match(SNAPSHOT);
    return stored === undefined ? null : await stored.text();
  } catch {
    return null; // no storage here, for instance in a private window
  }
}

async function store(snapshot: string): Promise<void> {
  try {
    await (await caches.open(CACHE)).put(SNAPSHOT, new Response(snapshot));
  } catch {
    // Without storage the practice lasts as long as its host.
  }
}
