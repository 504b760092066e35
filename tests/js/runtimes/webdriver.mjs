// The part of the WebDriver protocol that is needed to open a page and run functions in it.
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
  const run = (script, ...args) =>
    command("POST", `${session}/execute/sync`, { script: `return (${script})(...arguments)`, args });
  return {
    name: `${got.browserName} ${got.browserVersion}`,
    goto: (url) => command("POST", `${session}/url`, { url }),
    /** Calls a function in the page, which is passed as its source. @param {Function} script @param {unknown[]} args */
    run,
    /** Waits until a function in the page returns more than `null`, and returns that. @param {Function} script @param {unknown[]} args */
    async until(script, ...args) {
      let stopped = false;
      const poll = async () => {
        for (let value = null; !stopped; await new Promise((next) => setTimeout(next, 100))) {
          value = await run(script, ...args);
          if (value !== null) return value;
        }
      };
      return within(poll(), 60_000, String(script)).finally(() => (stopped = true));
    },
    /** What the window shows, as a PNG. */
    screenshot: async () => Buffer.from(await command("GET", `${session}/screenshot`), "base64"),
    close: () => command("DELETE", session),
  };
}
