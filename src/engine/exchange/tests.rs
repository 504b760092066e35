use std::cell::RefCell;

use serde_json::{Value, json};

use super::*;
use crate::engine::auth::Auth;
use crate::engine::endpoints::Endpoints;
use crate::engine::error::ErrorKind;
use crate::engine::retry::RetryPolicy;
use crate::engine::{Details, Method};

const SCOPE: Scope = Scope {
    timeout_ms: 5_000.0,
    retry: RetryPolicy { attempts: 3, base_delay_ms: 100.0, max_delay_ms: 10_000.0, create: false },
};
const CHANCE: Chance = Chance { now_ms: 0.0, random: 1.0, parse_date: |_| f64::NAN };

/// A client whose token is fixed or given by a function, and that may be able to refresh it.
fn client(fixed: Option<&str>, can_refresh: bool) -> Transport {
    Transport {
        endpoints: Endpoints::default(),
        trusted_origins: Vec::new(),
        auth: RefCell::new(Auth::new(fixed.map(str::to_owned), can_refresh)),
        timeout_ms: SCOPE.timeout_ms,
        retry: SCOPE.retry,
    }
}

/// A call of a client.
struct Call<'a>(&'a Transport, Exchange);

impl<'a> Call<'a> {
    fn new(client: &'a Transport, request: Request) -> Self {
        Self(client, Exchange::new(request, SCOPE))
    }

    /// A call that is sent already, by a client with a fixed token.
    fn sent(client: &'a Transport, request: Request) -> Self {
        let mut call = Self::new(client, request);
        assert_eq!(call.does(Happened::Ready)["do"], "send");
        call
    }

    /// The step that follows.
    fn does(&mut self, happened: Happened<'_>) -> Value {
        match self.1.next(self.0, happened, CHANCE) {
            Turn::Do(step) => serde_json::from_str(&step.json).unwrap(),
            Turn::End(Ok(answer)) => panic!("ended well, with a {}", answer.status),
            Turn::End(Err(error)) => panic!("failed: {}", error.message),
        }
    }

    /// The body that the call ends well with.
    fn ends<'b>(&mut self, happened: Happened<'b>) -> Option<&'b [u8]> {
        match self.1.next(self.0, happened, CHANCE) {
            Turn::Do(step) => panic!("goes on: {}", step.json),
            Turn::End(outcome) => outcome.map(|answer| answer.body).unwrap_or_else(|error| panic!("{}", error.message)),
        }
    }

    fn fails(&mut self, happened: Happened<'_>) -> DpmsError {
        match self.1.next(self.0, happened, CHANCE) {
            Turn::Do(step) => panic!("goes on: {}", step.json),
            Turn::End(outcome) => outcome.err().expect("a failure"),
        }
    }

    /// The delay before the request is tried again.
    fn waits(&mut self, happened: Happened<'_>) -> Value {
        let step = self.does(happened);
        assert_eq!((&step["do"], &step["event"]), (&json!("wait"), &json!("retry")));
        step["delayMs"].clone()
    }
}

fn get() -> Request {
    Request::get("orders/:rxId", "https://dpms.invalid/orders/1".into())
}

fn create() -> Request {
    get().with_body(Method::Post, "{}".into())
}

fn delete() -> Request {
    Request { method: Method::Delete, nothing: Nothing::Deleted, ..get() }
}

fn status(status: u16) -> Happened<'static> {
    Happened::Headers(status, Headers::default())
}

fn token(text: &str) -> Happened<'static> {
    Happened::Given(Some(text.to_owned()))
}

#[test]
fn a_call_asks_for_the_token_sends_it_and_reads_the_answer() {
    let client = client(None, false);
    let mut call = Call::new(&client, get());
    assert_eq!(call.does(Happened::Ready), json!({ "do": "ask", "timeoutMs": 5_000 }));
    let sent = call.does(token("one"));
    assert_eq!((&sent["do"], &sent["token"], &sent["attempt"]), (&json!("send"), &json!("one"), &json!(1)));
    assert_eq!(call.does(status(200))["do"], "read");
    assert_eq!(call.ends(Happened::Body(b"{}")), Some(&b"{}"[..]));
}

