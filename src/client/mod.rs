//! The client: one file per resource, each from arguments through the transport to a model of the wire.

mod arguments;
mod downloads;
mod options;
mod orders;
mod practice_configuration;
mod scan_request;
mod tables;

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use self::options::{JsCallOptions, JsClientOptions};
use crate::error::{DpmsError, ErrorKind, Failure};
use crate::transport::answer;
use crate::transport::endpoints::join;
use crate::transport::{Answer, Body, Call, Content, Scope, Transport};
use crate::wire::decode;

/// A practice's connection to the API. Make one with `createClient`.
///
/// Every method takes `CallOptions` last and rejects with a `DpmsError`, or with the signal's own reason when aborted.
#[wasm_bindgen]
pub struct DpmsClient {
    transport: Rc<Transport>,
}

/// Makes a client; the options are checked, nothing is sent.
#[wasm_bindgen(js_name = createClient, skip_typescript)]
pub fn create_client(options: JsClientOptions) -> Result<DpmsClient, JsValue> {
    let transport = Rc::new(options::transport(options.into())?);
    Ok(DpmsClient { transport })
}

impl DpmsClient {
    fn scope(&self, options: Option<JsCallOptions>) -> Result<Scope, Failure> {
        options::scope(&self.transport, options)
    }
}

/// The URL of a V2 call.
fn v2(transport: &Transport, path: &str) -> Result<String, Failure> {
    let missing = "Nothing was sent: this call needs endpoints.v2 or endpoints.baseUrl.";
    let base = transport.endpoints.v2.as_ref();
    let base = base.ok_or_else(|| DpmsError::new(ErrorKind::InvalidArgument, missing))?;
    Ok(join(&base.url, path))
}

/// Makes a call that answers JSON and reads the `Data` of its envelope.
async fn data<T: serde::de::DeserializeOwned>(transport: &Transport, call: &Call, scope: &Scope) -> Result<T, Failure> {
    let Answer { status, attempts, content } = transport.send(call, scope, Body::Bytes).await?;
    let bytes = if let Content::Bytes(bytes) = content { bytes } else { Vec::new() };
    decode::data(&bytes).map_err(|error| {
        let error = DpmsError { status: Some(status), ..answer::unreadable(&error) };
        call.fails(error, attempts).into()
    })
}
