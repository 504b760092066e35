//! Telemetry that holds nothing of a patient, a token or a URL. `platform.js` tells it.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A step of a call, for `onEvent`. Holds no token, URL, query, body or patient's data. */
export interface ClientEvent {
  /** Which step. */
  type: EventType;
  /** The HTTP method. */
  method: string;
  /** The path as a template, such as `orders/:rxId`. */
  endpoint: string;
  /** Which request of the call, from 1. */
  attempt: number;
  /** `response`: the HTTP status. */
  status?: number;
  /** `response`: from the request to the answer's headers, in milliseconds. */
  durationMs?: number;
  /** `retry` and `wait`: until the next request, in milliseconds. */
  delayMs?: number;
}

/**
 * The steps of a call: a `request` is sent; a `response`'s headers are there; the call failed and will be tried again
 * (`retry`); the token was refused and a new one is asked for (`refresh`); the 3D files are being made and will be asked
 * for again (`wait`).
 */
export type EventType = "request" | "response" | "retry" | "refresh" | "wait";
"#;