#[test]
fn without_a_token_nothing_is_sent() {
    for given in [Happened::Given(None), token("in valid"), Happened::Silence, Happened::Broken(None)] {
        let client = client(None, false);
        let mut call = Call::new(&client, get());
        call.does(Happened::Ready);
        assert_eq!(call.fails(given).kind, ErrorKind::Unauthorized);
    }
}

#[test]
fn calls_that_are_refused_together_share_one_refresh() {
    let client = client(Some("old"), true);
    let mut calls = [Call::sent(&client, get()), Call::sent(&client, get())];
    let begins = calls.each_mut().map(|call| {
        let step = call.does(status(401));
        assert_eq!((&step["do"], &step["insteadOf"]), (&json!("refresh"), &json!("old")));
        step["begin"].clone()
    });
    assert_eq!(begins, [true, false]);
    client.auth.borrow_mut().refreshed("old".into(), Some("new".into()));
    for call in &mut calls {
        let sent = call.does(token("new"));
        assert_eq!((&sent["do"], &sent["token"], &sent["attempt"]), (&json!("send"), &json!("new"), &json!(2)));
    }
}

#[test]
fn a_token_that_the_source_has_changed_meanwhile_is_sent_without_a_refresh() {
    let client = client(None, true);
    let mut call = Call::new(&client, get());
    call.does(Happened::Ready);
    call.does(token("old"));
    assert_eq!(call.does(status(401))["do"], "ask");
    assert_eq!(call.does(token("new"))["do"], "ask");
    assert_eq!(call.does(token("new"))["token"], "new");
}

#[test]
fn a_second_refusal_is_final() {
    let client = client(Some("old"), true);
    let mut call = Call::sent(&client, get());
    call.does(status(401));
    client.auth.borrow_mut().refreshed("old".into(), Some("new".into()));
    call.does(token("new"));
    let error = call.fails(status(401));
    assert_eq!((error.kind, error.attempts), (ErrorKind::Unauthorized, 2));
}

#[test]
fn a_failed_refresh_is_the_calls_failure() {
    let client = client(Some("old"), true);
    let mut call = Call::sent(&client, get());
    call.does(status(401));
    assert_eq!(call.fails(Happened::Broken(None)).kind, ErrorKind::Unauthorized);
}

#[test]
fn what_may_pass_is_tried_again_after_the_policys_delay_and_only_so_often() {
    let client = client(Some("token"), false);
    for failure in [|| status(503), || status(429), || Happened::Silence, || Happened::Broken(None)] {
        let mut call = Call::sent(&client, get());
        assert_eq!(call.waits(failure()), 100);
        assert_eq!(call.does(Happened::Ready)["attempt"], 2);
        assert_eq!(call.waits(failure()), 200);
        assert_eq!(call.does(Happened::Ready)["attempt"], 3);
        assert_eq!(call.fails(failure()).attempts, 3);
    }
}

#[test]
fn a_refusal_is_not_tried_again() {
    let client = client(Some("token"), false);
    for refusal in [400, 401, 403, 404, 501] {
        let error = Call::sent(&client, get()).fails(status(refusal));
        assert_eq!((error.status, error.attempts), (Some(refusal), 1));
    }
}

#[test]
fn a_renewed_token_does_not_count_as_a_try() {
    let client = client(Some("old"), true);
    let mut call = Call::sent(&client, get());
    call.does(status(401));
    client.auth.borrow_mut().refreshed("old".into(), Some("new".into()));
    call.does(token("new"));
    assert_eq!(call.waits(status(503)), 100);
}

#[test]
fn retry_after_is_waited_for_unless_it_is_too_long() {
    let client = client(Some("token"), false);
    let after = |retry_after| Happened::Headers(503, Headers { retry_after, ..Headers::default() });
    assert_eq!(Call::sent(&client, get()).waits(after("7")), 7_000);
    let error = Call::sent(&client, get()).fails(after("61"));
    assert_eq!((error.retryable, error.retry_after_ms), (true, Some(61_000.0)));
}

