use std::cell::RefCell;

use super::*;
use crate::api::endpoint::Endpoint;
use crate::api::{downloads, orders, patients, scan_request};
use crate::engine::auth::Auth;
use crate::engine::endpoints::Endpoints;
use crate::engine::error::ErrorKind;
use crate::engine::retry::RetryPolicy;

const POLICY: Policy = Policy {
    timeout_ms: 5_000.0,
    deadline_ms: 20_000.0,
    max_response_bytes: 1_000,
    retry: RetryPolicy { attempts: 3, base_delay_ms: 100.0, max_delay_ms: 10_000.0, create: false },
};
const ENV: Env = Env { now_ms: 0.0, random: 1.0, date_ms: |_| None };

/// A client whose token is fixed or returned by a function, with or without a refresh.
fn client(fixed: Option<&str>, can_refresh: bool) -> Transport {
    Transport {
        endpoints: Endpoints::default(),
        trusted_origins: Vec::new(),
        auth: RefCell::new(Auth::new(fixed.map(str::to_owned), can_refresh)),
        policy: POLICY,
    }
}

/// A call of a client, and the current time.
struct Call<'a>(&'a Transport, Exchange, Env);

impl<'a> Call<'a> {
    fn new(client: &'a Transport, endpoint: &'static Endpoint) -> Self {
        let request = HttpRequest::new(endpoint, "https://dpms.invalid/orders/1".into());
        Self(client, Exchange::new(request, POLICY), ENV)
    }

    /// Returns a call that has already been sent, by a client with a fixed token.
    fn sent(client: &'a Transport, endpoint: &'static Endpoint) -> Self {
        let mut call = Self::new(client, endpoint);
        assert!(matches!(call.needs(Event::Continue), Effect::Send { .. }));
        call
    }

    /// Lets time pass.
    fn later(&mut self, ms: f64) -> &mut Self {
        self.2.now_ms += ms;
        self
    }

    /// Returns the next effect.
    fn needs(&mut self, event: Event) -> Effect {
        match self.1.next(self.0, event, self.2) {
            Progress::Needs(effect) => effect,
            Progress::Ended(Ok(received)) => panic!("ended well, with a {}", received.status),
            Progress::Ended(Err(error)) => panic!("failed: {}", error.message),
        }
    }

    /// Returns the token and the attempt of the next request.
    fn sends(&mut self, event: Event) -> (String, u32) {
        match self.needs(event) {
            Effect::Send { token, attempt, .. } => (token, attempt),
            _ => panic!("sends nothing"),
        }
    }

    /// Checks that the call continues by reading the body.
    fn reads(&mut self, event: Event) {
        assert!(matches!(self.needs(event), Effect::ReadBody { .. }));
    }

    /// Checks that the call continues by calling `accessToken`.
    fn asks(&mut self, event: Event) {
        assert!(matches!(self.needs(event), Effect::AskToken { timeout_ms: 5_000.0 }));
    }

    /// Checks that the call continues by waiting for a refresh. Returns whether it starts one.
    fn refreshes(&mut self, event: Event) -> bool {
        match self.needs(event) {
            Effect::Refresh { begin, given, .. } => {
                assert_eq!(given, "old");
                begin
            }
            _ => panic!("refreshes nothing"),
        }
    }

    /// Returns the body with which the call succeeds.
    fn ends(&mut self, event: Event) -> Option<Vec<u8>> {
        match self.1.next(self.0, event, self.2) {
            Progress::Needs(_) => panic!("goes on"),
            Progress::Ended(outcome) => {
                outcome.map(|received| received.body).unwrap_or_else(|error| panic!("{}", error.message))
            }
        }
    }

    fn fails(&mut self, event: Event) -> DpmsError {
        match self.1.next(self.0, event, self.2) {
            Progress::Needs(_) => panic!("goes on"),
            Progress::Ended(outcome) => outcome.err().expect("a failure"),
        }
    }

    /// Returns the delay before the request is retried.
    fn waits(&mut self, event: Event) -> f64 {
        match self.needs(event) {
            Effect::Sleep { delay_ms, pause: Pause::Retry } => delay_ms,
            _ => panic!("does not wait"),
        }
    }
}

