//! How any call travels: token, request, retry, deadline. What can be decided without the platform is pure, in files of
//! its own; this one executes.

pub(crate) mod answer;
pub(crate) mod auth;
mod details;
pub(crate) mod endpoints;
pub(crate) mod event;
mod exchange;
pub(crate) mod platform;
pub(crate) mod retry;

use std::pin::Pin;

use js_sys::{Function, Math};
use web_sys::{AbortSignal, Response};

use self::auth::Auth;
use self::endpoints::Endpoints;
use self::event::{ClientEvent, EventType, Events};
use self::retry::RetryPolicy;
use crate::error::{DpmsError, Failure};

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
    Patch,
    Delete,
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
    /// What the body of a failure explains.
    pub details: Details,
    /// Which refusal means that there is nothing, rather than that something is wrong.
    pub nothing: Nothing,
}

/// Which refusal means that there is nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nothing {
    Never,
    /// A 404 of a search (§5.2.4).
    NotFound,
    /// A 400 of a delete whose answer got lost before: only an id that is not there is refused so (§4.3.3).
    Deleted,
}

/// What the body of a failure explains, as far as the document promises it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Details {
    Nothing,
    /// 400: which parameters are wrong (§5.2.4).
    Fields,
    /// 409: which patients fit (§5.4.3).
    Matches,
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

/// A successful answer.
pub(crate) struct Answer {
    pub status: u16,
    /// How many requests it took.
    pub attempts: u32,
    pub content: Content,
}

/// What an answer holds; which variant follows from the `Body` that was asked for.
pub(crate) enum Content {
    Bytes(Vec<u8>),
    Stream(Response),
    /// 204: there is nothing (R82). So says also a 404 where a call takes it for that, and a 400 where a delete does.
    Nothing,
}

/// A call under way.
type Sending<'a> = Pin<Box<dyn Future<Output = Result<Answer, Failure>> + 'a>>;

impl Call {
    pub(crate) fn get(endpoint: &'static str, url: String) -> Self {
        Self {
            method: Method::Get,
            endpoint,
            url,
            query: Vec::new(),
            body: None,
            advice: &[],
            details: Details::Nothing,
            nothing: Nothing::Never,
        }
    }

    /// A call that sends a body.
    pub(crate) fn with_body(self, method: Method, body: String) -> Self {
        Self { method, body: Some(body), ..self }
    }

    /// Repeating it could make a second RX: the API has no idempotency key (R39).
    fn creates(&self) -> bool {
        self.method == Method::Post
    }

    pub(crate) fn fails(&self, mut error: DpmsError, attempts: u32) -> DpmsError {
        let method = self.method.as_str();
        error.message = [method, " ", self.endpoint, ": ", &error.message].concat();
        error.method = Some(method);
        error.endpoint = Some(self.endpoint);
        error.attempts = attempts;
        error
    }
}

impl Method {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
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
    /// Makes the call, with a new token if the first is refused, and again as the retry policy says.
    ///
    /// Boxed, so that the machinery is in the binary once and not once per call of the document.
    pub(crate) fn send<'a>(&'a self, call: &'a Call, scope: &'a Scope, body: Body<'a>) -> Sending<'a> {
        Box::pin(self.send_unboxed(call, scope, body))
    }

    async fn send_unboxed(&self, call: &Call, scope: &Scope, body: Body<'_>) -> Result<Answer, Failure> {
        let mut renewed = false;
        let mut unanswered = false;
        let mut tries = 1;
        let mut attempt = 1;
        loop {
            scope.unless_aborted(())?;
            let at = |failure| match failure {
                Failure::Error(error) => call.fails(error, attempt).into(),
                aborted => aborted,
            };
            let token = self.auth.token(scope).await.map_err(at)?;
            let error = match self.exchange(call, scope, &body, &token.text, attempt).await {
                Err(Failure::Error(error)) => error,
                done => return done,
            };
            if unanswered && call.nothing == Nothing::Deleted && error.status == Some(400) {
                return Ok(Answer { status: 400, attempts: attempt, content: Content::Nothing });
            }
            unanswered |= error.status.is_none();
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
}
