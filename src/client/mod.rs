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
mod walk;

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;

use self::arguments::Passed;
use self::drive::{Delivery, Driver, Terms};
use self::options::{CallOptions, ClientOptions};
use crate::api::endpoint::Endpoint;
use crate::engine::Transport;
use crate::engine::auth::Auth;
use crate::engine::call::PreparedCall;

/// A practice's connection to the API. Create one with `createClient`.
///
/// Every method takes its options last and rejects with a `DpmsError`, or with the signal's own reason when aborted.
/// `orders` and `patients` throw at once if an argument is not allowed.
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

/// Creates a client. Checks the options and sends nothing.
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
        let terms = self.terms(prepared.request.endpoint, passed, options);
        Driver::new(&self.0, prepared, terms)
    }

    /// Returns what a call of an endpoint is made with, or all calls of a walk.
    fn terms(&self, endpoint: &Endpoint, passed: &Passed, options: &CallOptions) -> Terms {
        Terms {
            call_id: next_call_id(&self.0.session),
            policy: options.policy(self.0.transport.policy, endpoint),
            signal: passed.kept("signal").cloned().unwrap_or(JsValue::UNDEFINED),
            on_progress: passed.kept("onProgress").and_then(|value| value.dyn_ref::<Function>()).cloned(),
        }
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
