//! The boundary to JavaScript: JSON in and out. The other side is in `pkg-template/lib/webhook`.

use js_sys::{ArrayBuffer, Error, Reflect, Uint8Array};
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use super::clock::Millis;
use super::inbox::live::{LiveInput, Opening};
use super::inbox::rows::Rows;
use super::receive::{Callback, Keys, notification};
use super::relay::answer::Answer;
use super::reply::to_json;
use super::settings::{Settings, Variables};
use super::{Reply, inbox, relay, sessions};
use crate::json;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** The rows of an inbox. */
export interface InboxRows {
  get(key: string): string | undefined;
  /** Keys and values in turn, for the keys from `from` on and below `to`, ascending; `limit` pairs at most. */
  list(from: string, to: string, limit: number): string[];
  /** How many keys there are from `from` on and below `to`; counts up to `limit`. */
  count(from: string, to: string, limit: number): number;
  /** Whether there are at least `most` of these keys. */
  areAsMany(from: string, to: string, most: number): boolean;
}
"#;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "InboxRows")]
    pub type JsRows;

    #[wasm_bindgen(method)]
    fn get(this: &JsRows, key: &str) -> Option<String>;

    #[wasm_bindgen(method)]
    fn list(this: &JsRows, from: &str, to: &str, limit: u32) -> Vec<String>;

    #[wasm_bindgen(method)]
    fn count(this: &JsRows, from: &str, to: &str, limit: u32) -> u32;

    #[wasm_bindgen(method, js_name = areAsMany)]
    fn are_as_many(this: &JsRows, from: &str, to: &str, most: u32) -> bool;
}

impl Rows for JsRows {
    fn get(&self, key: &str) -> Option<String> {
        JsRows::get(self, key)
    }

    fn list(&self, from: &str, to: &str, limit: usize) -> Vec<(String, String)> {
        let mut flat = JsRows::list(self, from, to, limit.try_into().unwrap_or(u32::MAX)).into_iter();
        std::iter::from_fn(|| flat.next().zip(flat.next())).collect()
    }

    fn count(&self, from: &str, to: &str, limit: usize) -> usize {
        JsRows::count(self, from, to, limit.try_into().unwrap_or(u32::MAX)) as usize
    }

    fn are_as_many(&self, from: &str, to: &str, most: usize) -> bool {
        JsRows::are_as_many(self, from, to, most.try_into().unwrap_or(u32::MAX))
    }
}

/// Returns what to do with a request: `{ reply }`, `{ read: { reading, content } }` or `{ forward: { practice, input } }`.
#[wasm_bindgen]
pub fn receive(
    head: &str,
    callback_secrets: String,
    admin_key: String,
    unusable: Vec<String>,
) -> Result<String, Error> {
    Ok(to_json(&super::receive(&parse(head)?, &Keys { callback_secrets, admin_key, unusable })))
}

/// Returns what to do with the body of a request, which has to be `content`: `{ reply }` or `{ forward }`.
#[wasm_bindgen]
pub fn take(content: &str, body: Box<[u8]>) -> Result<String, Error> {
    Ok(to_json(&super::receive::take(&parse(content)?, &body)))
}

/// Returns what to do about a notification that an inbox replied 428 to: each `{ practice, input }` in turn, as long as the
/// replies are successful.
#[wasm_bindgen]
pub fn admission(input: &str) -> Result<String, Error> {
    Ok(to_json(&super::receive::admission(parse(input)?)))
}

/// Returns what to do with a request below `/practices`: `{ other }`, `{ reply }`, `{ read }`, `{ relay }`, `{ live }`,
/// `{ close }` or `{ forward: { forward, headers } }`.
#[wasm_bindgen]
pub fn visit(visit: &str, body: Option<Box<[u8]>>) -> Result<String, Error> {
    Ok(to_json(&super::visit(&parse(visit)?, body.as_deref())))
}

/// Returns what to do after a call that was passed on: `{ pass }`, `{ renew }`, `{ follow }` or `{ reply }`.
#[wasm_bindgen]
pub fn answered(answer: &str) -> Result<String, Error> {
    Ok(to_json(&parse::<Answer>(answer)?.next()))
}

/// Returns the reply to a call that is not passed on: `busy` if too many are in flight, or `not-located` if the practice is
/// registered without V3.
#[wasm_bindgen(js_name = relayRefusal)]
pub fn relay_refusal(reason: &str) -> String {
    to_json(&if reason == "busy" { relay::busy() } else { relay::not_located() })
}

