//! How a download continues while its file is not ready or does not exist.

use super::call::{Flow, PreparedCall};
use super::effect::Pause;
use super::error::{DpmsError, ErrorKind};
use super::exchange::{Exchange, Received};
use super::{Effect, Env, HttpRequest, Output, response};
use crate::schema::decode::{DecodeError, Envelope, decode};
use crate::schema::value::{FromTape, Json};

/// The first and the longest pause before 3D files are requested again.
const FIRST_PAUSE_MS: f64 = 1_000.0;
const LONGEST_PAUSE_MS: f64 = 10_000.0;

/// A download in progress. Its bytes go from the network directly to the caller, never through here.
pub(crate) struct Download {
    /// Until when to wait for files that are generated on the first request (R80); `None` for other files.
    pub wait_until_ms: Option<f64>,
    /// Whether a missing file is a failure.
    pub must_exist: bool,
    pause_ms: f64,
}

impl Download {
    pub(crate) fn call(request: HttpRequest, wait_until_ms: Option<f64>, must_exist: bool) -> PreparedCall {
        PreparedCall { request, flow: Box::new(Self { wait_until_ms, must_exist, pause_ms: FIRST_PAUSE_MS }) }
    }
}

impl Flow for Download {
    /// Sends the request again as long as a 404 can mean that the files are being generated (R80).
    fn receive(
        &mut self,
        exchange: &mut Exchange,
        outcome: Result<Received, DpmsError>,
        env: Env,
    ) -> Result<Effect, DpmsError> {
        let error = match outcome {
            Ok(Received { status, attempts, body: Some(body) }) => {
                return Err(exchange.request.fails(no_file(&body).with_status(status), attempts));
            }
            Ok(Received { status, attempts, .. }) if self.must_exist => {
                let error = DpmsError::new(ErrorKind::NotFound, "There is no such file.").with_status(status);
                return Err(exchange.request.fails(error, attempts));
            }
            Ok(_) => return Ok(Effect::Done(Output::Json("null".to_owned()))),
            Err(error) => error,
        };
        let Some(wait_until_ms) = self.wait_until_ms.filter(|_| error.kind == ErrorKind::NotFound) else {
            return Err(error);
        };
        let left_ms = (wait_until_ms - env.now_ms).min(exchange.left_ms(env));
        if left_ms <= 0.0 {
            return Err(not_ready(error));
        }
        // `Retry-After` can lengthen the client's own pause but not shorten it: a short one would cause a thousand requests.
        let delay_ms = error.retry_after_ms.unwrap_or_default().max(self.pause_ms);
        if delay_ms >= left_ms {
            self.wait_until_ms = Some(env.now_ms); // the next request is the last
        }
        let delay_ms = delay_ms.min(left_ms);
        self.pause_ms = (self.pause_ms * 2.0).min(LONGEST_PAUSE_MS);
        exchange.repeat();
        Ok(Effect::Sleep { delay_ms, pause: Pause::Generating })
    }
}

/// The failure of a 200 whose body begins like a web page or JSON.
fn no_file(body: &[u8]) -> DpmsError {
    match decode(Envelope::V2, &Json::KIND, body) {
        Err(DecodeError::Refused) => response::unreadable(&DecodeError::Refused),
        _ => {
            let message = "The response is a web page or JSON, not a file: the link, or endpoints, probably leads to a login \
                           page, a proxy's page or a web site.";
            DpmsError::new(ErrorKind::Decode, message)
        }
    }
}

fn not_ready(mut error: DpmsError) -> DpmsError {
    let hint = ": The 3D files are not ready: they take a minute or two to generate, so ask again later. If they never \
                come, check the order id.";
    error.message = [error.method.unwrap_or_default(), " ", error.endpoint.unwrap_or_default(), hint].concat();
    error.kind = ErrorKind::NotReady;
    error.retryable = true;
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::downloads::SCAN;
    use crate::engine::Policy;
    use crate::engine::retry::RetryPolicy;

    /// Returns when a file that never appears is requested, and which error ends the download, if each 404 has this
    /// `Retry-After`.
    fn asked(wait_ms: f64, retry_after_ms: Option<f64>) -> (Vec<f64>, DpmsError) {
        let policy =
            Policy { timeout_ms: 1_000.0, deadline_ms: f64::INFINITY, max_response_bytes: 0, retry: RetryPolicy::OFF };
        let mut prepared = Download::call(HttpRequest::new(&SCAN, String::new()), Some(wait_ms), false);
        let mut exchange = Exchange::new(prepared.request, policy);
        let mut env = Env { now_ms: 0.0, random: 0.0, date_ms: |_| None };
        let mut times = Vec::new();
        loop {
            times.push(env.now_ms);
            let mut error = DpmsError::new(ErrorKind::NotFound, "").with_status(404);
            error.retry_after_ms = retry_after_ms;
            match prepared.flow.receive(&mut exchange, Err(error), env) {
                Ok(Effect::Sleep { delay_ms, .. }) => env.now_ms += delay_ms,
                Ok(_) => panic!("gives something"),
                Err(error) => return (times, error),
            }
        }
    }

    #[test]
    fn files_that_are_being_generated_are_asked_for_with_growing_pauses_whatever_retry_after_says() {
        let (own, error) = asked(60_000.0, None);
        assert_eq!(own, [0.0, 1_000.0, 3_000.0, 7_000.0, 15_000.0, 25_000.0, 35_000.0, 45_000.0, 55_000.0, 60_000.0]);
        assert_eq!(error.kind, ErrorKind::NotReady);
        for short in [0.0, 1.0, 999.0] {
            assert_eq!(asked(60_000.0, Some(short)).0, own, "{short}");
        }
        assert_eq!(asked(60_000.0, Some(40_000.0)).0, [0.0, 40_000.0, 60_000.0]);
        assert_eq!(asked(60_000.0, Some(1e15)).0, [0.0, 60_000.0]);
    }

    #[test]
    fn a_clock_that_stands_still_does_not_make_it_ask_for_ever() {
        let (times, _) = asked(0.4, Some(0.0));
        assert_eq!(times.len(), 2);
    }
}
