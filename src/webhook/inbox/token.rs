//! The practice's token: when it is refused, and how it is refreshed. There is only one refresh call at a time, so that a
//! refresh token that changes with each use is never used twice.

use serde::{Deserialize, Serialize};

use super::input::{Reason, Response};
use super::log::LogEvent;
use super::rows::{key, read};
use super::state::Attention;
use super::{Call, Inbox};
use crate::engine::bearer::is_token;
use crate::webhook::clock::{HOUR, MINUTE, Millis, SECOND};
use crate::webhook::registration::Registration;
use crate::webhook::reply::Headers;
use crate::webhook::secrets;

/// The token in use. Holds secrets: it has no `Debug`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Token {
    /// Identifies the token: calls carry the number, so that a response is never applied to another token.
    pub number: Millis,
    pub access: String,
    /// Newer than the registered one if a refresh has replaced it.
    pub refresh: Option<String>,
    /// The API refused it.
    pub rejected: bool,
    /// The token comes from a refresh, and the API has not accepted or refused it yet.
    pub fresh: bool,
    /// If the token is rejected: when to try it again, or to refresh it.
    pub retry_at: Millis,
    /// How many refreshes have failed in a row.
    pub failures: u32,
    /// How often the API has refused a token in a row, renewed tokens included. Release 0.1.0 did not store it.
    #[serde(default)]
    pub refused: u32,
    /// What only an operator can fix.
    pub attention: Option<Attention>,
}

/// How often to retry what will hardly work before an operator registers something else.
const HOPELESS: Millis = HOUR;

/// How often the API refuses tokens in a row before an operator is alerted: a single refusal may be a mistake, or come before
/// the API knows a renewed token.
const REFUSED_FOR_GOOD: u32 = 5;

/// A token endpoint's response (RFC 6749 §5.1).
#[derive(Deserialize)]
struct TokenResponse {
    access_token: String,
    refresh_token: Option<String>,
}

/// A token endpoint's error response (RFC 6749 §5.2).
#[derive(Deserialize)]
struct TokenError {
    error: String,
}

/// Returns whether a token endpoint refuses the refresh token or the client, so that a retry cannot help. A firewall's page or
/// an endpoint that is temporarily unavailable does not mean that.
fn is_final(response: &Response) -> bool {
    let error = if response.status < 400 { None } else { read::<TokenError>(&response.body) };
    error.is_some_and(|refusal| matches!(&*refusal.error, "invalid_grant" | "invalid_client"))
}

