//! Sends callbacks. Each is tried once, since callbacks of the real service get lost too.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use gloo_net::http::Request;
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortSignal, ReadableStream, RequestRedirect, Response, Url};

use super::trap::guarded;
use crate::sandbox::Push;

/// How many callbacks are in flight at once; the others wait.
const CONCURRENCY: u32 = 4;

/// A receiver that takes longer counts as failed.
const TIMEOUT_MS: u32 = 10_000;

/// The callbacks of a sandbox.
#[derive(Default)]
pub(super) struct Callbacks(RefCell<Queue>);

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Push>,
    /// How many senders there are, each with a callback in flight.
    senders: u32,
    /// The functions that resolve the promises of `settled`.
    listeners: Vec<Function>,
}

impl Callbacks {
    /// Sends callbacks in their order.
    pub(super) fn send(self: &Rc<Self>, callbacks: Vec<Push>) {
        let mut queue = self.0.borrow_mut();
        let most = u32::try_from(callbacks.len()).unwrap_or(u32::MAX);
        queue.waiting.extend(callbacks);
        for _ in 0..most.min(CONCURRENCY - queue.senders) {
            queue.senders += 1;
            spawn_local(Rc::clone(self).send_all());
        }
    }

    /// Resolves when no callback is in flight or waiting.
    pub(super) fn settled(&self) -> Promise {
        let mut queue = self.0.borrow_mut();
        if queue.senders == 0 {
            return Promise::resolve(&JsValue::UNDEFINED);
        }
        Promise::new(&mut |resolve, _| queue.listeners.push(resolve))
    }

    async fn send_all(self: Rc<Self>) {
        while let Some(callback) = self.next() {
            // If the receiver cannot be reached, the callback is lost.
            let _ = post(callback).await;
        }
        for resolve in self.end_sender() {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    }

    fn next(&self) -> Option<Push> {
        self.0.borrow_mut().waiting.pop_front()
    }

    /// Removes a sender. If it was the last one, returns the functions to call.
    fn end_sender(&self) -> Vec<Function> {
        let mut queue = self.0.borrow_mut();
        queue.senders -= 1;
        if queue.senders == 0 { std::mem::take(&mut queue.listeners) } else { Vec::new() }
    }
}

#[wasm_bindgen]
extern "C" {
    /// gloo-net's own `send` panics if the result is not a `Response` or an `Error`, as in tests that replace `fetch`.
    #[wasm_bindgen(catch)]
    fn fetch(request: &web_sys::Request) -> Result<JsValue, JsValue>;
}

async fn post(Push { url, body }: Push) -> Result<(), JsValue> {
    // gloo-net panics at an invalid URL if the platform's `TypeError` belongs to another realm.
    Url::new(&url)?;
    let request = Request::post(&url)
        .header("Content-Type", "application/json")
        .redirect(RequestRedirect::Manual)
        .abort_signal(Some(&AbortSignal::timeout_with_u32(TIMEOUT_MS)))
        .body(body)
        .map_err(JsError::from)?;
    let sent = fetch(&request.into())?;
    let response = JsFuture::from(Promise::resolve(&sent)).await?;
    let cancel = |body: ReadableStream| JsFuture::from(body.cancel());
    if let Some(cancelled) = guarded(|| Ok(response.dyn_ref::<Response>().and_then(Response::body).map(cancel)))? {
        cancelled.await?;
    }
    Ok(())
}