#[test]
fn a_create_is_not_repeated_for_it_could_make_two() {
    let client = client(Some("token"), false);
    assert_eq!(Call::sent(&client, create()).fails(Happened::Silence).attempts, 1);
    assert_eq!(Call::sent(&client, create()).fails(status(503)).attempts, 1);
}

#[test]
fn a_delete_that_is_refused_after_a_lost_answer_has_succeeded_before() {
    let client = client(Some("token"), false);
    let mut call = Call::sent(&client, delete());
    call.waits(Happened::Broken(None));
    call.does(Happened::Ready);
    assert_eq!(call.ends(status(400)), None);

    assert_eq!(Call::sent(&client, delete()).fails(status(400)).kind, ErrorKind::BadRequest);
    let mut answered = Call::sent(&client, delete());
    answered.waits(status(503));
    answered.does(Happened::Ready);
    assert_eq!(answered.fails(status(400)).kind, ErrorKind::BadRequest);
}

#[test]
fn nothing_is_read_where_nothing_is_there() {
    let client = client(Some("token"), false);
    assert_eq!(Call::sent(&client, get()).ends(status(204)), None);
    let search = || Request { nothing: Nothing::NotFound, ..get() };
    assert_eq!(Call::sent(&client, search()).ends(status(404)), None);
    let page = Happened::Headers(404, Headers { content_type: "text/html; charset=utf-8", ..Headers::default() });
    assert_eq!(Call::sent(&client, search()).fails(page).kind, ErrorKind::NotFound);
}

#[test]
fn a_body_that_ended_early_is_tried_again_and_told_as_such() {
    let client = client(Some("token"), false);
    let ten_bytes = || Happened::Headers(200, Headers { content_length: "10", ..Headers::default() });
    let mut call = Call::sent(&client, get());
    for cut in [Happened::Body(b"{"), Happened::Broken(None)] {
        assert_eq!(call.does(ten_bytes())["do"], "read");
        call.waits(cut);
        call.does(Happened::Ready);
    }
    call.does(ten_bytes());
    assert_eq!(call.fails(Happened::Body(b"{")).kind, ErrorKind::Truncated);
}

#[test]
fn only_the_documented_details_of_a_failure_are_read() {
    let client = client(Some("token"), false);
    let explained = |details| Request { details, ..get() };

    let mut call = Call::sent(&client, explained(Details::Fields));
    assert_eq!(call.does(status(400))["do"], "read");
    let error =
        call.fails(Happened::Body(br#"{"Code":"Invalid","Errors":[{"Field":"PageSize","Message":"too large"}]}"#));
    assert_eq!((error.status, error.field_errors[0].field.as_str()), (Some(400), "pageSize"));

    let mut call = Call::sent(&client, explained(Details::Matches));
    assert_eq!(call.does(status(409))["do"], "read");
    let error = call.fails(Happened::Silence);
    assert_eq!((error.kind, error.matches.is_none()), (ErrorKind::Conflict, true));

    assert_eq!(Call::sent(&client, explained(Details::Matches)).fails(status(400)).status, Some(400));
    assert_eq!(Call::sent(&client, get()).fails(status(400)).status, Some(400));
}

#[test]
fn a_download_streams_with_the_failures_that_it_can_end_in() {
    let client = client(Some("token"), false);
    let mut call = Call::sent(&client, Request { streams: true, ..get() });
    let step = call.does(Happened::Headers(200, Headers { content_length: "10", ..Headers::default() }));
    assert_eq!((&step["do"], &step["length"], &step["exact"]), (&json!("stream"), &json!(10), &json!(true)));
    assert_eq!((&step["stalled"]["kind"], &step["truncated"]["kind"]), (&json!("timeout"), &json!("truncated")));
    assert_eq!(step["truncated"]["status"], 200);
    call.waits(Happened::Broken(None)); // the platform could not
}