impl Inbox<'_> {
    /// Takes a registration's tokens, unless the tokens in use come from the same ones and are newer.
    pub(super) fn take_tokens(&mut self, old: Option<&Registration>, new: &Registration) {
        let current: Option<Token> = self.store.get(key::TOKEN);
        let given =
            |registration: &Registration| registration.refresh.as_ref().map(|refresh| refresh.refresh_token.clone());
        let kept = old.zip(current);
        let same_refresh = kept.as_ref().is_some_and(|(old, _)| given(old) == given(new));
        let same_access = kept.as_ref().is_some_and(|(old, _)| old.access_token == new.access_token);
        let number = kept.as_ref().map_or(0, |(_, token)| token.number);
        let current = kept.map(|(_, token)| token);
        // The token keeps its number for a refresh in flight, whose response alone has a valid refresh token.
        let is_same = same_refresh && (same_access || new.refresh.is_some());
        let token = Token {
            number: if is_same { number } else { self.now.max(number + 1) },
            access: match &current {
                Some(token) if same_access && same_refresh => token.access.clone(),
                _ => new.access_token.clone(),
            },
            refresh: match current {
                Some(token) if same_refresh => token.refresh,
                _ => given(new),
            },
            rejected: false,
            fresh: false,
            retry_at: 0,
            failures: 0,
            refused: 0,
            attention: None,
        };
        self.store.put(key::TOKEN, &token);
    }

    /// Handles a 401 of the API to the token with this number.
    pub(super) fn token_rejected(&mut self, number: Millis) {
        let Some(mut token) = self.token(number) else { return };
        let can_refresh = self.practice.as_ref().is_some_and(|practice| practice.registration.refresh.is_some());
        if token.rejected && (can_refresh || token.retry_at > self.now) {
            return; // refusals at the same time count as one
        }
        token.rejected = true;
        token.refused += 1;
        if token.refused >= REFUSED_FOR_GOOD {
            token.attention = Some(Attention::Unauthorized);
        }
        let is_renewable = can_refresh && !token.fresh;
        // After the first refusal it was renewed at once.
        let in_vain = token.refused - u32::from(can_refresh && token.refused > 1);
        let wait = if is_renewable { 0 } else { self.backoff(in_vain, 5 * SECOND, HOPELESS, key::TOKEN) };
        token.retry_at = self.now + wait;
        self.log(LogEvent::TokenRejected { refresh: can_refresh, attention: token.attention });
        self.store.put(key::TOKEN, &token);
    }

    /// Notes that the API accepted the token with this number.
    pub(super) fn token_works(&mut self, number: Millis) {
        let Some(mut token) = self.token(number) else { return };
        if token.rejected || token.fresh || token.refused > 0 || token.attention.is_some() {
            (token.rejected, token.fresh, token.refused, token.attention) = (false, false, 0, None);
            self.store.put(key::TOKEN, &token);
        }
    }

    /// Handles a 403 of the API to the list of orders: the token is valid, but not for this call.
    pub(super) fn token_forbidden(&mut self, number: Millis) {
        let Some(mut token) = self.token(number) else { return };
        token.attention = Some(Attention::Unauthorized);
        self.store.put(key::TOKEN, &token);
    }

    pub(super) fn refresh_due(&self) -> Option<Millis> {
        self.practice.as_ref().filter(|_| !self.flights.has("refresh"))?.registration.refresh.as_ref()?;
        let token: Token = self.store.get(key::TOKEN)?;
        token.rejected.then_some(token.retry_at)
    }

    /// Requests a new token (RFC 6749 §6) if it is due.
    pub(super) fn call_refresh(&mut self) {
        if self.refresh_due().is_none_or(|due| due > self.now) {
            return;
        }
        let refresh = self.practice.as_ref().and_then(|practice| practice.registration.refresh.as_ref());
        let token: Option<Token> = self.store.get(key::TOKEN);
        let Some((refresh, token)) = refresh.zip(token) else { return };
        let refresh_token = token.refresh.as_ref().unwrap_or(&refresh.refresh_token);
        let call = Call {
            id: format!("refresh/{}/refresh/{}", token.number, self.now),
            method: "POST",
            url: refresh.token_url.clone(),
            headers: Headers::from([
                ("authorization", secrets::basic(&refresh.client_id, &refresh.client_secret)),
                ("content-type", "application/x-www-form-urlencoded".into()),
                ("accept", "application/json".into()),
            ]),
            body: Some(format!("grant_type=refresh_token&refresh_token={}", secrets::form_encoded(refresh_token))),
            timeout_ms: 30 * SECOND,
            max_bytes: 64 * 1024,
        };
        self.call(call);
    }

    pub(super) fn refresh_outcome(&mut self, number: Millis, outcome: Result<&Response, Reason>) {
        let Some(mut token) = self.token(number) else { return };
        let granted: Option<TokenResponse> = match outcome {
            Ok(response) if response.status == 200 => read(&response.body),
            _ => None,
        };
        let status = outcome.map_or(0, |response| response.status);
        if let Some(granted) = granted.filter(|granted| is_token(&granted.access_token)) {
            token = Token {
                number: self.now.max(number + 1),
                access: granted.access_token,
                refresh: granted.refresh_token.filter(|token| secrets::is_credential(token)).or(token.refresh),
                rejected: false,
                fresh: true,
                retry_at: 0,
                failures: 0,
                refused: token.refused,
                attention: token.attention.filter(|attention| *attention == Attention::Unauthorized),
            };
            self.log(LogEvent::TokenRefreshed {});
        } else if outcome.is_ok_and(is_final) {
            token.attention = Some(Attention::RefreshRejected);
            token.retry_at = self.now + HOPELESS;
            self.log(LogEvent::RefreshRejected { status });
        } else {
            let asked = self.asked_to_wait(outcome.ok().and_then(|response| response.headers.retry_after.as_deref()));
            token.failures += 1;
            let in_ms = self.backoff(token.failures, 5 * SECOND, 5 * MINUTE, key::TOKEN).max(asked);
            token.retry_at = self.now + in_ms;
            self.log(LogEvent::RefreshFailed { status, reason: outcome.err(), in_ms });
        }
        self.store.put(key::TOKEN, &token);
    }

    /// Returns the token in use if it has this number.
    fn token(&self, number: Millis) -> Option<Token> {
        self.store.get(key::TOKEN).filter(|token: &Token| token.number == number)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::webhook::inbox::testing::{TestInbox, bare, header, order, with_refresh};

    /// An inbox whose token the API refuses.
    fn refused(registration: &serde_json::Value) -> TestInbox {
        let mut inbox = TestInbox::registered(registration);
        for number in 0..3 {
            inbox.notify(number);
        }
        for call in inbox.run_alarm() {
            inbox.respond(&call, 401, "");
        }
        inbox
    }

    fn refresh(inbox: &mut TestInbox, status: u16, body: &str) -> Call {
        let [call] = inbox.wait().try_into().ok().unwrap();
        assert_eq!(call.url, "https://id.example/token");
        inbox.respond(&call, status, body);
        call
    }

    const GRANTED: &str = r#"{"access_token":"second-token","refresh_token":"second refresh","expires_in":3600}"#;

    #[test]
    fn a_refused_token_is_refreshed_by_one_call_and_then_all_that_waits_is_asked_for() {
        let mut inbox = refused(&with_refresh("first"));
        let call = refresh(&mut inbox, 200, GRANTED);
        assert_eq!(header(&call, "authorization"), Some("Basic aWQ6cw=="));
        assert_eq!(call.body.as_deref(), Some("grant_type=refresh_token&refresh_token=first"));
        let mut number = 0..;
        let calls = inbox.serve(|_| (200, order(number.next().unwrap(), "Completed")));
        assert!(calls.iter().all(|call| header(call, "authorization") == Some("Bearer second-token")));
        assert_eq!(inbox.state()["counts"]["events"], 3);
    }

    #[test]
    fn a_rotated_refresh_token_survives_a_registration_with_the_same_one() {
        let mut inbox = refused(&with_refresh("first"));
        refresh(&mut inbox, 200, GRANTED);
        for (registered, used) in [("first", "second+refresh"), ("third", "third"), ("first", "first")] {
            inbox.register(&with_refresh(registered));
            for call in inbox.run_alarm() {
                inbox.respond(&call, 401, "");
            }
            let call = refresh(&mut inbox, 500, "");
            assert_eq!(call.body, Some(format!("grant_type=refresh_token&refresh_token={used}")));
        }
    }

    #[test]
    fn a_registration_while_a_refresh_is_under_way_does_not_lose_its_token() {
        let mut inbox = refused(&with_refresh("first"));
        let [call] = inbox.wait().try_into().ok().unwrap();
        inbox.register(&with_refresh("first"));
        inbox.respond(&call, 200, GRANTED);
        let calls = inbox.run_alarm();
        assert_eq!(header(&calls[0], "authorization"), Some("Bearer second-token"));
    }

    #[test]
    fn a_refused_refresh_needs_an_operator_and_is_tried_hourly() {
        let mut inbox = refused(&with_refresh("first"));
        refresh(&mut inbox, 400, r#"{"error":"invalid_grant"}"#);
        let state = inbox.state();
        assert_eq!((&state["attention"], &state["pending"]), (&"refresh-rejected".into(), &3.into()));
        assert_eq!(inbox.alarm, Some(inbox.now + HOUR));
        refresh(&mut inbox, 401, r#"{"error":"invalid_client"}"#);
        assert_eq!(inbox.alarm, Some(inbox.now + HOUR));
        inbox.register(&with_refresh("new"));
        assert!(inbox.state()["attention"].is_null());
        assert!(!inbox.run_alarm().is_empty());
    }

    #[test]
    fn a_token_endpoint_in_trouble_is_tried_again_soon() {
        let mut inbox = refused(&with_refresh("first"));
        let unavailable = r#"{"error":"temporarily_unavailable"}"#;
        for (status, body) in [
            (503, ""),
            (403, "<html>Access denied</html>"),
            (400, unavailable),
            (400, ""),
            (401, "[]"),
            (200, r#"{"error":"invalid_grant"}"#),
            (302, r#"{"error":"invalid_grant"}"#),
            (429, ""),
            (500, ""),
        ] {
            refresh(&mut inbox, status, body);
            assert!(inbox.state()["attention"].is_null(), "{status} {body}");
            assert!(inbox.alarm.is_some_and(|alarm| alarm <= inbox.now + 5 * MINUTE));
        }
        refresh(&mut inbox, 200, GRANTED);
        assert!(inbox.state()["attention"].is_null());
    }

    #[test]
    fn a_token_that_no_header_can_carry_is_no_token() {
        let mut inbox = refused(&with_refresh("first"));
        for access_token in ["", "second token", "second\ntoken"] {
            refresh(&mut inbox, 200, &json!({ "access_token": access_token }).to_string());
            assert!(inbox.log.iter().any(|entry| entry.contains("token.refresh-failed")));
        }
        let call = refresh(&mut inbox, 200, GRANTED);
        assert_eq!(call.body.as_deref(), Some("grant_type=refresh_token&refresh_token=first"));
    }

    #[test]
    fn a_token_that_is_refused_fresh_from_the_endpoint_is_refreshed_again_after_pauses_that_grow() {
        let mut inbox = refused(&with_refresh("first"));
        for (times, longest) in [0, 5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600].into_iter().enumerate() {
            let begin = inbox.now;
            refresh(&mut inbox, 200, GRANTED);
            assert!(inbox.now - begin <= longest * SECOND, "{times}");
            let is_hopeless = times as u32 + 1 >= REFUSED_FOR_GOOD;
            assert_eq!(inbox.state()["attention"].is_null(), !is_hopeless, "{times}");
            for call in inbox.wait() {
                inbox.respond(&call, 401, "");
            }
        }
        let call = refresh(&mut inbox, 200, r#"{"access_token":"third-token"}"#);
        assert_eq!(call.body.as_deref(), Some("grant_type=refresh_token&refresh_token=second+refresh"));
        for call in inbox.wait() {
            inbox.respond(&call, 404, "");
        }
        assert!(inbox.state()["attention"].is_null(), "it is accepted");
    }

    #[test]
    fn a_refresh_token_is_replaced_only_by_one() {
        let mut inbox = refused(&with_refresh("first"));
        for refresh_token in [json!(""), json!(null), json!("second\n"), json!("s\u{e9}cond")] {
            refresh(&mut inbox, 200, &json!({ "access_token": "token", "refresh_token": refresh_token }).to_string());
            for call in inbox.wait() {
                inbox.respond(&call, 401, "");
            }
        }
        let call = refresh(&mut inbox, 200, GRANTED);
        assert_eq!(call.body.as_deref(), Some("grant_type=refresh_token&refresh_token=first"));
    }

    #[test]
    fn a_stray_refusal_silences_a_practice_for_seconds() {
        for registration in [bare(), with_refresh("first")] {
            let mut inbox = refused(&registration);
            let begin = inbox.now;
            while inbox.state()["pending"] != 0 {
                for call in inbox.wait() {
                    let rx_number = || call.id.get(31..42).and_then(|digits| digits.parse().ok()).unwrap_or_default();
                    match call.id.starts_with("refresh/") {
                        true => inbox.respond(&call, 200, GRANTED),
                        false => inbox.respond(&call, 200, &order(rx_number(), "Completed")),
                    };
                }
            }
            assert!(inbox.now <= begin + 5 * SECOND);
            assert!(
                inbox.state()["attention"].is_null() && !inbox.log.iter().any(|entry| entry.contains("unauthorized"))
            );
        }
    }

    #[test]
    fn without_a_refresh_one_call_now_and_then_checks_whether_the_token_is_accepted_again() {
        let mut inbox = refused(&bare());
        let begin = inbox.now;
        while inbox.state()["attention"] != "unauthorized" {
            let [call] = inbox.wait().try_into().ok().unwrap();
            inbox.respond(&call, 401, "");
        }
        assert!(inbox.now <= begin + 2 * MINUTE);
        for status in [401, 401, 404] {
            let [call] = inbox.wait().try_into().ok().unwrap();
            assert!(inbox.alarm.is_some_and(|at| at <= inbox.now + 2 * SECOND), "in case the process dies");
            inbox.respond(&call, status, "");
        }
        let state = inbox.state();
        assert_eq!((&state["attention"], &state["pending"]), (&serde_json::Value::Null, &3.into()));
    }
}
