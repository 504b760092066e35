//! Redirects. They are followed here, and only to origins that may see the token: some platforms send it along to any origin,
//! and none distinguishes that origin's responses from the API's.

use super::Transport;
use super::error::{DpmsError, ErrorKind};
use super::follow::{LIMIT, goes_along};
use crate::api::endpoint::Method;

/// Whether a response is a redirect, and where it leads.
#[derive(Clone, Default, Debug)]
pub(crate) enum Redirect {
    /// It is not a redirect.
    #[default]
    None,
    /// It leads to this URL.
    To(Destination),
    /// It is a redirect, but the platform does not show where it leads.
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

/// Returns the URL that a response redirects to; `None` if the response is not a redirect to follow.
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
        // Without its status: a 401 from another origin says nothing about this token.
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
