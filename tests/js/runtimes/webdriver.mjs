// The part of the WebDriver protocol that is needed to open a page and read one of its values.
import { within } from "../support/test.mjs";

/**
 * @param {string} driver the address of a WebDriver server
 * @param {object} capabilities of the browser to start
 */
export async function openBrowser(driver, capabilities) {
  /** Sends a command and returns its result. */
  async function command(method, path, body) {
    const response = await fetch(driver + path, {
      method,
      headers: { "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path} failed with ${value.error}: ${value.message}`);
    return value;
  }

  const { sessionId, capabilities: got } = await command("POST", "/session", {
    capabilities: { alwaysMatch: capabilities },
  });
  const session = `/session/${sessionId}`;
  return {
    name: `${got.browserName} ${got.browserVersion}`,
    goto: (url) => command("POST", `${session}/url`, { url }),
    /** Waits for a global of the page and returns it. */
    async global(name, ms = 60_000) {
      const script = `return globalThis[${JSON.stringify(name)}] ?? null`;
      let stopped = false;
      const poll = async () => {
        for (let value = null; !stopped; await new Promise((next) => setTimeout(next, 100))) {
          value = await command("POST", `${session}/execute/sync`, { script, args: [] });
          if (value !== null) return value;
        }
      };
      return within(poll(), ms, `the page's ${name}`).finally(() => (stopped = true));
    },
    close: () => command("DELETE", session),
  };
}
