import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { edgeProxy } from "./edge-proxy.ts";

/**
 * What the page may do, in one place: the built index.html carries it as a meta element, and every response of
 * `vite preview` as a header. Only compiling wasm goes beyond 'self'; requests may go to a practice's own server.
 */
const policy = {
  "default-src": "'none'",
  "script-src": "'self' 'wasm-unsafe-eval'",
  "style-src": "'self'",
  "img-src": "'self' blob:",
  "connect-src": "'self' https: wss: http://localhost:* http://127.0.0.1:* ws://localhost:* ws://127.0.0.1:*",
  "worker-src": "'self'",
  "base-uri": "'none'",
  "form-action": "'none'",
};
const metaPolicy = Object.entries(policy)
  .map(([name, value]) => `${name} ${value}`)
  .join("; ");

const headers = {
  // Browsers refuse frame-ancestors in a meta element, so only the header has it.
  "Content-Security-Policy": `${metaPolicy}; frame-ancestors 'none'`,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

const contentSecurityPolicy: Plugin = {
  name: "content-security-policy",
  transformIndexHtml: () => [
    { tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content: metaPolicy }, injectTo: "head-prepend" },
  ],
};

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [contentSecurityPolicy, edgeProxy()],
  // The package's .wasm is next to its modules; pre-bundling for development would separate them.
  optimizeDeps: { exclude: ["itero-dpms", "itero-dpms/sandbox", "itero-dpms/scan"] },
  build: {
    assetsInlineLimit: 0, // an inlined asset is a data: URL, which the policy forbids
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: here("index.html"), "service-worker": here("src/service-worker.ts") },
      output: {
        // A service worker controls its own folder and below, so it is at the root, under a fixed name.
        entryFileNames: (chunk) => (chunk.name === "service-worker" ? "service-worker.js" : "assets/[name]-[hash].js"),
      },
    },
  },
  preview: { host: "127.0.0.1", port: 8080, strictPort: true, headers },
  server: { host: "127.0.0.1", headers: { ...headers, "Service-Worker-Allowed": "/" } },
});
