// The output on the terminal. It never shows a query or a header, since they may hold names and tokens.

/** @import { IncomingMessage, ServerResponse } from "node:http" */

const COLOURS = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 };

/**
 * Returns a function that colours text if the terminal supports colours, and no variable such as NO_COLOR forbids it.
 *
 * @param {NodeJS.WriteStream} stream
 * @returns {(colour: keyof typeof COLOURS, text: string) => string}
 */
export function painter(stream) {
  const isColoured = stream.isTTY && stream.hasColors?.();
  return (colour, text) => (isColoured ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text);
}

/**
 * Prints a line about a request once its response has ended.
 *
 * @param {IncomingMessage} incoming @param {ServerResponse} outgoing
 */
export function logResponse({ method = "?", url = "?" }, outgoing) {
  const paint = painter(process.stdout);
  const start = performance.now();
  outgoing.once("close", () => {
    const { statusCode, headersSent, writableFinished } = outgoing;
    const colour = statusCode >= 500 || !writableFinished ? "red" : statusCode >= 400 ? "yellow" : "green";
    const status = headersSent ? `${statusCode}${writableFinished ? "" : ", cut"}` : "no response";
    const ms = paint("dim", `${Math.round(performance.now() - start)} ms`);
    console.log(`${method.padEnd(6)} ${pathOf(url)} ${paint(colour, status)} ${ms}`);
  });
}

/** Returns the path, in printable ASCII whatever the client sent. @param {string} url */
const pathOf = (url) => url.replace(/[?#].*/s, "").replace(/[^!-~]/g, encodeURIComponent);
