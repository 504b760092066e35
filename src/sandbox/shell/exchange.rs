//! Turns the practice's response into the platform's, with the faults that the practice chose: delayed, cut off, or no
//! response.

use gloo_timers::callback::Timeout;
use js_sys::{Error, ErrorOptions, Promise, Reflect, TypeError, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Headers, QueuingStrategy, ReadableStream, ReadableStreamDefaultController, ResponseInit,
    UnderlyingSource,
};

use crate::sandbox::{Ending, Response};

/// Returns the platform's response. Fails with the signal's reason if it aborts during the delay.
pub(super) async fn deliver(response: Response, signal: &AbortSignal) -> Result<web_sys::Response, JsValue> {
    if response.delay_ms > 0.0 {
        pause(response.delay_ms, signal).await?;
    }
    let headers = Headers::new()?;
    for (name, value) in &response.headers {
        headers.append(name, value)?;
    }
    let init = ResponseInit::new();
    init.set_status(response.status);
    init.set_headers(&headers);
    let body = Uint8Array::from(response.body.as_slice());
    match response.ending {
        Ending::Whole => {
            let body = Some(&body).filter(|body| body.length() > 0);
            web_sys::Response::new_with_opt_js_u8_array_and_init(body, &init)
        }
        Ending::CutAfter(bytes) => {
            let body = cut(body.subarray(0, bytes))?;
            web_sys::Response::new_with_opt_readable_stream_and_init(Some(&body), &init)
        }
        Ending::Reset => Err(connection_reset("fetch failed")?),
    }
}

/// Fails with the signal's reason if it has aborted.
pub(super) fn fail_if_aborted(signal: &AbortSignal) -> Result<(), JsValue> {
    if signal.aborted() { Err(signal.reason()) } else { Ok(()) }
}

/// Waits, or fails with the signal's reason once it aborts.
async fn pause(delay_ms: f64, signal: &AbortSignal) -> Result<(), JsValue> {
    let mut waiting = None;
    let over = Promise::new(&mut |resolve, _| {
        let end = resolve.clone();
        let timeout = Timeout::new(delay_ms.ceil() as u32, move || drop(end.call0(&JsValue::UNDEFINED)));
        let listening = signal.add_event_listener_with_callback("abort", &resolve);
        waiting = Some((timeout, resolve, listening));
    });
    let ended = JsFuture::from(over).await;
    if let Some((_timeout, listener, listening)) = waiting {
        signal.remove_event_listener_with_callback("abort", &listener)?;
        listening?;
    }
    ended?;
    fail_if_aborted(signal)
}

/// Returns a body with these bytes and then an error. The error waits until they are read, since it discards what is queued.
fn cut(bytes: Uint8Array) -> Result<ReadableStream, JsValue> {
    let mut unsent = Some(bytes).filter(|bytes| bytes.length() > 0);
    let pull = move |controller: ReadableStreamDefaultController| match unsent.take() {
        Some(bytes) => controller.enqueue_with_chunk(&bytes),
        None => {
            controller.error_with_e(&connection_reset("terminated")?);
            Ok(())
        }
    };
    let pull = Closure::<dyn FnMut(ReadableStreamDefaultController) -> Result<(), JsValue>>::new(pull);
    let source = UnderlyingSource::new();
    source.set_pull(pull.into_js_value().unchecked_ref());
    let strategy = QueuingStrategy::new();
    strategy.set_high_water_mark(0.0);
    ReadableStream::new_with_underlying_source_and_strategy(&source, &strategy)
}

/// Returns the error with which `fetch` rejects, and a body's stream fails, when the other side breaks the connection.
fn connection_reset(message: &str) -> Result<JsValue, JsValue> {
    let cause = Error::new("read ECONNRESET");
    Reflect::set(&cause, &"code".into(), &"ECONNRESET".into())?;
    Ok(TypeError::new_with_options(message, &ErrorOptions::new(&cause)).into())
}
