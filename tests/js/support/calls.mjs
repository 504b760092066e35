// Every call of the client once, as data, for tests of what all calls have in common.
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

const V2 = "/api/third-party/v2";
const V3 = "/third-party/v3";
const JPEG = raw(200, Buffer.from([0xff, 0xd8, 0xff, 0xd9]), { "Content-Type": "image/jpeg" });

/**
 * @typedef {object} ApiCall
 * @property {string} name the client's method
 * @property {string} section the document's section
 * @property {string} method
 * @property {string} endpoint the template that errors and events show
 * @property {string} path the request's path, without its query
 * @property {(client: import("itero-dpms").DpmsClient, options?: object) => Promise<any>} run
 * @property {"json" | "download" | "nothing"} reads how the response's body is read
 * @property {() => unknown} [body] the JSON of a successful response
 * @property {() => import("./faulty-server.mjs").Step} ok the step of a successful response
 */

const ALL = [
  {
    name: "practiceConfiguration",
    section: "4.1",
    method: "GET",
    endpoint: "practice-configuration",
    path: `${V2}/practice-configuration`,
    run: (client, options) => client.practiceConfiguration(options),
    body: () => envelope(wirePractice()),
    reads: "json",
  },
  {
    name: "createScanRequest",
    section: "4.2",
    method: "POST",
    endpoint: "scan-request",
    path: `${V2}/scan-request`,
    run: (client, options) => client.createScanRequest(scanRequest(), options),
    body: () => envelope(RX_ID),
    reads: "json",
  },
  {
    name: "deleteScanRequest",
    section: "4.3",
    method: "DELETE",
    endpoint: "scan-request/:rxId",
    path: `${V2}/scan-request/${RX_ID}`,
    run: (client, options) => client.deleteScanRequest(RX_ID, options),
    body: () => envelope(RX_ID),
    reads: "json",
  },
  {
    name: "listOrders",
    section: "4.4",
    method: "GET",
    endpoint: "orders/practice",
    path: `${V2}/orders/practice`,
    run: (client, options) => client.listOrders({}, options),
    body: () => wirePage([wireOrder()]),
    reads: "json",
  },
  {
    name: "orders",
    section: "4.4",
    method: "GET",
    endpoint: "orders/practice",
    path: `${V2}/orders/practice`,
    run: async (client, options) => client.orders({}, options).next(),
    body: () => wirePage([wireOrder()]),
    reads: "json",
  },
  {
    name: "pollOrders",
    section: "4.4",
    method: "GET",
    endpoint: "orders/practice",
    path: `${V2}/orders/practice`,
    run: (client, options) => client.pollOrders(null, options),
    body: () => wirePage([wireOrder()]),
    reads: "json",
  },
  {
    name: "getOrder",
    section: "4.6",
    method: "GET",
    endpoint: "orders/:rxId",
    path: `${V2}/orders/${RX_ID}`,
    run: (client, options) => client.getOrder(RX_ID, options),
    body: () => envelope(wireOrder()),
    reads: "json",
  },
  {
    name: "downloadScan",
    section: "4.7",
    method: "GET",
    endpoint: "order/:orderId/download/:assetType",
    path: `${V2}/order/700100/download/IDE`,
    run: (client, options) => client.downloadScan(700100, "IDE", { waitMs: 0, ...options }),
    ok: () => noContent(),
    reads: "download",
  },
  {
    name: "listScreenCaptures",
    section: "4.8",
    method: "GET",
    endpoint: "latest-files",
    path: `${V2}/latest-files`,
    run: (client, options) => client.listScreenCaptures(null, options),
    body: () => wireCaptures({ 700100: [wireCapture("https://files.invalid/x/7", "2026-11-20T01:02:03.004Z")] }),
    reads: "json",
  },
  {
    name: "downloadScreenCapture",
    section: "4.9",
    method: "GET",
    endpoint: "order/:orderId/download/SCREEN_CAPTURE/:screenCaptureId",
    path: `${V2}/order/700100/download/SCREEN_CAPTURE/capture-7`,
    run: (client, options) => client.downloadScreenCapture(700100, "capture-7", options),
    ok: () => JPEG,
    reads: "download",
  },
  {
    name: "searchPatients",
    section: "5.1",
    method: "GET",
    endpoint: "patient/search",
    path: `${V2}/patient/search`,
    run: (client, options) =>
      client.searchPatients({ firstName: "Pat", lastName: "Example", chartNumber: "C-17" }, options),
    body: () => [wireMatch()],
    reads: "json",
  },
  {
    name: "listPatients",
    section: "5.2",
    method: "GET",
    endpoint: "patient/search",
    path: `${V3}/patient/search`,
    run: (client, options) => client.listPatients({}, options),
    body: () => wirePatients([wirePatient()]),
    reads: "json",
  },
  {
    name: "patients",
    section: "5.2",
    method: "GET",
    endpoint: "patient/search",
    path: `${V3}/patient/search`,
    run: async (client, options) => client.patients({}, options).next(),
    body: () => wirePatients([wirePatient()]),
    reads: "json",
  },
  {
    name: "updatePatient",
    section: "5.3",
    method: "PATCH",
    endpoint: "patients",
    path: `${V2}/patients`,
    run: (client, options) => client.updatePatient({ patientId: PATIENT_ID, lastName: "Changed" }, options),
    body: () => wireRecord(),
    reads: "json",
  },
  {
    name: "updatePatientByChartNumber",
    section: "5.4",
    method: "PATCH",
    endpoint: "patient/by-chart-number",
    path: `${V2}/patient/by-chart-number`,
    run: (client, options) => client.updatePatientByChartNumber({ chartNumber: "C-17", lastName: "Changed" }, options),
    ok: () => text(200, ""),
    reads: "nothing",
  },
  {
    name: "request",
    section: "all",
    method: "GET",
    endpoint: "request",
    path: `${V2}/anything/else`,
    run: (client, options) => client.request("GET", "anything/else", null, options),
    body: () => ({ any: "thing" }),
    reads: "json",
  },
];

/** @type {ApiCall[]} */
export const CALLS = ALL.map((call) => ({ ok: () => json(200, call.body()), ...call }));

/** Returns the calls with these names, in this order. */
export const calls = (...names) =>
  names.map((name) => {
    const call = CALLS.find((each) => each.name === name);
    if (!call) throw new Error(`no call ${name}`);
    return call;
  });
