//! Provides the relay, which calls the API by itself, with the practice's valid token, or with the reason why there is none.
//! Only the inbox renews the token, however many Workers report that it was refused.

use serde::Serialize;

use super::Inbox;
use super::rows::key;
use super::state::Attention;
use super::token::Token;
use crate::webhook::clock::{Millis, SECOND};
use crate::webhook::reply::{Reason, Reply};

/// What the relay needs to call the API. Holds a secret, and goes only to the Worker.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Access<'a> {
    /// Identifies the token: the relay sends the number back if the API refuses the token.
    number: Millis,
    token: &'a str,
    /// The location of V2.
    v2: &'a str,
    /// The location of V3, if the registration has it.
    v3: Option<&'a str>,
    /// Whether the relay has to report that the API accepts the token.
    unproven: bool,
}

impl Inbox<'_> {
    /// Replies with the token, or with a refusal if the token with the number `refused`, which the API did not accept, is still
    /// in use. While a refresh is in flight, the reply is not final: the shell asks again after it.
    pub(super) fn give_token(&mut self, refused: Option<Millis>) -> Reply {
        if let Some(number) = refused {
            self.token_rejected(number);
            self.make_calls();
        }
        let token: Option<Token> = self.store.get(key::TOKEN);
        let Some((practice, token)) = self.practice.as_ref().zip(token) else {
            return needs_pairing("This practice is not registered.", None);
        };
        let registration = &practice.registration;
        let can_refresh = registration.refresh.is_some();
        // Without a refresh, an occasional call checks whether the token is accepted again.
        if !token.rejected || !can_refresh && token.retry_at <= self.now {
            let unproven = token.rejected || token.fresh || token.refused > 0 || token.attention.is_some();
            return Reply::json(
                200,
                &Access {
                    number: token.number,
                    token: &token.access,
                    v2: &registration.base_url,
                    v3: registration.v3_base_url.as_deref(),
                    unproven,
                },
            );
        }
        self.effects.wait_for = self.flights.of("refresh");
        if token.attention.is_some() || !can_refresh {
            let detail =
                "The API does not accept the practice's token, and it cannot be renewed: pair the practice again.";
            return needs_pairing(detail, token.attention.or(Some(Attention::Unauthorized)));
        }
        let seconds = (token.retry_at - self.now + SECOND - 1).max(SECOND) / SECOND;
        let detail = "The practice's token is being renewed. Try again.";
        Reply::problem(503, detail).with("retry-after", seconds.to_string())
    }
}

