// Serves the embedded practice, so that the client's calls are real requests in the network panel.
/// <reference lib="webworker" />
import { SANDBOX_PATH } from "./sandbox-address";
import { SandboxPractice } from "./sandbox-practice";

declare const self: ServiceWorkerGlobalScope;

let practice: Promise<SandboxPractice> | null = null;

function openPractice(): Promise<SandboxPractice> {
  practice ??= SandboxPractice.open(self.location.origin).catch((error: unknown) => {
    practice = null; // a failed load must not be cached
    throw error;
  });
  return practice;
}

self.addEventListener("install", (event) => {
  // A worker that cannot open the practice fails to install, and the page then runs it itself.
  event.waitUntil(Promise.all([openPractice(), self.skipWaiting()]));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("message", (event) => {
  // A page reloaded past the cache (Shift + reload) is not controlled until it is claimed again.
  if (event.data === "claim") event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin === self.location.origin && url.pathname.startsWith(`${SANDBOX_PATH}/`)) {
    event.respondWith(openPractice().then((open) => open.fetch(event.request)));
  }
});
