//! The access token: where it comes from, and getting a new one, once, when it is refused.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::{Scope, platform};
use crate::error::{DpmsError, ErrorKind, Failure};
use crate::js::call;

/// The caller's `accessToken` and `refresh`.
pub(crate) struct Auth {
    source: Source,
    refresh: Option<Function>,
    state: Rc<RefCell<State>>,
}

pub(crate) enum Source {
    Fixed(String),
    Function(Function),
}

#[derive(Default)]
struct State {
    /// The outcome of the last refresh.
    refreshed: Option<Refreshed>,
    /// The refresh under way: every call that needs it waits for this one.
    refreshing: Option<Promise>,
    /// The last refresh that failed, and how many did.
    failed: Option<Promise>,
    failures: u32,
}

/// A token to send, and how many refreshes had failed when it was given.
pub(crate) struct Token {
    pub text: String,
    failures: u32,
}

/// `token` is used for as long as the source gives `instead_of`.
struct Refreshed {
    instead_of: String,
    token: String,
}

impl State {
    fn current(&self, given: String) -> String {
        match &self.refreshed {
            Some(refreshed) if refreshed.instead_of == given => refreshed.token.clone(),
            _ => given,
        }
    }

    /// The refresh whose outcome is also that of a call that was sent with `token`.
    fn shared_with(&self, token: &Token) -> Option<Promise> {
        let failed_since = self.failures > token.failures;
        self.refreshing.clone().or_else(|| self.failed.clone().filter(|_| failed_since))
    }
}

impl Auth {
    pub(crate) fn new(source: Source, refresh: Option<Function>) -> Self {
        Self { source, refresh, state: Rc::default() }
    }

    /// The token to send now.
    pub(crate) async fn token(&self, scope: &Scope) -> Result<Token, Failure> {
        let given = self.given(scope).await?;
        let state = self.state.borrow();
        Ok(Token { text: state.current(given), failures: state.failures })
    }

    /// Sees to it that `token()` gives another token than the one that was refused; `false` if there is no other.
    ///
    /// However many calls come here with the same refused token, there is one refresh, and its outcome, a failure too, is
    /// that of all the calls that were sent before it.
    pub(crate) async fn renew(
        &self,
        refused: &Token,
        scope: &Scope,
        on_refresh: impl FnOnce(),
    ) -> Result<bool, Failure> {
        let given = self.given(scope).await?;
        if self.state.borrow().current(given.clone()) != refused.text {
            return Ok(true);
        }
        let Some(refresh) = &self.refresh else { return Ok(false) };
        let shared = self.state.borrow().shared_with(refused);
        let promise = shared.unwrap_or_else(|| {
            on_refresh();
            self.start(refresh, given, &refused.text, scope.timeout_ms)
        });
        let outcome = platform::race(&promise, scope.signal.as_ref(), scope.timeout_ms).await;
        token_of(scope.unless_aborted(outcome)?, "refresh").map(|_| true)
    }

    /// The refresh and its bookkeeping belong to no one call: the call that started it may be aborted.
    fn start(&self, refresh: &Function, given: String, refused: &str, timeout_ms: f64) -> Promise {
        let state = Rc::clone(&self.state);
        let answer = call(refresh, &JsValue::from_str(refused));
        let promise = future_to_promise(async move {
            let outcome = platform::race(&answer, None, timeout_ms).await;
            let mut state = state.borrow_mut();
            let refreshing = state.refreshing.take();
            match outcome.as_ref().ok().and_then(JsValue::as_string).filter(|token| is_token(token)) {
                Some(token) => state.refreshed = Some(Refreshed { instead_of: given, token }),
                None => {
                    state.failed = refreshing;
                    state.failures += 1;
                }
            }
            outcome
        });
        self.state.borrow_mut().refreshing = Some(promise.clone());
        promise
    }

    async fn given(&self, scope: &Scope) -> Result<String, Failure> {
        match &self.source {
            Source::Fixed(token) => Ok(token.clone()),
            Source::Function(function) => {
                let answer = call(function, &JsValue::UNDEFINED);
                let outcome = platform::race(&answer, scope.signal.as_ref(), scope.timeout_ms).await;
                token_of(scope.unless_aborted(outcome)?, "accessToken")
            }
        }
    }
}

fn token_of(outcome: Result<JsValue, JsValue>, function: &str) -> Result<String, Failure> {
    let unauthorized =
        |what: &str| DpmsError::new(ErrorKind::Unauthorized, format!("No access token: {function} {what}."));
    match outcome {
        Err(cause) => Err(unauthorized("failed; see the cause").caused_by(cause).into()),
        Ok(answer) => match answer.as_string() {
            Some(token) if is_token(&token) => Ok(token),
            Some(_) => Err(unauthorized("must give a non-empty text of visible ASCII characters").into()),
            None if answer.is_undefined() => Err(unauthorized("gave nothing within timeoutMs").into()),
            None => Err(unauthorized("must give a text").into()),
        },
    }
}

/// Whether a token can stand in a header, where anything else would be refused or, worse, end the header.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}
