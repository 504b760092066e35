//! The client: one file per resource, each from arguments to a request and from its answer's model to a value. Its shell,
//! the class with the methods, is `client.js`.

mod arguments;
#[cfg(test)]
mod builders;
mod call;
mod downloads;
mod event;
mod js;
mod options;
mod orders;
mod pages;
mod pairing;
mod patients;
pub(crate) mod platform;
mod poll;
mod practice_configuration;
mod request;
mod scan_request;
mod screen_captures;
mod tables;

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use self::arguments::{Argument, Fields};
use self::call::{Call, Prepared};
use crate::engine::Transport;
use crate::engine::endpoints::{Base, join};
use crate::engine::error::{DpmsError, ErrorKind};
use crate::json::Object;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/**
 * A practice's connection to the API. Make one with `createClient`.
 *
 * Every method takes `CallOptions` last and rejects with a `DpmsError`, or with the signal's own reason when aborted.
 */
export class DpmsClient {
  private constructor();
}
"#;

#[wasm_bindgen(module = "/src/client/client.js")]
extern "C" {
    #[wasm_bindgen(js_name = Shell, reexport)]
    type JsDpmsClient;

    /// A copy of the options, so that each is read once.
    fn copied(options: &JsValue) -> JsValue;

    /// Arguments as JSON, for `Argument::decode`.
    fn encode(argument: &JsValue) -> String;

    #[wasm_bindgen(constructor, js_class = "Shell")]
    fn new(core: Core, options: JsValue) -> JsDpmsClient;
}

/// Makes a client; the options are checked, nothing is sent.
#[wasm_bindgen(js_name = createClient, skip_typescript)]
pub fn create_client(options: &JsValue) -> Result<JsValue, JsValue> {
    let options = copied(options);
    let transport = options::transport(&Argument::decode(&encode(&options)))?;
    Ok(JsDpmsClient::new(Core { transport: Rc::new(transport) }, options).into())
}

/// What is behind a `DpmsClient`.
#[wasm_bindgen(skip_typescript)]
pub struct Core {
    transport: Rc<Transport>,
}

/// From a call's arguments, and the options that are its own, to what it does.
type Prepare = fn(&Rc<Transport>, &Argument, &mut Fields<'_>) -> Result<Prepared, DpmsError>;

/// The calls of the document, by the methods of `DpmsClient`.
const CALLS: [(&str, Prepare); 17] = [
    ("practiceConfiguration", practice_configuration::get),
    ("createScanRequest", scan_request::create),
    ("deleteScanRequest", scan_request::delete),
    ("listOrders", orders::list),
    ("orders", orders::walk),
    ("getOrder", orders::get),
    ("pollOrders", poll::poll),
    ("downloadScan", downloads::scan),
    ("downloadLink", downloads::link),
    ("downloadScreenCapture", downloads::capture),
    ("listScreenCaptures", screen_captures::list),
    ("searchPatients", patients::search),
    ("listPatients", patients::list),
    ("patients", patients::walk),
    ("updatePatient", patients::update),
    ("updatePatientByChartNumber", patients::update_by_chart),
    ("request", request::request),
];

#[wasm_bindgen]
impl Core {
    /// Begins a call, by its method's name and the encoded list of its options and then its arguments.
    pub fn call(&self, method: &str, arguments: &str) -> Result<Call, JsValue> {
        Ok(self.begin(method, &Argument::decode(arguments))?)
    }

    /// A refresh has ended, with a token or without.
    pub fn refreshed(&self, instead_of: String, token: Option<String>) {
        self.transport.auth.borrow_mut().refreshed(instead_of, token);
    }
}

impl Core {
    fn begin(&self, method: &str, arguments: &Argument) -> Result<Call, DpmsError> {
        let found = CALLS.iter().find(|(name, _)| *name == method);
        let unknown = || DpmsError::new(ErrorKind::InvalidArgument, "There is no such call.");
        let (_, prepare) = found.ok_or_else(unknown)?;
        let mut options = Fields::of("options", arguments.item(0))?;
        let prepared = prepare(&self.transport, arguments, &mut options)?;
        let scope = options::scope(&mut options, &self.transport);
        options.finish()?;
        Ok(Call::new(&self.transport, prepared, scope))
    }
}

/// The URL of a V2 call.
fn v2(transport: &Transport, path: &[&str]) -> Result<String, DpmsError> {
    let missing = "Nothing was sent: this call needs endpoints.v2 or endpoints.baseUrl.";
    url(transport.endpoints.v2.as_ref(), path, missing)
}

/// The URL of a V3 call.
fn v3(transport: &Transport, path: &[&str]) -> Result<String, DpmsError> {
    let missing =
        "Nothing was sent: this call needs endpoints.v3, which Discovery gives; there is no older form of it.";
    url(transport.endpoints.v3.as_ref(), path, missing)
}

fn url(base: Option<&Base>, path: &[&str], missing: &str) -> Result<String, DpmsError> {
    let base = base.ok_or_else(|| DpmsError::new(ErrorKind::InvalidArgument, missing))?;
    Ok(join(&base.url, &path.concat()))
}

/// The body of a call: an object of texts; those under one of the `numbers` are digits, and stand without quotes.
fn body(entries: &[(String, String)], numbers: &[&str]) -> String {
    let entry = |json: Object, (key, value): &(String, String)| match numbers.contains(&key.as_str()) {
        true => json.raw(key, value),
        false => json.text(key, value),
    };
    entries.iter().fold(Object::new(), entry).end()
}
