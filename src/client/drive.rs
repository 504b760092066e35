//! Carries out the effects of a call, one after the other: the loop that `engine` describes.

use std::rc::Rc;

use js_sys::{Date, Function, Math, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::AbortController;

use super::downloads::DownloadProgress;
use super::event::{ClientEvent, EventType};
use super::fetch::{self, OpenExchange};
use super::output::{object_of, parse};
use super::{Shared, keep_token, task};
use crate::engine::call::{Call, PreparedCall};
use crate::engine::effect::Pause;
use crate::engine::error::DpmsError;
use crate::engine::pages::Listed;
use crate::engine::response::BodyLength;
use crate::engine::{Effect, Env, Event, HttpRequest, Output, Policy};

#[wasm_bindgen(module = "/src/client/platform.js")]
extern "C" {
    fn race(promise: &Promise, signal: &JsValue, timeout_ms: f64) -> Promise;

    #[wasm_bindgen(js_name = isTimeout)]
    fn is_timeout(error: &JsValue) -> bool;

    fn pause(delay_ms: f64, signal: &JsValue, heard: &JsValue) -> Promise;

    fn notify(listener: &Function, value: &JsValue);

    #[wasm_bindgen(js_name = readBody)]
    fn read_body(
        response: &JsValue,
        exchange: &AbortController,
        signal: &JsValue,
        timeout_ms: f64,
        left_ms: f64,
        max_bytes: u32,
    ) -> Promise;

    fn drain(response: &JsValue, exchange: &AbortController);
}

#[wasm_bindgen(module = "/src/client/download.js")]
extern "C" {
    fn watched(response: &JsValue, exchange: &AbortController, signal: &JsValue, watch: &JsValue) -> Promise;
}

#[wasm_bindgen(module = "/src/client/error.js")]
extern "C" {
    /// What is kept of something that was thrown.
    type Cause;

    #[wasm_bindgen(js_name = causeOf)]
    fn cause_of(thrown: &JsValue) -> Cause;

    #[wasm_bindgen(method, getter)]
    fn code(this: &Cause) -> Option<String>;

    #[wasm_bindgen(js_name = isMisuse)]
    fn is_misuse(error: &JsValue) -> bool;

    #[wasm_bindgen(js_name = withCause)]
    fn with_cause(error: &JsValue, cause: Option<Cause>) -> JsValue;
}

/// What a call gives its caller.
pub(super) enum Delivery {
    Output(Box<Output>),
    /// A response whose body streams.
    Response(JsValue),
}

/// What a promise came to.
enum Settled {
    Value(JsValue),
    TimedOut,
    Failed(JsValue),
}

/// What a call was made with, or all calls of a walk.
#[derive(Clone)]
pub(super) struct Terms {
    /// What events know it by.
    pub call_id: u32,
    pub policy: Policy,
    /// `undefined` where there is none.
    pub signal: JsValue,
    pub on_progress: Option<Function>,
}

/// A call under way, and what it holds of the platform.
pub(super) struct Driver {
    shared: Rc<Shared>,
    call: Call,
    terms: Terms,
    /// Which request this is, from 1.
    attempt: u32,
    exchange: Option<OpenExchange>,
    /// What is kept of what the platform or the caller's function threw last.
    cause: Option<Cause>,
    /// Whether the call failed, rather than being given up.
    has_failed: bool,
}

impl Driver {
    pub(super) fn new(shared: &Rc<Shared>, prepared: PreparedCall, terms: Terms) -> Self {
        Self {
            shared: Rc::clone(shared),
            call: Call::new(prepared, terms.policy),
            terms,
            attempt: 1,
            exchange: None,
            cause: None,
            has_failed: false,
        }
    }

    /// Returns what the call gives. Rejects with a `DpmsError`, or with the signal's own reason.
    pub(super) async fn next(&mut self) -> Result<Delivery, JsValue> {
        let outcome = self.advance().await;
        if outcome.is_err() && !self.has_failed {
            self.emit(EventType::Cancelled, |_| {});
        }
        outcome
    }

    /// The same, of a call for a page of a list.
    pub(super) async fn next_page(&mut self) -> Result<Listed, JsValue> {
        if let Delivery::Output(output) = self.next().await?
            && let Output::Listed(page) = *output
        {
            return Ok(page);
        }
        Err(JsValue::UNDEFINED) // the call gives something else
    }

    async fn advance(&mut self) -> Result<Delivery, JsValue> {
        let mut event = Event::Continue;
        loop {
            let effect = self.call.next(&self.shared.transport, event, env());
            self.check_signal()?;
            if !matches!(effect, Effect::ReadBody { .. } | Effect::Stream { .. }) {
                self.leave_body();
            }
            event = match effect {
                Effect::AskToken { timeout_ms } => self.ask_token(timeout_ms).await?,
                Effect::Refresh { begin, rejected, given, timeout_ms, wait_ms } => {
                    if begin {
                        self.begin_refresh(rejected, given, timeout_ms);
                    }
                    self.await_refresh(wait_ms).await?
                }
                Effect::Send { token, redirected, attempt, timeout_ms } => {
                    self.send(&token, redirected.as_deref(), attempt, timeout_ms).await?
                }
                Effect::ReadBody { timeout_ms, left_ms, max_bytes } => {
                    self.read_body(timeout_ms, left_ms, max_bytes).await?
                }
                Effect::Stream { length, timeout_ms, left_ms, stalled, late, truncated } => {
                    match self.stream(length, [timeout_ms, left_ms], [stalled, late, truncated]).await? {
                        Settled::Value(value) => match value.dyn_into::<Uint8Array>() {
                            Ok(bytes) => Event::Body(bytes.to_vec()),
                            Err(response) => return Ok(Delivery::Response(response)),
                        },
                        Settled::TimedOut => Event::TimedOut,
                        Settled::Failed(error) if is_misuse(&error) => return Err(self.misused()),
                        Settled::Failed(error) => self.failed(error),
                    }
                }
                Effect::Sleep { delay_ms, pause } => self.sleep(delay_ms, pause).await?,
                Effect::Done(output) => {
                    if let Some(ignored) = output.ignored() {
                        self.emit(EventType::UnexpectedValue, |event| {
                            event.path = Some(ignored.path.clone());
                            event.count = Some(ignored.count);
                        });
                    }
                    return Ok(Delivery::Output(Box::new(output)));
                }
                Effect::Fail(error) => return Err(self.fail(error)),
            };
        }
    }

    async fn ask_token(&mut self, timeout_ms: f64) -> Result<Event, JsValue> {
        let Some(access_token) = &self.shared.functions.access_token else { return Ok(Event::Token(None)) };
        let promise = fetch::call(access_token, &[]);
        Ok(match self.settled(&promise, timeout_ms).await? {
            Settled::Value(token) => Event::Token(token.as_string()),
            Settled::TimedOut => Event::TimedOut,
            Settled::Failed(error) => self.failed(error),
        })
    }

    /// Begins a refresh for every call that waits for one. It belongs to none of them: the call that began it may be
    /// aborted.
    fn begin_refresh(&self, rejected: String, given: String, timeout_ms: f64) {
        self.emit(EventType::Refresh, |_| {});
        let Some(refresh) = &self.shared.functions.refresh else { return };
        let asked = fetch::call(refresh, &[&rejected.into()]);
        let shared = Rc::clone(&self.shared);
        let number = shared.transport.auth.borrow().refreshes();
        let promise = task::run(async move {
            let outcome = task::result_of(&race(&asked, &JsValue::UNDEFINED, timeout_ms)).await;
            let token = outcome.as_ref().ok().and_then(JsValue::as_string);
            let refreshed = shared.transport.auth.borrow_mut().refreshed(number, given.clone(), token);
            if let Some(token) = refreshed {
                keep_token(&shared.session, &given, &token);
            }
            outcome
        });
        self.shared.refreshing.replace(Some(promise));
    }

    async fn await_refresh(&mut self, timeout_ms: f64) -> Result<Event, JsValue> {
        let refreshing = self.shared.refreshing.borrow().clone();
        let Some(promise) = refreshing else { return Ok(Event::Token(None)) };
        Ok(match self.settled(&promise, timeout_ms).await? {
            Settled::Value(token) => Event::Token(token.as_string()),
            Settled::TimedOut => Event::TimedOut,
            Settled::Failed(error) => self.failed(error),
        })
    }

    async fn send(
        &mut self,
        token: &str,
        redirected: Option<&str>,
        attempt: u32,
        timeout_ms: f64,
    ) -> Result<Event, JsValue> {
        self.attempt = attempt;
        let controller = AbortController::new()?;
        let request = match fetch::request(self.request(), redirected, token, &controller) {
            Ok(request) => request,
            Err(error) => return Ok(self.failed(error)),
        };
        self.emit(EventType::Request, |_| {});
        let sent_at = Date::now();
        let promise = fetch::send(self.shared.functions.fetch.as_ref(), &request);
        let response = match self.settled(&promise, timeout_ms).await {
            Ok(Settled::Value(response)) => response,
            outcome => {
                controller.abort();
                return Ok(match outcome? {
                    Settled::Failed(error) if is_misuse(&error) => return Err(self.misused()),
                    Settled::Failed(error) => self.failed(error),
                    _ => Event::TimedOut,
                });
            }
        };
        match fetch::head(&response, &request.url()) {
            Ok((status, headers)) => {
                self.exchange = Some(OpenExchange { controller, response });
                self.emit(EventType::Response, |event| {
                    event.status = Some(status);
                    event.duration_ms = Some(Date::now() - sent_at);
                });
                Ok(Event::Response { status, headers })
            }
            Err(_) => {
                controller.abort();
                Err(self.misused())
            }
        }
    }

    async fn read_body(&mut self, timeout_ms: f64, left_ms: f64, max_bytes: u32) -> Result<Event, JsValue> {
        let Some(OpenExchange { controller, response }) = self.exchange.take() else { return Ok(Event::Failed(None)) };
        let promise = read_body(&response, &controller, &self.terms.signal, timeout_ms, left_ms, max_bytes);
        Ok(match self.outcome(task::result_of(&promise).await)? {
            Settled::Value(bytes) if bytes.is_null() => Event::TooLarge,
            Settled::Value(bytes) => Event::Body(bytes.unchecked_ref::<Uint8Array>().to_vec()),
            Settled::TimedOut => Event::TimedOut,
            Settled::Failed(error) if is_misuse(&error) => return Err(self.misused()),
            Settled::Failed(error) => {
                self.failed(error);
                Event::Failed(None)
            }
        })
    }

    async fn stream(
        &mut self,
        length: Option<BodyLength>,
        [timeout_ms, left_ms]: [f64; 2],
        errors: [DpmsError; 3],
    ) -> Result<Settled, JsValue> {
        let Some(OpenExchange { controller, response }) = self.exchange.take() else {
            return Ok(Settled::Failed(JsValue::UNDEFINED));
        };
        let [stalled, late, truncated] = errors.map(JsValue::from);
        let watch = object_of([
            ("timeoutMs", timeout_ms.into()),
            ("leftMs", left_ms.into()),
            ("length", length.map(|length| length.bytes as f64).into()),
            ("isExact", length.is_some_and(|length| length.exact).into()),
            ("onProgress", self.terms.on_progress.clone().into()),
            ("onEvent", self.shared.functions.on_event.clone().into()),
            ("errors", object_of([("stalled", stalled), ("late", late), ("truncated", truncated)])),
            ("failed", parse(&self.event(EventType::Failure).json())),
        ]);
        let promise = watched(&response, &controller, &self.terms.signal, &watch);
        self.outcome(task::result_of(&promise).await)
    }

    async fn sleep(&mut self, delay_ms: f64, reason: Pause) -> Result<Event, JsValue> {
        let step = match reason {
            Pause::Retry => EventType::Retry,
            Pause::Generating => EventType::Wait,
        };
        let delay_ms = delay_ms.floor();
        self.emit(step, |event| event.delay_ms = Some(delay_ms));
        let heard = match (reason, &self.terms.on_progress) {
            (Pause::Generating, Some(on_progress)) => {
                on_progress.call1(&JsValue::UNDEFINED, &parse(DownloadProgress::WAITING))?
            }
            _ => JsValue::UNDEFINED,
        };
        task::result_of(&pause(delay_ms, &self.terms.signal, &heard)).await?;
        Ok(Event::Continue)
    }

    /// The request that the call makes.
    pub(super) fn request(&self) -> &HttpRequest {
        self.call.request()
    }

    /// The error that the call rejects with.
    pub(super) fn fail(&mut self, error: DpmsError) -> JsValue {
        self.has_failed = true;
        if error.endpoint.is_some() {
            let (kind, status) = (error.kind, error.status);
            self.emit(EventType::Failure, |event| {
                event.kind = Some(kind);
                event.status = status;
            });
        }
        with_cause(&error.into(), self.cause.take())
    }

    /// The failure of a `fetch` that is not one.
    fn misused(&mut self) -> JsValue {
        let must = "must return a Response whose body is null or an unread stream of bytes, and must work without its \
                    object: pass (request) => api.fetch(request), not api.fetch";
        let error = self.request().fails(DpmsError::misused("fetch", must), self.attempt);
        self.fail(error)
    }

    /// Awaits a promise, but no longer than that. Fails with the signal's own reason.
    async fn settled(&mut self, promise: &Promise, timeout_ms: f64) -> Result<Settled, JsValue> {
        let outcome = task::result_of(&race(promise, &self.terms.signal, timeout_ms)).await;
        self.outcome(outcome)
    }

    fn outcome(&mut self, outcome: Result<JsValue, JsValue>) -> Result<Settled, JsValue> {
        self.cause = None;
        Ok(match outcome {
            Ok(value) => Settled::Value(value),
            Err(error) if is_timeout(&error) => Settled::TimedOut,
            Err(error) => {
                self.check_signal()?;
                Settled::Failed(error)
            }
        })
    }

    /// The event of a step that failed; what it threw is the cause of the call's own error, should it fail for this.
    fn failed(&mut self, error: JsValue) -> Event {
        let cause = cause_of(&error);
        let code = cause.code();
        self.cause = Some(cause);
        Event::Failed(code)
    }

    /// Fails with the signal's own reason if it is aborted.
    fn check_signal(&self) -> Result<(), JsValue> {
        if self.terms.signal.is_undefined() || js_sys::Reflect::get(&self.terms.signal, &"aborted".into())?.is_falsy() {
            return Ok(());
        }
        Err(js_sys::Reflect::get(&self.terms.signal, &"reason".into())?)
    }

    /// Lets a body that nobody wants pass by.
    fn leave_body(&mut self) {
        if let Some(OpenExchange { controller, response }) = self.exchange.take() {
            drain(&response, &controller);
        }
    }

    fn emit(&self, step: EventType, add: impl FnOnce(&mut ClientEvent)) {
        let Some(listener) = &self.shared.functions.on_event else { return };
        let mut event = self.event(step);
        add(&mut event);
        notify(listener, &parse(&event.json()));
    }

    fn event(&self, step: EventType) -> ClientEvent {
        let endpoint = self.request().endpoint;
        ClientEvent {
            r#type: step,
            call_id: self.terms.call_id,
            method: endpoint.method.name(),
            endpoint: endpoint.path,
            attempt: self.attempt,
            status: None,
            duration_ms: None,
            delay_ms: None,
            kind: None,
            path: None,
            count: None,
        }
    }
}

fn env() -> Env {
    Env { now_ms: Date::now(), random: Math::random(), date_ms }
}

fn date_ms(text: &str) -> Option<i64> {
    let ms = Date::parse(text);
    (!ms.is_nan()).then_some(ms as i64)
}
