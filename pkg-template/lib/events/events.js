// Live events in a page: each event of a practice once, in order, over the edge function's WebSocket, or from its feed if
// WebSockets fail.
import { argumentsOf } from "./arguments.js";
import { ScanEventsError } from "./error.js";
import { Line } from "./line.js";
import { platform } from "./platform.js";

export { ScanEventsError };

/** @param {import("../../types/events.js").ScanEventsOptions} options */
export const scanEvents = (options) => scanEventsOn(platform(), options);

/**
 * The same as `scanEvents`, with the platform as an argument, for tests.
 * @param {import("./platform.js").Platform} platform
 * @param {import("../../types/events.js").ScanEventsOptions} options
 * @returns {AsyncIterableIterator<import("../../types/events.js").ScanEvent>}
 */
export function scanEventsOn(platform, options) {
  const line = new Line(platform, argumentsOf(options));
  return {
    next: () => line.next(),
    return: (value) => line.leave(value),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
