//! Redirects. They are followed here, and only to where the token may go: some platforms take it along to any origin, and none
//! tells that origin's responses from the API's.

use super::Transport;
use super::error::{DpmsError, ErrorKind};
use super::follow::{LIMIT, goes_along};
use crate::api::endpoint::Method;

/// What a response says of redirects.
#[derive(Clone, Default, Debug)]
pub(crate) enum Redirect {
    /// There is none.
    #[default]
    None,
    /// It leads there.
    To(Destination),
    /// It leads somewhere, and the platform does not show where.
    Hidden,
    /// The platform, or the caller's `fetch`, has followed it to this origin.
    Followed(String),
}

/// An http(s) URL without a user.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    pub url: String,
    pub origin: String,
}

/// Returns the URL to go on with after a response; `None` if it is to be taken for what it is.
pub(crate) fn next_url(
    transport: &Transport,
    method: Method,
    status: u16,
    redirect: &Redirect,
    followed: u32,
) -> Result<Option<String>, DpmsError> {
    let trusts = |origin: &str| transport.endpoints.trusts(origin, &transport.trusted_origins);
    match redirect {
        Redirect::To(destination) if goes_along(method, status) => {
            if !trusts(&destination.origin) {
                Err(elsewhere().with_status(status))
            } else if followed == LIMIT {
                let message = "Redirected too often: check endpoints.";
                Err(DpmsError::new(ErrorKind::BadRequest, message).with_status(status))
            } else {
                Ok(Some(destination.url.clone()))
            }
        }
        // Not with its status: a 401 there is not about the token here.
        Redirect::Followed(origin) if !trusts(origin) => Err(elsewhere()),
        Redirect::Hidden => {
            let message = "The response is a redirect, and a browser does not show where it leads: check endpoints, or have \
                           the proxy that they lead to follow it.";
            Err(DpmsError::new(ErrorKind::BadRequest, message))
        }
        _ => Ok(None),
    }
}

fn elsewhere() -> DpmsError {
    let message = "Redirected to another origin, which must not see the token and does not answer for the API: check \
                   endpoints, or add the origin to trustedOrigins.";
    DpmsError::new(ErrorKind::BadRequest, message)
}