/// Creates a session token: `{ token, expiresAt }`, or `{ errors }`, which name what is wrong with the options.
#[wasm_bindgen(js_name = createSession)]
pub fn create_session(options: &str, secrets: &str, id: &str, now: f64) -> String {
    match sessions::create(options.as_bytes(), secrets, id, now as Millis) {
        Ok(granted) => to_json(&granted),
        Err(errors) => Reply::invalid(&errors).body,
    }
}

/// Returns whether each of the comma-separated session secrets is long enough.
#[wasm_bindgen(js_name = areSessionSecrets)]
pub fn are_session_secrets(secrets: &str) -> bool {
    sessions::are_usable(secrets)
}

/// Returns the reply to a stored notification, for receivers with a store of their own.
#[wasm_bindgen]
pub fn accepted() -> String {
    to_json(&Reply::accepted())
}

/// Returns the reply to a request whose body ended early or took too long.
#[wasm_bindgen]
pub fn incomplete() -> String {
    to_json(&Reply::incomplete())
}

/// Returns the reply for when storage or the practice's object fails: nothing was acknowledged.
#[wasm_bindgen]
pub fn unavailable() -> String {
    to_json(&Reply::unavailable("The request could not be stored. Try again."))
}

/// Returns what to store, which calls to make and what to reply after `input`. `flights` are the ids of the calls in
/// flight; `now` is in milliseconds since 1970.
#[wasm_bindgen]
pub fn step(rows: &JsRows, settings: &str, input: &str, flights: Vec<String>, now: f64) -> Result<String, Error> {
    let settings = Settings::read(&parse::<Variables>(settings)?);
    Ok(to_json(&inbox::step(rows, &settings, parse(input)?, flights, now as Millis)))
}

/// Returns what to do when a socket is requested. `readers` holds what the practice's other sockets carry, one per line;
/// events up to `stored` are on disk.
#[wasm_bindgen(js_name = liveOpen)]
pub fn live_open(rows: &JsRows, readers: &str, opening: &str, stored: f64, now: f64) -> Result<String, Error> {
    let opening = Opening::parse(opening).ok_or_else(unknown)?;
    Ok(live(rows, readers, LiveInput::Open(opening), stored, now))
}

/// Returns what to send to the sockets of a practice, and which of them to close.
#[wasm_bindgen(js_name = liveLook)]
pub fn live_look(rows: &JsRows, readers: &str, stored: f64, now: f64) -> String {
    live(rows, readers, LiveInput::Look, stored, now)
}

/// Returns what to do about a message from a socket, which carries `reader`.
#[wasm_bindgen(js_name = liveMessage)]
pub fn live_message(rows: &JsRows, reader: &str, message: String, stored: f64, now: f64) -> String {
    live(rows, reader, LiveInput::Message(message), stored, now)
}

fn live(rows: &JsRows, readers: &str, input: LiveInput, stored: f64, now: f64) -> String {
    let readers: Vec<String> = readers.lines().map(str::to_owned).collect();
    to_json(&inbox::live::live(rows, &readers, input, stored as u64, now as Millis))
}

/// Reads the body of a callback (§4.5.2); returns a `Callback`. Throws an `Error` whose message names the field that is wrong.
#[wasm_bindgen(js_name = parseCallback)]
pub fn parse_callback(
    #[wasm_bindgen(unchecked_param_type = "Uint8Array | string")] body: &JsValue,
) -> Result<String, Error> {
    let body = match body.as_string() {
        Some(text) => text.into_bytes(),
        None => bytes(body).ok_or_else(|| Error::new("body must be a Uint8Array or a string"))?,
    };
    let notification = notification(&body).map_err(|error| {
        let field = if error.field.is_empty() { "the callback" } else { &error.field };
        Error::new(&format!("{field} {}", error.message))
    })?;
    Ok(to_json(&Callback { rx_id: notification.rx_id, company_id: notification.company_id }))
}

/// Returns the bytes of a `Uint8Array`. It is recognized by its type tag, since an array of another realm, such as jsdom's, is
/// not an instance of this realm's class.
fn bytes(value: &JsValue) -> Option<Vec<u8>> {
    let element_size = Reflect::get(value, &"BYTES_PER_ELEMENT".into()).ok()?.as_f64();
    (ArrayBuffer::is_view(value) && element_size == Some(1.0)).then(|| value.unchecked_ref::<Uint8Array>().to_vec())
}

fn parse<T: DeserializeOwned>(json: &str) -> Result<T, Error> {
    json::read(json).ok_or_else(unknown)
}

fn unknown() -> Error {
    Error::new("the shell passes what the core does not know")
}