const GET: &Endpoint = &orders::GET;

fn status(status: u16) -> Event {
    Event::Response { status, headers: Headers::default() }
}

fn token(text: &str) -> Event {
    Event::Token(Some(text.to_owned()))
}

fn body(text: &str) -> Event {
    Event::Body(text.as_bytes().to_vec())
}

#[test]
fn a_call_asks_for_the_token_sends_it_and_reads_the_answer() {
    let client = client(None, false);
    let mut call = Call::new(&client, GET);
    call.asks(Event::Continue);
    assert_eq!(call.sends(token("one")), ("one".to_owned(), 1));
    call.reads(status(200));
    assert_eq!(call.ends(body("{}")).as_deref(), Some(&b"{}"[..]));
}

#[test]
fn without_a_token_nothing_is_sent() {
    for (given, kind) in [
        (Event::Token(None), ErrorKind::InvalidArgument),
        (token("in valid"), ErrorKind::InvalidArgument),
        (Event::TimedOut, ErrorKind::Unauthorized),
        (Event::Failed(None), ErrorKind::Unauthorized),
    ] {
        let client = client(None, false);
        let mut call = Call::new(&client, GET);
        call.needs(Event::Continue);
        assert_eq!(call.fails(given).kind, kind);
    }
}

#[test]
fn calls_that_are_refused_together_share_one_refresh() {
    let client = client(Some("old"), true);
    let mut calls = [Call::sent(&client, GET), Call::sent(&client, GET)];
    let begins = calls.each_mut().map(|call| call.refreshes(status(401)));
    assert_eq!(begins, [true, false]);
    client.auth.borrow_mut().refreshed(1, "old".into(), Some("new".into()));
    for call in &mut calls {
        assert_eq!(call.sends(token("new")), ("new".to_owned(), 2));
    }
}

#[test]
fn a_token_that_the_source_has_changed_meanwhile_is_sent_without_a_refresh() {
    let client = client(None, true);
    let mut call = Call::new(&client, GET);
    call.needs(Event::Continue);
    call.needs(token("old"));
    call.asks(status(401));
    call.asks(token("new"));
    assert_eq!(call.sends(token("new")).0, "new");
}

#[test]
fn a_second_refusal_is_final() {
    let client = client(Some("old"), true);
    let mut call = Call::sent(&client, GET);
    call.needs(status(401));
    client.auth.borrow_mut().refreshed(1, "old".into(), Some("new".into()));
    call.needs(token("new"));
    let error = call.fails(status(401));
    assert_eq!((error.kind, error.attempts), (ErrorKind::Unauthorized, 2));
}

#[test]
fn a_failed_refresh_is_the_calls_failure() {
    let client = client(Some("old"), true);
    let mut call = Call::sent(&client, GET);
    call.needs(status(401));
    assert_eq!(call.fails(Event::Failed(None)).kind, ErrorKind::Unauthorized);
}

#[test]
fn what_may_pass_is_tried_again_after_the_policys_delay_and_only_so_often() {
    let client = client(Some("token"), false);
    for failure in [|| status(503), || status(429), || Event::TimedOut, || Event::Failed(None)] {
        let mut call = Call::sent(&client, GET);
        assert_eq!(call.waits(failure()), 100.0);
        assert_eq!(call.sends(Event::Continue).1, 2);
        assert_eq!(call.waits(failure()), 200.0);
        assert_eq!(call.sends(Event::Continue).1, 3);
        assert_eq!(call.fails(failure()).attempts, 3);
    }
}

#[test]
fn a_refusal_is_not_tried_again() {
    let client = client(Some("token"), false);
    for refusal in [400, 401, 403, 404, 501] {
        let error = Call::sent(&client, GET).fails(status(refusal));
        assert_eq!((error.status, error.attempts), (Some(refusal), 1));
    }
}

#[test]
fn a_renewed_token_does_not_count_as_a_try() {
    let client = client(Some("old"), true);
    let mut call = Call::sent(&client, GET);
    call.needs(status(401));
    client.auth.borrow_mut().refreshed(1, "old".into(), Some("new".into()));
    call.needs(token("new"));
    assert_eq!(call.waits(status(503)), 100.0);
}

