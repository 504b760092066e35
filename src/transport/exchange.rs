//! One HTTP exchange: the place where the platform's `fetch` is called.

use gloo_net::http::RequestBuilder;
use js_sys::{Date, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal, Request, RequestRedirect, Response, ResponseType};

use super::answer;
use super::details;
use super::event::{ClientEvent, EventType};
use super::platform::{self, BodyFailure};
use super::{Answer, Body, Call, Content, Method, Nothing, Scope, Transport};
use crate::error::{DpmsError, ErrorKind, Failure};
use crate::js::{self, object};

#[wasm_bindgen]
extern "C" {
    fn fetch(request: &Request) -> Promise;
}

impl Transport {
    /// Sends the call once, as its request number `attempt`.
    pub(super) async fn exchange(
        &self,
        call: &Call,
        scope: &Scope,
        body: &Body<'_>,
        token: &str,
        attempt: u32,
    ) -> Result<Answer, Failure> {
        let exchange = AbortController::new().map_err(network)?;
        let response = self.headers(call, scope, token, attempt, &exchange).await?;
        let status = response.status();
        let header = |name| response.headers().get(name).ok().flatten();
        let is_page = || header("content-type").is_some_and(|media_type| media_type.starts_with("text/html"));
        if status == 404 && call.nothing == Nothing::NotFound && !is_page() {
            platform::drain(&response, &exchange);
            return Ok(Answer { status, attempts: attempt, content: Content::Nothing });
        }
        if let Some(mut error) = answer::failure(status, call.advice) {
            error.retry_after_ms =
                header("retry-after").and_then(|value| answer::retry_after_ms(&value, Date::now(), Date::parse));
            if call.details.come_with(status) {
                let body = platform::read_all(&response, &exchange, scope.signal.as_ref(), scope.timeout_ms).await;
                if let Ok(body) = scope.unless_aborted(body)? {
                    details::add(&mut error, call, &body.to_vec());
                }
            } else {
                platform::drain(&response, &exchange); // what else a failure's body says is not promised (R3)
            }
            return Err(error.into());
        }
        let length = answer::body_length(
            header("content-length").as_deref(),
            header("content-encoding").as_deref(),
            response.type_() == ResponseType::Cors,
        );
        let content = match body {
            _ if status == 204 => Content::Nothing,
            Body::Bytes => {
                let bytes = platform::read_all(&response, &exchange, scope.signal.as_ref(), scope.timeout_ms).await;
                let bytes = scope.unless_aborted(bytes)?.map_err(|failure| body_failed(&failure, scope))?;
                if length.is_some_and(|length| length.exact && f64::from(bytes.length()) < length.bytes) {
                    return Err(answer::truncated().into());
                }
                Content::Bytes(bytes.to_vec())
            }
            Body::Stream { on_progress } => {
                let error = |error| call.fails(error, attempt).with_status(status).into();
                let watch = object(&[
                    ("exchange", exchange.into()),
                    ("signal", scope.signal.clone().into()),
                    ("timeoutMs", scope.timeout_ms.into()),
                    ("length", length.map(|length| length.bytes).into()),
                    ("exact", length.is_some_and(|length| length.exact).into()),
                    ("onProgress", on_progress.cloned().into()),
                    ("stalled", error(answer::timeout(scope.timeout_ms))),
                    ("truncated", error(answer::truncated())),
                ]);
                Content::Stream(platform::watched(&response, &watch).map_err(network)?)
            }
        };
        Ok(Answer { status, attempts: attempt, content })
    }

    /// Sends the request and waits for its answer's headers.
    async fn headers(
        &self,
        call: &Call,
        scope: &Scope,
        token: &str,
        attempt: u32,
        exchange: &AbortController,
    ) -> Result<Response, Failure> {
        let request = request(call, token, &exchange.signal()).map_err(network)?;
        let sent_at = Date::now();
        self.events.emit(|| ClientEvent::of(EventType::Request, call, attempt));
        let promise = match &self.fetch {
            Some(fetch) => js::call(fetch, &request),
            None => fetch(&request),
        };
        let outcome = platform::race(&promise, scope.signal.as_ref(), scope.timeout_ms).await;
        let outcome = scope.unless_aborted(outcome).inspect_err(|_| exchange.abort())?;
        let answer = outcome.map_err(|cause| network(platform::without_query(cause, &request.url())))?;
        if answer.is_undefined() {
            exchange.abort();
            return Err(answer::timeout(scope.timeout_ms).into());
        }
        let response: Response =
            answer.dyn_into().map_err(|_| DpmsError::new(ErrorKind::Network, "fetch did not give a Response."))?;
        self.events.emit(|| ClientEvent {
            status: Some(response.status()),
            duration_ms: Some(Date::now() - sent_at),
            ..ClientEvent::of(EventType::Response, call, attempt)
        });
        Ok(response)
    }
}

fn request(call: &Call, token: &str, signal: &AbortSignal) -> Result<Request, JsValue> {
    let method = match call.method {
        Method::Get => gloo_net::http::Method::GET,
        Method::Post => gloo_net::http::Method::POST,
        Method::Patch => gloo_net::http::Method::PATCH,
        Method::Delete => gloo_net::http::Method::DELETE,
    };
    let request = RequestBuilder::new(&call.url)
        .method(method)
        .query(call.query.iter().map(|(key, value)| (*key, value)))
        .header("authorization", &format!("Bearer {token}"))
        .abort_signal(Some(signal));
    let request = match &call.body {
        // A body that a redirect takes elsewhere is a patient's data that is taken elsewhere.
        Some(json) => request.redirect(RequestRedirect::Manual).header("content-type", "application/json").body(json),
        None => request.build(),
    };
    request.map(Into::into).map_err(|error| JsError::from(error).into())
}

fn network(cause: JsValue) -> DpmsError {
    let message = "No answer: the host is unknown or unreachable, the connection was cut, or, in a browser, CORS forbids \
                   the call. Check endpoints and the network.";
    let mut error = DpmsError::new(ErrorKind::Network, message);
    error.code = platform::error_code(&cause);
    error.caused_by(cause)
}

fn body_failed(failure: &JsValue, scope: &Scope) -> Failure {
    let failure: &BodyFailure = failure.unchecked_ref();
    match failure.stalled() {
        true => answer::timeout(scope.timeout_ms).into(),
        false => answer::truncated().caused_by(failure.cause()).into(),
    }
}
