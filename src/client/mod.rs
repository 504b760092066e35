//! The client as JavaScript sees it: `DpmsClient` with its methods, one file per resource, each from arguments to a prepared
//! call; and `drive`, which carries a call out on the platform. Decisions are made in `engine`.

mod arguments;
#[cfg(test)]
mod builders;
mod downloads;
mod drive;
mod event;
mod fetch;
mod options;
mod orders;
mod output;
mod pairing;
mod patients;
mod practice_configuration;
mod request;
mod scan_request;
mod screen_captures;
mod tables;
mod task;
mod url;

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;

use self::arguments::Passed;
use self::drive::{Delivery, Driver};
use self::options::{CallOptions, ClientOptions};
use crate::engine::auth::Auth;
use crate::engine::call::PreparedCall;
use crate::engine::{Output, Transport};

/// A practice's connection to the API. Make one with `createClient`.
///
/// Every method takes `CallOptions` last and rejects with a `DpmsError`, or with the signal's own reason when aborted.
#[wasm_bindgen]
pub struct DpmsClient(Rc<Shared>);

/// What the calls of a client share.
struct Shared {
    transport: Transport,
    functions: Functions,
    /// The refresh that calls wait for.
    refreshing: RefCell<Option<Promise>>,
    /// What outlives an instance of the module.
    session: JsValue,
}

/// The functions of `ClientOptions`.
struct Functions {
    access_token: Option<Function>,
    refresh: Option<Function>,
    fetch: Option<Function>,
    on_event: Option<Function>,
}

/// Makes a client; the options are checked, nothing is sent.
#[wasm_bindgen(js_name = createClient)]
pub fn create_client(
    #[wasm_bindgen(js_name = options, unchecked_param_type = "ClientOptions")] given: &JsValue,
) -> Result<DpmsClient, JsValue> {
    let passed = Passed::read(given, &[])?;
    let options: ClientOptions = passed.parse("options")?;
    let function = |name| passed.kept(name).and_then(|value| value.dyn_ref::<Function>()).cloned();
    let policy = options.policy();
    let session = session_of(given);
    let mut auth = Auth::new(options.access_token, options.refresh.is_some());
    let kept = kept_tokens(&session);
    if let (Some(instead_of), Some(token)) = (kept.get(0).as_string(), kept.get(1).as_string()) {
        auth.refreshed(0, instead_of, Some(token));
    }
    let shared = Shared {
        transport: Transport {
            endpoints: options.endpoints,
            trusted_origins: options.trusted_origins.unwrap_or_default(),
            auth: RefCell::new(auth),
            policy,
        },
        functions: Functions {
            access_token: function("accessToken"),
            refresh: function("refresh"),
            fetch: function("fetch"),
            on_event: function("onEvent"),
        },
        refreshing: RefCell::new(None),
        session,
    };
    Ok(DpmsClient(Rc::new(shared)))
}

/// A call that is ready to begin, or why it cannot: what the arguments are not allowed to be, or what reading them threw.
type Prepared = Result<PreparedCall, JsValue>;

impl DpmsClient {
    fn transport(&self) -> &Transport {
        &self.0.transport
    }

    /// Makes a call.
    fn call(&self, prepared: Prepared, options: &JsValue) -> Promise {
        self.run(self.begin(prepared, options))
    }

    /// Makes a call that was begun.
    fn run(&self, begun: Result<Driver, JsValue>) -> Promise {
        match begun {
            Ok(mut driver) => task::run(async move { driver.next().await.map(JsValue::from) }),
            Err(error) => Promise::reject(&error),
        }
    }

    /// Begins a call with `CallOptions`.
    fn begin(&self, prepared: Prepared, options: &JsValue) -> Result<Driver, JsValue> {
        let prepared = prepared?;
        let passed = Passed::read(options, &[])?;
        let options: CallOptions = passed.parse("options")?;
        Ok(self.driver(prepared, &passed, &options))
    }

    /// Begins a call whose options were read.
    fn driver(&self, prepared: PreparedCall, passed: &Passed, options: &CallOptions) -> Driver {
        let policy = options.policy(self.0.transport.policy, prepared.request.endpoint);
        let signal = passed.kept("signal").cloned().unwrap_or(JsValue::UNDEFINED);
        let on_progress = passed.kept("onProgress").and_then(|value| value.dyn_ref::<Function>()).cloned();
        Driver::new(&self.0, prepared, policy, signal, on_progress)
    }
}

impl From<Delivery> for JsValue {
    fn from(delivery: Delivery) -> Self {
        match delivery {
            Delivery::Output(output) => (*output).into(),
            Delivery::Response(response) => response,
        }
    }
}

/// The pages of a list, one call of the document after the other.
#[wasm_bindgen(skip_typescript)]
pub struct Pages(Rc<RefCell<Option<Driver>>>);

#[wasm_bindgen]
impl Pages {
    /// Returns the next page: its rows, and whether there are more.
    #[wasm_bindgen(skip_typescript)]
    pub fn next(&self) -> Promise {
        let pages = Rc::clone(&self.0);
        let driver = pages.take();
        task::run(async move {
            let Some(mut driver) = driver else { return Ok(Output::Nothing.into()) };
            let page = driver.next().await?;
            pages.replace(Some(driver));
            Ok(page.into())
        })
    }
}

#[wasm_bindgen(module = "/src/client/sessions.js")]
extern "C" {
    /// Returns what is kept of the client with these options.
    #[wasm_bindgen(js_name = sessionOf)]
    fn session_of(options: &JsValue) -> JsValue;

    #[wasm_bindgen(js_name = nextCallId)]
    fn next_call_id(session: &JsValue) -> u32;

    #[wasm_bindgen(js_name = keepToken)]
    fn keep_token(session: &JsValue, instead_of: &str, token: &str);

    /// Returns the token that was kept, after the one that it stands for; nothing if there is none.
    #[wasm_bindgen(js_name = keptTokens)]
    fn kept_tokens(session: &JsValue) -> Array;
}

#[wasm_bindgen(module = "/src/client/platform.js")]
extern "C" {
    /// Returns the signal with which a walk is also left.
    #[wasm_bindgen(js_name = walkSignal)]
    fn walk_signal(signal: &JsValue) -> JsValue;

    /// Returns an async iterator over the rows, which fetches the next page meanwhile.
    fn rows(pages: Pages, signal: &JsValue) -> JsValue;
}

impl Driver {
    /// Returns an async iterator over the rows of a list.
    fn rows(mut self) -> JsValue {
        let signal = walk_signal(&self.signal);
        self.signal = signal.clone();
        rows(Pages(Rc::new(RefCell::new(Some(self)))), &signal)
    }
}