#[test]
fn retry_after_is_waited_for_unless_it_is_too_long() {
    let client = client(Some("token"), false);
    let after = |retry_after: &str| Event::Response {
        status: 503,
        headers: Headers { retry_after: retry_after.into(), ..Headers::default() },
    };
    assert_eq!(Call::sent(&client, GET).waits(after("7")), 7_000.0);
    let error = Call::sent(&client, GET).fails(after("61"));
    assert_eq!((error.retryable, error.retry_after_ms), (true, Some(61_000.0)));
}

#[test]
fn a_create_is_not_repeated_for_it_could_make_two() {
    let client = client(Some("token"), false);
    assert_eq!(Call::sent(&client, &scan_request::CREATE).fails(Event::TimedOut).attempts, 1);
    assert_eq!(Call::sent(&client, &scan_request::CREATE).fails(status(503)).attempts, 1);
}

#[test]
fn a_delete_that_is_refused_after_a_lost_answer_has_succeeded_before() {
    let client = client(Some("token"), false);
    let mut call = Call::sent(&client, &scan_request::DELETE);
    call.waits(Event::Failed(None));
    call.needs(Event::Continue);
    assert_eq!(call.ends(status(400)), None);

    assert_eq!(Call::sent(&client, &scan_request::DELETE).fails(status(400)).kind, ErrorKind::BadRequest);
    let mut answered = Call::sent(&client, &scan_request::DELETE);
    answered.waits(status(503));
    answered.needs(Event::Continue);
    assert_eq!(answered.fails(status(400)).kind, ErrorKind::BadRequest);
}

#[test]
fn nothing_is_read_where_nothing_is_there() {
    let client = client(Some("token"), false);
    assert_eq!(Call::sent(&client, GET).ends(status(204)), None);
    let search = || &patients::LIST;
    assert_eq!(Call::sent(&client, search()).ends(status(404)), None);
    let headers = Headers { content_type: "text/html; charset=utf-8".into(), ..Headers::default() };
    let page = Event::Response { status: 404, headers };
    assert_eq!(Call::sent(&client, search()).fails(page).kind, ErrorKind::NotFound);
}

#[test]
fn a_body_that_ended_early_is_tried_again_and_told_as_such() {
    let client = client(Some("token"), false);
    let mut call = Call::sent(&client, GET);
    for cut in [body("{"), Event::Failed(None)] {
        call.reads(ten_bytes());
        call.waits(cut);
        call.needs(Event::Continue);
    }
    call.needs(ten_bytes());
    assert_eq!(call.fails(body("{")).kind, ErrorKind::Truncated);
}

#[test]
fn no_wait_goes_beyond_the_calls_deadline() {
    let client = client(None, true);
    let mut call = Call::new(&client, GET);
    call.asks(Event::Continue);
    let sent = call.later(16_000.0).needs(token("old"));
    assert!(matches!(sent, Effect::Send { timeout_ms: 4_000.0, .. }));
    let asked = call.later(1_000.0).needs(status(401));
    assert!(matches!(asked, Effect::AskToken { timeout_ms: 3_000.0 }));
    let refresh = call.later(1_000.0).needs(token("old"));
    assert!(
        matches!(refresh, Effect::Refresh { timeout_ms: 5_000.0, wait_ms: 2_000.0, .. }),
        "others wait for it, too"
    );
    client.auth.borrow_mut().refreshed(1, "old".into(), Some("new".into()));
    call.needs(token("new"));
    call.needs(token("old"));
    let read = call.later(500.0).needs(status(200));
    assert!(matches!(read, Effect::ReadBody { timeout_ms: 5_000.0, left_ms: 1_500.0, .. }));
    assert!(call.later(1_500.0).ends(body("{}")).is_some(), "what is there in time is taken");
}

