//! The client: one file per resource, each from arguments to a call and from its answer's model to JavaScript.

mod arguments;
mod downloads;
mod options;
mod orders;
mod pages;
mod pairing;
mod patients;
mod poll;
mod practice_configuration;
mod request;
mod scan_request;
mod screen_captures;
mod tables;

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use self::options::{JsCallOptions, JsClientOptions};
use crate::error::{DpmsError, ErrorKind, Failure};
use crate::js::tape::build;
use crate::transport::answer;
use crate::transport::endpoints::join;
use crate::transport::{Answer, Body, Call, Content, Scope, Transport};
use crate::wire::decode::{DecodeError, Envelope, decode};
use crate::wire::model::Kind;
use crate::wire::tape::Tape;

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

/// A call and how its answer is read. Every method makes one of these, synchronously; one future, in the binary once,
/// does the rest.
pub(crate) struct Prepared {
    call: Call,
    read: Read,
}

/// From an answer's body, or from an answer that there is nothing, to JavaScript.
type Read = Box<dyn FnOnce(Option<&[u8]>) -> Result<JsValue, DecodeError>>;

impl Prepared {
    /// A call whose answer is what a model says.
    fn of(call: Call, envelope: Envelope, kind: &'static Kind) -> Self {
        Self::completed(call, envelope, kind, |_| {})
    }

    /// The same, with a last touch.
    fn completed(
        call: Call,
        envelope: Envelope,
        kind: &'static Kind,
        complete: impl FnOnce(&mut Tape) + 'static,
    ) -> Self {
        let read = move |body: Option<&[u8]>| {
            let mut tape = decode(envelope, kind, body.unwrap_or_default())?;
            complete(&mut tape);
            Ok(build(&tape, kind, 0))
        };
        Self { call, read: Box::new(read) }
    }
}

impl DpmsClient {
    fn scope(&self, options: Option<JsCallOptions>) -> Result<Scope, Failure> {
        options::scope(&self.transport, options)
    }

    /// Makes the call, unless its arguments are wrong; a promise either way.
    fn promise(&self, prepared: Result<Prepared, Failure>, options: Option<JsCallOptions>) -> Promise {
        let transport = Rc::clone(&self.transport);
        let ready = prepared.and_then(|prepared| Ok((prepared, self.scope(options)?)));
        future_to_promise(async move {
            let (Prepared { call, read }, scope) = ready?;
            Ok(answered(&transport, &call, &scope, read).await?)
        })
    }
}

/// Makes a call and reads its answer.
async fn answered(transport: &Transport, call: &Call, scope: &Scope, read: Read) -> Result<JsValue, Failure> {
    let Answer { status, attempts, content } = transport.send(call, scope, Body::Bytes).await?;
    let body = if let Content::Bytes(bytes) = &content { Some(bytes.as_slice()) } else { None };
    read(body).map_err(|error| unreadable(call, status, attempts, &error))
}

fn unreadable(call: &Call, status: u16, attempts: u32, error: &DecodeError) -> Failure {
    call.fails(answer::unreadable(error).with_status(status), attempts).into()
}

/// The URL of a V2 call.
fn v2(transport: &Transport, path: &str) -> Result<String, Failure> {
    let missing = "Nothing was sent: this call needs endpoints.v2 or endpoints.baseUrl.";
    let base = transport.endpoints.v2.as_ref();
    let base = base.ok_or_else(|| DpmsError::new(ErrorKind::InvalidArgument, missing))?;
    Ok(join(&base.url, path))
}

/// The URL of a V3 call.
fn v3(transport: &Transport, path: &str) -> Result<String, Failure> {
    let missing =
        "Nothing was sent: this call needs endpoints.v3, which Discovery gives; there is no older form of it.";
    let base = transport.endpoints.v3.as_ref();
    let base = base.ok_or_else(|| DpmsError::new(ErrorKind::InvalidArgument, missing))?;
    Ok(join(&base.url, path))
}
