//! The sandbox's JavaScript interface: `Sandbox` with its `fetch` and `control`. [`Practice`] makes the decisions.

mod arguments;
mod callbacks;
mod control;
mod exchange;
mod options;
mod trap;

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Date, Error, Function, Promise, TypeError, Uint8Array};
use serde::Serialize;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use self::arguments::{properties, read};
use self::callbacks::Callbacks;
use self::control::SandboxControl;
use self::exchange::{deliver, fail_if_aborted};
use self::options::SandboxOptions;
use self::trap::{guarded, promise};
use super::clock::FARTHEST;
use super::{Millis, Practice, Request, Settings};

/// Creates a fictitious practice with doctors, labs, more than 60 patients, more than 300 orders of the last 18 months, and
/// screen captures of some orders. As in real practices, some patients share a chart number, some have none, and some were
/// never scanned.
///
/// Rejects with a `TypeError` that names the option if one is unknown or wrong.
#[wasm_bindgen(js_name = createSandbox, unchecked_return_type = "Promise<Sandbox>")]
pub fn create_sandbox(#[wasm_bindgen(unchecked_optional_param_type = "SandboxOptions")] options: &JsValue) -> Promise {
    promise(|| Sandbox::new(options).map(JsValue::from))
}

/// A fictitious dental practice that responds to every call of the iTero DPMS API, V2 and V3, without a network.
#[wasm_bindgen]
pub struct Sandbox {
    shell: Rc<Shell>,
    endpoints: SandboxEndpoints,
}

/// Where the sandbox serves the API.
#[derive(Clone, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct SandboxEndpoints {
    /// `SandboxOptions.baseUrl` without a trailing slash. V2 is at `/api/third-party/v2` below it.
    base_url: String,
    /// The location of V3, in the form that Discovery uses: V3 is at `{domain}{path}`.
    v3: SandboxLocation,
}

/// Where the sandbox serves one version of the API.
#[derive(Clone, Serialize, Tsify)]
pub struct SandboxLocation {
    /// The origin of `baseUrl`.
    domain: String,
    /// The path of `baseUrl`, followed by `/third-party/v3`.
    path: String,
}

#[wasm_bindgen]
impl Sandbox {
    /// Responds as the API would. It has the signature of `fetch`: pass it as `ClientOptions.fetch`, or call it from a
    /// service worker or a server. It needs no `this`.
    ///
    /// Rejects with the signal's reason if the request's signal is aborted, and with a `TypeError` if the arguments are not
    /// valid for `Request` or a fault resets the connection.
    #[wasm_bindgen(unchecked_return_type = "Promise<Response>")]
    pub fn fetch(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Request | string | URL")] input: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "RequestInit")] init: &JsValue,
    ) -> Promise {
        let shell = Rc::clone(&self.shell);
        promise(|| {
            // Any arguments are passed on: the constructor reports what is wrong with them.
            let request = web_sys::Request::new_with_request_and_init(input.unchecked_ref(), init.unchecked_ref())?;
            fail_if_aborted(&request.signal())?;
            let body = request.array_buffer()?;
            Ok(future_to_promise(async move { shell.respond(&request, &body).await.map(JsValue::from) }).into())
        })
    }

    /// The token that requests must send now; `control.expireToken()` changes it.
    #[wasm_bindgen(getter, js_name = accessToken)]
    pub fn access_token(&self) -> Result<String, JsValue> {
        self.shell.look(|practice| practice.access_token().to_owned())
    }

    /// The value for `ClientOptions.endpoints`.
    #[wasm_bindgen(getter)]
    pub fn endpoints(&self) -> Result<Ts<SandboxEndpoints>, JsError> {
        Ok(self.endpoints.into_ts()?)
    }

    /// Controls what the API has no calls for: scans, order statuses, failures, the clock.
    #[wasm_bindgen(getter)]
    pub fn control(&self) -> SandboxControl {
        SandboxControl::new(&self.shell)
    }
}

