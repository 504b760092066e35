// The shell of the client: its methods, as users call them. What they do is decided in Rust, step by step.

import { run } from "./platform.js";

/** Its methods are documented with its type, for which the module has the name. */
export { DpmsClient as Shell };

class DpmsClient {
  #core;
  #options;

  constructor(core, options) {
    this.#core = core;
    this.#options = options;
  }

  practiceConfiguration(options) {
    return this.#call("practiceConfiguration", options);
  }

  createScanRequest(request, options) {
    return this.#call("createScanRequest", options, request);
  }

  deleteScanRequest(rxId, options) {
    return this.#call("deleteScanRequest", options, rxId);
  }

  listOrders(query, options) {
    return this.#call("listOrders", options, query);
  }

  orders(filter, options) {
    return rows(this.#pages("orders", options, filter));
  }

  getOrder(rxId, options) {
    return this.#call("getOrder", options, rxId);
  }

  async pollOrders(cursor, options) {
    const next = this.#pages("pollOrders", options, cursor == null ? null : (stringified(cursor) ?? ""));
    const all = [];
    for (;;) {
      const { value, changes, more, cursor } = await next();
      all.push(...changes.map(({ kind, previousStatus }, at) => ({ kind, order: value[at], previousStatus })));
      if (!more) return { changes: all, cursor };
    }
  }

  downloadScan(orderId, asset, options) {
    return this.#call("downloadScan", options, orderId, asset);
  }

  downloadLink(url, options) {
    return this.#call("downloadLink", options, url);
  }

  downloadScreenCapture(orderId, captureId, options) {
    return this.#call("downloadScreenCapture", options, orderId, captureId);
  }

  listScreenCaptures(query, options) {
    return this.#call("listScreenCaptures", options, query);
  }

  searchPatients(criteria, options) {
    return this.#call("searchPatients", options, criteria);
  }

  listPatients(query, options) {
    return this.#call("listPatients", options, query);
  }

  patients(filter, options) {
    return rows(this.#pages("patients", options, filter));
  }

  updatePatient(update, options) {
    return this.#call("updatePatient", options, update);
  }

  updatePatientByChartNumber(update, options) {
    return this.#call("updatePatientByChartNumber", options, update);
  }

  async request(method, path, input, options) {
    const given = copied(input);
    if (isObject(given) && given.body !== undefined) given.body = stringified(given.body) ?? NaN;
    return this.#call("request", options, method, path, given);
  }

  async #call(method, options, ...args) {
    return (await this.#pages(method, options, ...args)()).value;
  }

  /** Begins a call; what it returns makes the next page of it, or all. */
  #pages(method, options, ...args) {
    // An AbortController does as options: its signal is there, though not its own.
    const own = options instanceof AbortController ? { signal: options.signal } : copied(options);
    const call = this.#core.call(method, encode([own, ...args]));
    return () => run(call, this.#core, this.#options, own ?? {});
  }
}

/** Walks the rows of pages, one at a time; the next page is on its way meanwhile. */
async function* rows(next) {
  for (let page = next(); page;) {
    const { value, more } = await page;
    page = more && next();
    if (page) page.catch(() => {}); // it is awaited later, or never if the walk is left
    yield* value;
  }
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** A copy of an object, so that each of its properties is read once; another value as it is. */
export const copied = (value) => (isObject(value) && !(value instanceof AbortSignal) ? { ...value } : value);

/**
 * Arguments as JSON, in which what JSON cannot hold has a name; before a text stands "=", so that none is taken for such a
 * name. Looks no deeper than arguments go.
 */
export function encode(value) {
  const plain = (value, depth) => {
    switch (typeof value) {
      case "string":
        return `=${value}`;
      case "number":
        return Number.isFinite(value) ? value : "other";
      case "boolean":
      case "undefined":
        return value;
      case "function":
        return "function";
      case "object":
        if (value === null) return value;
        if (value instanceof AbortSignal) return "signal";
        if (depth === 0) return "other";
        if (Array.isArray(value)) return value.map((item) => plain(item, depth - 1));
        return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner, depth - 1)]));
      default:
        return "other";
    }
  };
  return JSON.stringify(plain(value, 4)) ?? "null";
}

function stringified(value) {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined; // it refers to itself, holds a bigint, or throws
  }
}

/** An object as JSON, a text as it is, and of anything else nothing. */
export const jsonOf = (value) => (isObject(value) ? stringified(value) : typeof value === "string" ? value : undefined);
