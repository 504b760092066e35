// Every call of the client once, as data, for tests of what all calls have in common. Method, path and arguments come from the
// `Endpoint`s in `src/api`, by way of `endpoints.json`.
import { readFileSync } from "node:fs";
import { json, noContent, raw, text } from "./faulty-server.mjs";
import {
  PATIENT_ID,
  RX_ID,
  envelope,
  scanRequest,
  wireCapture,
  wireCaptures,
  wireMatch,
  wireOrder,
  wirePage,
  wirePatient,
  wirePatients,
  wirePractice,
  wireRecord,
} from "./wire.mjs";

/** @type {Record<string, { version: "V2" | "V3", method: string, path: string, takes: Argument[], reads: ApiCall["reads"] }>} */
export const ENDPOINTS = JSON.parse(readFileSync(new URL("endpoints.json", import.meta.url), "utf8"));

const BASE_PATHS = { V2: "/api/third-party/v2", V3: "/third-party/v3" };
const JPEG = raw(200, Buffer.from([0xff, 0xd8, 0xff, 0xd9]), { "Content-Type": "image/jpeg" });

/**
 * @typedef {object} Argument a field of the object that a call takes
 * @property {string} name
 * @property {string} key its name on the wire
 * @property {string} allowed what it must be
 * @property {boolean} required
 */

/**
 * @typedef {object} ApiCall
 * @property {string} name the client's method
 * @property {string} section the document's section
 * @property {string} method
 * @property {string} endpoint the template that errors and events show
 * @property {string} path the request's path, without its query
 * @property {Argument[]} takes the fields of `argument` that are sent
 * @property {object} [argument] the object that the call takes, if it takes one
 * @property {(client: import("itero-dpms").DpmsClient, options?: object, argument?: object) => Promise<any>} run
 * @property {"json" | "download" | "nothing"} reads how the response's body is read
 * @property {() => unknown} [body] the JSON of a successful response
 * @property {() => import("./faulty-server.mjs").Step} ok the step of a successful response
 */

/** The calls by their endpoints, with what the endpoints do not say: arguments and a successful response. */
const ALL = [
  {
    name: "practiceConfiguration",
    section: "4.1",
    of: "practice_configuration::GET",
    body: () => envelope(wirePractice()),
  },
  {
    name: "createScanRequest",
    section: "4.2",
    of: "scan_request::CREATE",
    argument: scanRequest(),
    body: () => envelope(RX_ID),
  },
  {
    name: "deleteScanRequest",
    section: "4.3",
    of: "scan_request::DELETE",
    segments: [RX_ID],
    body: () => envelope(RX_ID),
  },
  { name: "listOrders", section: "4.4", of: "orders::LIST", argument: {}, body: () => wirePage([wireOrder()]) },
  {
    name: "orders",
    section: "4.4",
    of: "orders::LIST",
    run: async (client, options) => client.orders({}, options).next(),
    body: () => wirePage([wireOrder()]),
  },
  {
    name: "pollOrders",
    section: "4.4",
    of: "orders::LIST",
    run: (client, options) => client.pollOrders(null, options),
    body: () => wirePage([wireOrder()]),
  },
  { name: "getOrder", section: "4.6", of: "orders::GET", segments: [RX_ID], body: () => envelope(wireOrder()) },
  {
    name: "downloadScan",
    section: "4.7",
    of: "downloads::SCAN",
    segments: [700100, "IDE"],
    run: (client, options) => client.downloadScan(700100, "IDE", { waitMs: 0, ...options }),
    ok: () => noContent(),
  },
  {
    name: "listScreenCaptures",
    section: "4.8",
    of: "screen_captures::LIST",
    argument: {},
    body: () => wireCaptures({ 700100: [wireCapture("https://files.invalid/x/7", "2026-11-20T01:02:03.004Z")] }),
  },
  {
    name: "downloadScreenCapture",
    section: "4.9",
    of: "downloads::CAPTURE",
    segments: [700100, "capture-7"],
    ok: () => JPEG,
  },
  {
    name: "searchPatients",
    section: "5.1",
    of: "patients::SEARCH",
    argument: { firstName: "Pat", lastName: "Example", chartNumber: "C-17" },
    body: () => [wireMatch()],
  },
  {
    name: "listPatients",
    section: "5.2",
    of: "patients::LIST",
    argument: {},
    body: () => wirePatients([wirePatient()]),
  },
  {
    name: "patients",
    section: "5.2",
    of: "patients::LIST",
    run: async (client, options) => client.patients({}, options).next(),
    body: () => wirePatients([wirePatient()]),
  },
  {
    name: "updatePatient",
    section: "5.3",
    of: "patients::UPDATE",
    argument: { patientId: PATIENT_ID, lastName: "Changed" },
    body: () => wireRecord(),
  },
  {
    name: "updatePatientByChartNumber",
    section: "5.4",
    of: "patients::UPDATE_BY_CHART",
    argument: { chartNumber: "C-17", lastName: "Changed" },
    ok: () => text(200, ""),
  },
];

/** The escape hatch, whose endpoint the caller chooses. @type {ApiCall} */
const REQUEST = {
  name: "request",
  section: "all",
  method: "GET",
  endpoint: "request",
  path: `${BASE_PATHS.V2}/anything/else`,
  takes: [],
  run: (client, options) => client.request("GET", "anything/else", null, options),
  body: () => ({ any: "thing" }),
  ok: () => json(200, { any: "thing" }),
  reads: "json",
};

/** @returns {ApiCall} */
function callOf({ of, segments = [], ...call }) {
  const { version, method, path, takes, reads } = ENDPOINTS[of];
  const rest = [...segments];
  const filled = path.replace(/:\w+/g, () => encodeURIComponent(String(rest.shift())));
  return {
    method,
    endpoint: path,
    path: `${BASE_PATHS[version]}/${filled}`,
    takes,
    reads,
    run: (client, options, argument = call.argument) =>
      argument === undefined ? client[call.name](...segments, options) : client[call.name](argument, options),
    ok: () => json(200, call.body()),
    ...call,
  };
}

/** @type {ApiCall[]} */
export const CALLS = [...ALL.map(callOf), REQUEST];

/** Returns the calls with these names, in this order. */
export const calls = (...names) =>
  names.map((name) => {
    const call = CALLS.find((each) => each.name === name);
    if (!call) throw new Error(`no call ${name}`);
    return call;
  });