fn needs_pairing(detail: &str, attention: Option<Attention>) -> Reply {
    let reason = Reason { code: Some("practice-needs-pairing"), scope: None, attention };
    Reply::problem_because(503, detail, reason)
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use crate::webhook::clock::{HOUR, SECOND};
    use crate::webhook::inbox::input::Ask;
    use crate::webhook::inbox::testing::{TestInbox, bare, header, with_refresh};
    use crate::webhook::reply::Reply;

    const GRANTED: &str = r#"{"access_token":"second-token","refresh_token":"second"}"#;

    fn json(reply: &Reply) -> Json {
        serde_json::from_str(&reply.body).unwrap()
    }

    /// The current token and its number.
    fn token(inbox: &mut TestInbox) -> (String, i64) {
        let reply = inbox.ask(Ask::Token(None));
        assert_eq!(reply.status, 200, "{}", reply.body);
        let access = json(&reply);
        (access["token"].as_str().unwrap().to_owned(), access["number"].as_i64().unwrap())
    }

    /// The reply to a caller who reports a refused token, after the call that it waits for.
    fn renewed(inbox: &mut TestInbox, number: i64, status: u16, body: &str) -> Reply {
        let company_id = crate::webhook::inbox::testing::COMPANY.try_into().unwrap();
        let input = || crate::webhook::inbox::input::Input::Request { company_id, ask: Ask::Token(Some(number)) };
        let effects = inbox.step(input());
        let Some(awaited) = effects.wait_for else { return effects.reply.unwrap() };
        let again = inbox.step(input());
        assert_eq!(again.wait_for.as_ref(), Some(&awaited), "there is one refresh");
        let calls: Vec<_> = inbox.take_calls().into_iter().filter(|call| call.id == awaited).collect();
        let [call] = calls.try_into().ok().unwrap();
        assert_eq!(header(&call, "authorization"), Some("Basic aWQ6cw=="));
        inbox.respond(&call, status, body);
        let last = inbox.step(input());
        assert_eq!(last.wait_for, None, "it does not wait without end");
        last.reply.unwrap()
    }

    #[test]
    fn a_refused_token_is_renewed_once_and_whoever_named_it_gets_the_new_one() {
        let mut inbox = TestInbox::registered(&with_refresh("first"));
        let (access, number) = token(&mut inbox);
        assert_eq!(access, "first-token");
        let reply = renewed(&mut inbox, number, 200, GRANTED);
        let second = json(&reply);
        assert_eq!((&second["token"], &second["unproven"]), (&"second-token".into(), &true.into()));
        for refused in [number, number - 1, 0] {
            let reply = inbox.ask(Ask::Token(Some(refused)));
            assert_eq!(json(&reply)["token"], "second-token", "an older one is not refused again");
        }
        inbox.ask(Ask::TokenWorks(second["number"].as_i64().unwrap()));
        assert_eq!(json(&inbox.ask(Ask::Token(None)))["unproven"], false);
        // An hour later it is renewed at once, not after a pause.
        inbox.now += HOUR;
        let (_, number) = token(&mut inbox);
        let third = renewed(&mut inbox, number, 200, r#"{"access_token":"third-token"}"#);
        assert_eq!(json(&third)["token"], "third-token");
    }

    #[test]
    fn what_cannot_be_renewed_needs_pairing_and_what_may_be_later_says_when() {
        for (status, body, code, attention) in [
            (400, r#"{"error":"invalid_grant"}"#, "practice-needs-pairing", "refresh-rejected"),
            (503, "", "", ""),
            (200, "<html>", "", ""),
        ] {
            let mut inbox = TestInbox::registered(&with_refresh("first"));
            let (_, number) = token(&mut inbox);
            let reply = renewed(&mut inbox, number, status, body);
            let problem = json(&reply);
            assert_eq!(reply.status, 503);
            assert_eq!(problem["code"].as_str().unwrap_or_default(), code);
            assert_eq!(problem["attention"].as_str().unwrap_or_default(), attention);
            assert_eq!(reply.headers.contains_key("retry-after"), code.is_empty());
            let other = inbox.ask(Ask::Token(None));
            assert_eq!(other.status, 503, "nobody gets the refused one");
        }
    }

    #[test]
    fn a_fresh_token_that_is_refused_is_not_renewed_in_a_loop() {
        let mut inbox = TestInbox::registered(&with_refresh("first"));
        let (_, number) = token(&mut inbox);
        let second = json(&renewed(&mut inbox, number, 200, GRANTED))["number"].as_i64().unwrap();
        let reply = inbox.ask(Ask::Token(Some(second)));
        assert_eq!((reply.status, inbox.take_calls().len()), (503, 0));
        let seconds: i64 = reply.headers["retry-after"].parse().unwrap();
        assert!((1..=5).contains(&seconds));
        inbox.now += seconds * SECOND;
        assert!(!inbox.run_alarm().is_empty(), "the alarm has it renewed");
    }

    #[test]
    fn without_a_refresh_a_refused_token_needs_pairing_until_it_is_tried_again() {
        let mut inbox = TestInbox::registered(&bare());
        let (_, number) = token(&mut inbox);
        let reply = inbox.ask(Ask::Token(Some(number)));
        assert_eq!((reply.status, &json(&reply)["attention"]), (503, &"unauthorized".into()));
        inbox.now += 10 * SECOND;
        assert_eq!(token(&mut inbox).1, number);
        inbox.ask(Ask::TokenWorks(number));
        inbox.now += SECOND;
        assert_eq!(json(&inbox.ask(Ask::Token(None)))["unproven"], false);
    }

    #[test]
    fn a_practice_that_nobody_has_registered_needs_pairing_and_leaves_no_row() {
        let mut inbox = TestInbox::unknown();
        for ask in [Ask::Token(None), Ask::Token(Some(1))] {
            let reply = inbox.ask(ask);
            assert_eq!((reply.status, &json(&reply)["code"]), (503, &"practice-needs-pairing".into()));
        }
        inbox.ask(Ask::TokenWorks(1));
        assert!(inbox.rows.is_empty() && inbox.alarm.is_none());
    }
}
