// Finds a host for the embedded practice: the service worker, or the page itself.
import type { ApiLocation } from "itero-dpms";
import { SANDBOX_PATH } from "./sandbox-address";

export interface SandboxHost {
  baseUrl: string;
  /** The location of its V3. */
  v3: ApiLocation;
  /** How requests reach the practice. */
  fetch: typeof fetch;
  /** Where the practice runs, for the connection panel. */
  note: string;
}

const WORKER = import.meta.env.DEV ? "/src/service-worker.ts" : "/service-worker.js";
const INSTALL_MS = 15_000;
const CLAIM_MS = 3_000;

let host: Promise<SandboxHost> | null = null;

/** Always returns the same host, since a practice that the page itself runs may exist only in memory. */
export function hostSandbox(): Promise<SandboxHost> {
  host ??= findHost().catch((error: unknown) => {
    host = null; // the next attempt starts over
    throw error;
  });
  return host;
}

async function findHost(): Promise<SandboxHost> {
  const place = {
    baseUrl: location.origin + SANDBOX_PATH,
    v3: { domain: location.origin, path: `${SANDBOX_PATH}/third-party/v3` },
  };
  if (await startServiceWorker()) {
    return {
      ...place,
      fetch: (input, init) => fetch(input, init),
      note: "Served by a service worker in this browser.",
    };
  }
  const { SandboxPractice } = await import("./sandbox-practice");
  const practice = await SandboxPractice.open(location.origin);
  return {
    ...place,
    fetch: (input, init) => practice.fetch(new Request(input, init)),
    note: "Served inside the page: no service worker is available here.",
  };
}

/** Returns whether a service worker now handles the page's requests. */
async function startServiceWorker(): Promise<boolean> {
  if (!("serviceWorker" in navigator)) return false; // an insecure context, or switched off
  try {
    const registration = await navigator.serviceWorker.register(WORKER, { type: "module", scope: "/" });
    if (navigator.serviceWorker.controller !== null) return true;
    const controlled = new Promise<boolean>((resolve) => {
      navigator.serviceWorker.addEventListener("controllerchange", () => resolve(true), { once: true });
    });
    const active = await within(INSTALL_MS, activeWorker(registration));
    active?.postMessage("claim");
    return active !== null && (await within(CLAIM_MS, controlled)) === true;
  } catch {
    return false; // module workers are not supported, or the worker could not start
  }
}

/** The registration's worker once it is active, or null if its installation fails. */
function activeWorker(registration: ServiceWorkerRegistration): Promise<ServiceWorker | null> {
  const installing = registration.installing;
  const failed = new Promise<null>((resolve) => {
    installing?.addEventListener("statechange", () => {
      if (installing.state === "redundant") resolve(null);
    });
  });
  return Promise.race([failed, navigator.serviceWorker.ready.then((ready) => ready.active)]);
}

function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | null> {
  return Promise.race([promise, new Promise<null>((resolve) => setTimeout(resolve, milliseconds, null))]);
}