#[test]
fn whatever_a_call_waits_for_at_its_deadline_it_is_a_timeout_that_says_so_and_no_retry() {
    let client = client(None, true);
    let waiting: [fn(&mut Call<'_>); 4] = [
        |call| call.asks(Event::Continue),
        |call| drop([Event::Continue, token("old")].map(|event| call.needs(event))),
        |call| drop([Event::Continue, token("old"), status(200)].map(|event| call.needs(event))),
        |call| drop([Event::Continue, token("old"), status(503)].map(|event| call.needs(event))),
    ];
    for (until, event) in waiting.into_iter().zip([Event::TimedOut, Event::TimedOut, Event::TimedOut, Event::Continue])
    {
        let mut call = Call::new(&client, GET);
        until(&mut call);
        let error = call.later(19_999.5).fails(event);
        assert_eq!((error.kind, error.retryable), (ErrorKind::Timeout, true));
        assert!(error.message.contains("20000 ms"), "{}", error.message);
    }
}

#[test]
fn a_retry_that_would_come_after_the_deadline_is_none() {
    let client = client(Some("token"), false);
    let mut call = Call::sent(&client, GET);
    assert_eq!(call.later(19_850.0).waits(status(503)), 100.0);
    call.later(100.0).needs(Event::Continue);
    let error = call.fails(status(503));
    assert_eq!((error.status, error.attempts), (Some(503), 2), "the next delay is 200 ms");
}

#[test]
fn a_repetition_has_no_time_of_its_own() {
    let client = client(Some("token"), false);
    let mut call = Call::sent(&client, GET);
    call.later(15_000.0).reads(status(200));
    call.ends(body("{}"));
    call.1.repeat();
    assert!(matches!(call.later(1_000.0).needs(Event::Continue), Effect::Send { timeout_ms: 4_000.0, .. }));
}

#[test]
fn a_body_that_is_too_large_is_not_asked_for_again_and_says_so() {
    let client = client(Some("token"), false);
    let mut call = Call::sent(&client, GET);
    assert!(matches!(call.needs(status(200)), Effect::ReadBody { max_bytes: 1_000, .. }));
    let error = call.fails(Event::TooLarge);
    assert_eq!((error.kind, error.status, error.retryable), (ErrorKind::TooLarge, Some(200), false));

    let mut call = Call::sent(&client, &patients::LIST);
    call.reads(status(400));
    let error = call.fails(Event::TooLarge);
    assert_eq!((error.kind, error.field_errors.len()), (ErrorKind::BadRequest, 0), "the status has said enough");
}

#[test]
fn only_the_documented_details_of_a_failure_are_read() {
    let client = client(Some("token"), false);

    let mut call = Call::sent(&client, &patients::LIST);
    call.reads(status(400));
    let error = call.fails(body(r#"{"Code":"Invalid","Errors":[{"Field":"Limit","Message":"too large"}]}"#));
    assert_eq!((error.status, error.field_errors[0].field.as_str()), (Some(400), "limit"));

    let mut call = Call::sent(&client, &patients::UPDATE_BY_CHART);
    call.reads(status(409));
    let error = call.fails(Event::TimedOut);
    assert_eq!((error.kind, error.matches.is_none()), (ErrorKind::Conflict, true));

    assert_eq!(Call::sent(&client, &patients::UPDATE_BY_CHART).fails(status(400)).status, Some(400));
    assert_eq!(Call::sent(&client, GET).fails(status(400)).status, Some(400));
}

#[test]
fn a_download_streams_with_the_failures_that_it_can_end_in() {
    let client = client(Some("token"), false);
    let mut call = Call::sent(&client, &downloads::SCAN);
    let Effect::Stream { length, stalled, truncated, .. } = call.needs(ten_bytes()) else { panic!("does not stream") };
    assert_eq!(length, Some(BodyLength { bytes: 10, exact: true }));
    assert_eq!((stalled.kind, truncated.kind), (ErrorKind::Timeout, ErrorKind::Truncated));
    assert_eq!(truncated.status, Some(200));
    call.waits(Event::Failed(None)); // the platform could not
}

fn ten_bytes() -> Event {
    Event::Response { status: 200, headers: Headers { content_length: "10".into(), ..Headers::default() } }
}
