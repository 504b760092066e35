//! How any call travels: token, request, retry, deadline. What can be decided without the platform is pure, in files of
//! its own; this one executes.

pub(crate) mod answer;
pub(crate) mod auth;
pub(crate) mod endpoints;
pub(crate) mod event;
pub(crate) mod platform;
pub(crate) mod retry;

use std::pin::Pin;

use gloo_net::http::RequestBuilder;
use js_sys::{Date, Function, Math, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal, Response, ResponseType};

use self::auth::Auth;
use self::endpoints::Endpoints;
use self::event::{ClientEvent, EventType, Events};
use self::platform::BodyFailure;
use self::retry::RetryPolicy;
use crate::error::{DpmsError, ErrorKind, Failure};
use crate::js::{self, object};

/// A client's way to the API.
pub(crate) struct Transport {
    pub endpoints: Endpoints,
    pub trusted_origins: Vec<String>,
    pub auth: Auth,
    pub fetch: Option<Function>,
    pub timeout_ms: f64,
    pub retry: RetryPolicy,
    pub events: Events,
}

/// The HTTP methods of the document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
}

/// One call of the document.
pub(crate) struct Call {
    pub method: Method,
    /// The path as a template, such as `orders/:rxId`: what errors and events may show.
    pub endpoint: &'static str,
    /// An absolute URL without its query.
    pub url: String,
    pub query: Vec<(&'static str, String)>,
    /// JSON.
    pub body: Option<String>,
    /// What the document recommends for some statuses.
    pub advice: &'static [(u16, &'static str)],
}

/// What a caller's options say about one call.
pub(crate) struct Scope {
    pub signal: Option<AbortSignal>,
    /// The longest silence to bear, for headers and then within a body.
    pub timeout_ms: f64,
    pub retry: RetryPolicy,
}

/// What to do with a body.
pub(crate) enum Body<'a> {
    /// Read it whole.
    Bytes,
    /// Give it to the caller, who may want to hear of its progress.
    Stream { on_progress: Option<&'a Function> },
}

/// A successful answer; which variant follows from the `Body` that was asked for.
pub(crate) enum Answer {
    Bytes(Vec<u8>),
    Stream(Response),
    /// 204: there is nothing (R82).
    Nothing,
}

/// A call under way: its answer and how many requests it took.
type Sending<'a> = Pin<Box<dyn Future<Output = Result<(Answer, u32), Failure>> + 'a>>;

impl Call {
    pub(crate) fn get(endpoint: &'static str, url: String) -> Self {
        Self { method: Method::Get, endpoint, url, query: Vec::new(), body: None, advice: &[] }
    }

    /// Repeating it could make a second RX: the API has no idempotency key (R39).
    fn creates(&self) -> bool {
        self.method == Method::Post
    }

    pub(crate) fn fails(&self, error: DpmsError, attempts: u32) -> DpmsError {
        let method = self.method.as_str();
        let message = format!("{method} {}: {}", self.endpoint, error.message);
        DpmsError { message, method: Some(method), endpoint: Some(self.endpoint), attempts, ..error }
    }
}

impl Method {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

impl Scope {
    /// The caller's abort wins over whatever else happened.
    pub(crate) fn unless_aborted<T>(&self, value: T) -> Result<T, Failure> {
        match &self.signal {
            Some(signal) if signal.aborted() => Err(Failure::Aborted(signal.reason())),
            _ => Ok(value),
        }
    }

    pub(crate) async fn sleep(&self, ms: f64) -> Result<(), Failure> {
        let woken = platform::sleep(ms, self.signal.as_ref()).await;
        self.unless_aborted(woken).map(drop)
    }
}

impl Transport {
    /// Makes the call, with a new token if the first is refused, and again as the retry policy says. Gives the answer and
    /// how many requests it took.
    ///
    /// Boxed, so that the machinery is in the binary once and not once per call of the document.
    pub(crate) fn send<'a>(&'a self, call: &'a Call, scope: &'a Scope, body: Body<'a>) -> Sending<'a> {
        Box::pin(self.send_unboxed(call, scope, body))
    }

    async fn send_unboxed(&self, call: &Call, scope: &Scope, body: Body<'_>) -> Result<(Answer, u32), Failure> {
        let mut renewed = false;
        let mut tries = 1;
        let mut attempt = 1;
        loop {
            scope.unless_aborted(())?;
            let at = |failure| match failure {
                Failure::Error(error) => call.fails(*error, attempt).into(),
                aborted => aborted,
            };
            let token = self.auth.token(scope).await.map_err(at)?;
            let error = match self.attempt(call, scope, &body, &token.text, attempt).await {
                Err(Failure::Error(error)) => *error,
                Err(aborted) => return Err(aborted),
                Ok(answer) => return Ok((answer, attempt)),
            };
            if error.status == Some(401) && !renewed {
                renewed = true;
                let on_refresh = || self.events.emit(|| ClientEvent::of(EventType::Refresh, call, attempt));
                if self.auth.renew(&token, scope, on_refresh).await.map_err(at)? {
                    attempt += 1;
                    continue;
                }
            }
            let Some(delay_ms) = scope.retry.delay_ms(tries, call.creates(), &error, Math::random()) else {
                return Err(call.fails(error, attempt).into());
            };
            let event = || ClientEvent { delay_ms: Some(delay_ms), ..ClientEvent::of(EventType::Retry, call, attempt) };
            self.events.emit(event);
            scope.sleep(delay_ms).await?;
            tries += 1;
            attempt += 1;
        }
    }

