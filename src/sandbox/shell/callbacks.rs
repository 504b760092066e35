//! Sends callbacks. Each is tried once: the real service's callbacks get lost too.

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

/// How many are under way at once; the others wait for their turn.
const CONCURRENCY: u32 = 4;

/// A receiver that takes longer has failed.
const TIMEOUT_MS: u32 = 10_000;

/// The callbacks of a sandbox.
#[derive(Default)]
pub(super) struct Callbacks(RefCell<Queue>);

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Push>,
    /// How many senders there are, each with a callback under way.
    senders: u32,
    /// What resolves the promises of `settled`.
    listeners: Vec<Function>,
}

impl Callbacks {
    /// Sends callbacks, in turn.
    pub(super) fn send(self: &Rc<Self>, callbacks: Vec<Push>) {
        let mut queue = self.0.borrow_mut();
        let most = u32::try_from(callbacks.len()).unwrap_or(u32::MAX);
        queue.waiting.extend(callbacks);
        for _ in 0..most.min(CONCURRENCY - queue.senders) {
            queue.senders += 1;
            spawn_local(Rc::clone(self).send_all());
        }
    }

    /// Resolves when no callback is under way or waits.
    pub(super) fn settled(&self) -> Promise {
        let mut queue = self.0.borrow_mut();
        if queue.senders == 0 {
            return Promise::resolve(&JsValue::UNDEFINED);
        }
        Promise::new(&mut |resolve, _| queue.listeners.push(resolve))
    }

    async fn send_all(self: Rc<Self>) {
        while let Some(callback) = self.next() {
            // A receiver that is away misses the callback.
            let _ = post(callback).await;
        }
        for resolve in self.end_sender() {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    }

    fn next(&self) -> Option<Push> {
        self.0.borrow_mut().waiting.pop_front()
    }

    /// Counts a sender less. Returns who waits for the last one to end.
    fn end_sender(&self) -> Vec<Function> {
        let mut queue = self.0.borrow_mut();
        queue.senders -= 1;
        if queue.senders == 0 { std::mem::take(&mut queue.listeners) } else { Vec::new() }
    }
}

#[wasm_bindgen]
extern "C" {
    /// gloo-net's own `send` panics at what is not a `Response` or an `Error`, as tests that replace `fetch` give it.
    #[wasm_bindgen(catch)]
    fn fetch(request: &web_sys::Request) -> Result<JsValue, JsValue>;
}

async fn post(Push { url, body }: Push) -> Result<(), JsValue> {
    // gloo-net panics at a URL that cannot be read, if the platform's `TypeError` is of another realm.
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