impl Sandbox {
    fn new(options: &JsValue) -> Result<Self, JsValue> {
        let error = |message: String| TypeError::new(&format!("createSandbox: {message}"));
        let options =
            if options.is_undefined() { Vec::new() } else { properties(options, "createSandbox", "options")? };
        let options: SandboxOptions = read(options).map_err(error)?;
        let base_url = &options.base_url;
        let endpoints = SandboxEndpoints {
            base_url: [base_url.origin.as_str(), &base_url.path].concat(),
            v3: SandboxLocation {
                domain: base_url.origin.clone(),
                path: [base_url.path.as_str(), "/third-party/v3"].concat(),
            },
        };
        let settings = Settings {
            base_url: endpoints.base_url.clone(),
            any_origin: options.any_origin,
            callback_origins: options.callback_origins,
            access_token: options.access_token,
            generation_ms: millis(options.generation_ms),
            patient_updates: options.patient_updates,
        };
        let clock = Clock(options.now);
        let practice = match options.snapshot {
            None => Practice::new(settings, options.seed, clock.now()?),
            Some(text) => Practice::restore(settings, &text)
                .map_err(|reason| error(format!("snapshot is not one of control.snapshot(): {reason}")))?,
        };
        let shell = Shell { practice: RefCell::new(practice), clock, callbacks: Rc::default() };
        Ok(Self { shell: Rc::new(shell), endpoints })
    }
}

/// A practice, and what it needs from the platform.
struct Shell {
    practice: RefCell<Practice>,
    clock: Clock,
    callbacks: Rc<Callbacks>,
}

impl Shell {
    /// Responds to a request whose body is still being read.
    async fn respond(&self, request: &web_sys::Request, body: &Promise) -> Result<web_sys::Response, JsValue> {
        let body = JsFuture::from(body.clone()).await?;
        let signal = request.signal();
        fail_if_aborted(&signal)?;
        let url = web_sys::Url::new(&request.url())?;
        let authorization = request.headers().get("authorization")?;
        let response = guarded(|| {
            let body = Uint8Array::new(&body).to_vec();
            let request = Request {
                method: &request.method(),
                url: &[url.origin(), url.pathname(), url.search()].concat(),
                authorization: authorization.as_deref(),
                body: &body,
            };
            self.work(|practice, now| practice.handle(&request, now))
        })?;
        deliver(response, &signal).await
    }

    /// Lets the practice do something now, and sends the resulting callbacks.
    fn work<T>(&self, work: impl FnOnce(&mut Practice, Millis) -> T) -> Result<T, JsValue> {
        let now = self.clock.now()?;
        let mut practice = self.practice.try_borrow_mut().map_err(|_| lost())?;
        let outcome = work(&mut practice, now);
        self.callbacks.send(practice.take_pushes());
        Ok(outcome)
    }

    /// Reads something from the practice.
    fn look<T>(&self, look: impl FnOnce(&Practice) -> T) -> Result<T, JsValue> {
        self.practice.try_borrow().map(|practice| look(&practice)).map_err(|_| lost())
    }
}

/// `SandboxOptions.now`, or the platform's clock.
struct Clock(Option<Function>);

impl Clock {
    fn now(&self) -> Result<Millis, JsValue> {
        let time = match &self.0 {
            Some(now) => f64::try_from(now.call0(&JsValue::UNDEFINED)?)?,
            None => Date::now(),
        };
        Ok(millis(time))
    }
}

/// Turns any JavaScript number into a time that is safe for arithmetic.
fn millis(time: f64) -> Millis {
    time.clamp(-(FARTHEST as f64), FARTHEST as f64) as Millis
}

/// Returns the error for a practice that trapped before: its state may be inconsistent, and it stays borrowed.
fn lost() -> JsValue {
    Error::new("The sandbox has failed before. Make a new one, and report it if that happens again.").into()
}