    async fn attempt(
        &self,
        call: &Call,
        scope: &Scope,
        body: &Body<'_>,
        token: &str,
        attempt: u32,
    ) -> Result<Answer, Failure> {
        let exchange = AbortController::new().map_err(network)?;
        let request = request(call, token, &exchange.signal()).map_err(network)?;
        let sent_at = Date::now();
        self.events.emit(|| ClientEvent::of(EventType::Request, call, attempt));
        let promise = match &self.fetch {
            Some(fetch) => js::call(fetch, &request),
            None => fetch(&request),
        };
        let outcome = platform::race(&promise, scope.signal.as_ref(), scope.timeout_ms).await;
        let outcome = scope.unless_aborted(outcome).inspect_err(|_| exchange.abort())?;
        let response = match outcome.map(JsCast::dyn_into::<Response>) {
            Ok(Ok(response)) => response,
            Ok(Err(nothing)) if nothing.is_undefined() => {
                exchange.abort();
                return Err(answer::timeout(scope.timeout_ms).into());
            }
            Ok(Err(_)) => return Err(DpmsError::new(ErrorKind::Network, "fetch did not give a Response.").into()),
            Err(cause) => return Err(network(platform::without_query(cause, &request.url())).into()),
        };
        let status = response.status();
        self.events.emit(|| ClientEvent {
            status: Some(status),
            duration_ms: Some(Date::now() - sent_at),
            ..ClientEvent::of(EventType::Response, call, attempt)
        });
        let header = |name| response.headers().get(name).ok().flatten();
        if let Some(error) = answer::failure(status, call.advice) {
            platform::drain(&response, &exchange); // what a failure's body says is not promised (R3)
            let retry_after_ms =
                header("retry-after").and_then(|value| answer::retry_after_ms(&value, Date::now(), Date::parse));
            return Err(DpmsError { retry_after_ms, ..error }.into());
        }
        if status == 204 {
            return Ok(Answer::Nothing);
        }
        let cross_origin = response.type_() == ResponseType::Cors;
        let length = answer::body_length(
            header("content-length").as_deref(),
            header("content-encoding").as_deref(),
            cross_origin,
        );
        match body {
            Body::Bytes => {
                let bytes = platform::read_all(&response, &exchange, scope.signal.as_ref(), scope.timeout_ms).await;
                let bytes = scope.unless_aborted(bytes)?.map_err(|failure| body_failed(&failure, scope))?;
                if length.is_some_and(|length| length.exact && f64::from(bytes.length()) < length.bytes) {
                    return Err(answer::truncated().into());
                }
                Ok(Answer::Bytes(bytes.to_vec()))
            }
            Body::Stream { on_progress } => {
                let error = |error| JsValue::from(DpmsError { status: Some(status), ..call.fails(error, attempt) });
                let watch = object(&[
                    ("exchange", exchange.into()),
                    ("signal", scope.signal.clone().into()),
                    ("timeoutMs", scope.timeout_ms.into()),
                    ("length", length.map(|length| length.bytes).into()),
                    ("exact", length.is_some_and(|length| length.exact).into()),
                    ("onProgress", on_progress.cloned().into()),
                    (
                        "errors",
                        object(&[
                            ("stalled", error(answer::timeout(scope.timeout_ms))),
                            ("truncated", error(answer::truncated())),
                        ]),
                    ),
                ]);
                Ok(Answer::Stream(platform::watched(&response, &watch)))
            }
        }
    }
}

fn request(call: &Call, token: &str, signal: &AbortSignal) -> Result<web_sys::Request, JsValue> {
    let method = match call.method {
        Method::Get => gloo_net::http::Method::GET,
        Method::Post => gloo_net::http::Method::POST,
    };
    let request = RequestBuilder::new(&call.url)
        .method(method)
        .query(call.query.iter().map(|(key, value)| (*key, value)))
        .header("authorization", &format!("Bearer {token}"))
        .abort_signal(Some(signal));
    let request = match &call.body {
        Some(json) => request.header("content-type", "application/json").body(json),
        None => request.build(),
    };
    request.map(Into::into).map_err(|error| JsError::from(error).into())
}

#[wasm_bindgen]
extern "C" {
    fn fetch(request: &web_sys::Request) -> Promise;
}

fn network(cause: JsValue) -> DpmsError {
    let message = "No answer: the host is unknown or unreachable, the connection was cut, or, in a browser, CORS forbids \
                   the call. Check endpoints and the network.";
    DpmsError { code: platform::error_code(&cause), ..DpmsError::new(ErrorKind::Network, message).caused_by(cause) }
}

fn body_failed(failure: &JsValue, scope: &Scope) -> Failure {
    let failure: &BodyFailure = failure.unchecked_ref();
    match failure.stalled() {
        true => answer::timeout(scope.timeout_ms).into(),
        false => answer::truncated().caused_by(failure.cause()).into(),
    }
}
