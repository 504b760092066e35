//! The access token: which one to send, and how to get a new one, once, when it is refused. Pure: JavaScript calls the caller's
//! functions and passes their results in.

use super::Event;
pub(crate) use super::bearer::is_token;
use super::error::{DpmsError, ErrorKind};

/// The caller's `accessToken` and `refresh`, and their results so far.
#[derive(Default)]
pub(crate) struct Auth {
    /// The token itself; `None` if a function returns it.
    fixed: Option<String>,
    /// Whether there is a `refresh`.
    can_refresh: bool,
    /// The outcome of the last refresh.
    refreshed: Option<Refreshed>,
    /// When the refresh in flight times out, in milliseconds since 1970. Every call that needs a new token waits for this
    /// refresh.
    refreshing: Option<f64>,
    /// How many refreshes were started.
    refreshes: u32,
    /// How many refreshes failed.
    failures: u32,
}

/// A token to send, and how many refreshes had failed when it was handed out.
#[derive(Default)]
pub(crate) struct Token {
    pub text: String,
    failures: u32,
}

/// `token` is used for as long as the source returns `instead_of`.
struct Refreshed {
    instead_of: String,
    token: String,
}

/// How a call whose token was refused gets another.
#[derive(PartialEq, Debug)]
pub(crate) enum Renewal {
    /// There is another one already.
    Done,
    /// By a refresh that this call starts.
    Begin,
    /// By the refresh that other calls wait for, or that has failed since this call was sent.
    Share,
    /// Not at all.
    Never,
}

impl Auth {
    pub(crate) fn new(fixed: Option<String>, can_refresh: bool) -> Self {
        Self { fixed, can_refresh, ..Self::default() }
    }

    /// Returns the token that was passed as a string.
    pub(crate) fn fixed(&self) -> Option<String> {
        self.fixed.clone()
    }

    /// Returns the token to send when the source returns `given`.
    pub(crate) fn token(&self, given: String) -> Token {
        Token { text: self.current(&given).to_owned(), failures: self.failures }
    }

    /// Returns how to get another token in place of the refused one. A refresh that this call starts times out after
    /// `timeout_ms`.
    ///
    /// A refresh that has timed out is given up, since it may never end: in a Worker, it is cut off with the request that
    /// started it.
    ///
    /// However many calls come here with the same refused token, there is only one refresh. All calls that were sent before it
    /// share its outcome, even if it fails.
    pub(crate) fn renew(&mut self, refused: &Token, given: &str, now_ms: f64, timeout_ms: f64) -> Renewal {
        if self.current(given) != refused.text {
            return Renewal::Done;
        }
        if !self.can_refresh {
            return Renewal::Never;
        }
        let is_under_way = self.refreshing.is_some_and(|ends_ms| now_ms < ends_ms);
        if is_under_way || (self.refreshing.is_none() && self.failures > refused.failures) {
            return Renewal::Share;
        }
        self.refreshing = Some(now_ms + timeout_ms);
        self.refreshes += 1;
        Renewal::Begin
    }

    /// Returns how long to wait for the refresh at most; infinite if it has already failed, since no time is needed then.
    pub(crate) fn refresh_left_ms(&self, now_ms: f64) -> f64 {
        self.refreshing.map_or(f64::INFINITY, |ends_ms| ends_ms - now_ms)
    }

    /// Returns the number of refreshes started so far, which is also the number of the last one.
    pub(crate) fn refreshes(&self) -> u32 {
        self.refreshes
    }

    /// Records that the refresh with this number has ended. It does not belong to a single call, since the call that started it
    /// may be aborted. Returns the token to send from now on, if the refresh returned one.
    pub(crate) fn refreshed(&mut self, number: u32, instead_of: String, token: Option<String>) -> Option<String> {
        if number != self.refreshes {
            return None; // it was given up
        }
        self.refreshing = None;
        let token = token.filter(|token| is_token(token));
        match token.clone() {
            Some(token) => self.refreshed = Some(Refreshed { instead_of, token }),
            None => self.failures += 1,
        }
        token
    }

    fn current<'a>(&'a self, given: &'a str) -> &'a str {
        match &self.refreshed {
            Some(refreshed) if refreshed.instead_of == given => &refreshed.token,
            _ => given,
        }
    }
}

/// Returns the token that one of the caller's functions returned.
pub(crate) fn token_of(event: Event, function: &str) -> Result<String, DpmsError> {
    let what = match event {
        Event::Token(Some(token)) if is_token(&token) => return Ok(token),
        Event::Token(_) => {
            return Err(DpmsError::misused(function, "must return a non-empty string of visible ASCII characters"));
        }
        Event::TimedOut => "gave nothing within timeoutMs",
        _ => "failed; see the cause",
    };
    Err(DpmsError::new(ErrorKind::Unauthorized, ["No access token: ", function, " ", what, "."].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auth() -> Auth {
        Auth::new(None, true)
    }

    fn renew(auth: &mut Auth, refused: &Token) -> Renewal {
        auth.renew(refused, "old", 0.0, 5_000.0)
    }

    #[test]
    fn one_refresh_serves_every_call_that_was_refused_together() {
        let mut auth = auth();
        let (first, second) = (auth.token("old".into()), auth.token("old".into()));
        assert_eq!(renew(&mut auth, &first), Renewal::Begin);
        assert_eq!(renew(&mut auth, &second), Renewal::Share);
        auth.refreshed(1, "old".into(), Some("new".into()));
        assert_eq!(renew(&mut auth, &second), Renewal::Done);
        assert_eq!(auth.token("old".into()).text, "new");
        assert_eq!(auth.token("another".into()).text, "another", "the source knows better");
    }

    #[test]
    fn a_failed_refresh_is_that_of_the_calls_sent_before_it_and_of_no_later_one() {
        for token in [None, Some(String::new()), Some("in valid".into())] {
            let mut auth = auth();
            let (first, second) = (auth.token("old".into()), auth.token("old".into()));
            assert_eq!(renew(&mut auth, &first), Renewal::Begin);
            auth.refreshed(1, "old".into(), token);
            assert_eq!(renew(&mut auth, &second), Renewal::Share);
            let later = auth.token("old".into());
            assert_eq!(renew(&mut auth, &later), Renewal::Begin);
        }
    }

    #[test]
    fn a_refresh_whose_time_is_over_is_given_up_and_what_it_says_later_is_not_heard() {
        let mut auth = auth();
        let refused = auth.token("old".into());
        assert_eq!(auth.renew(&refused, "old", 1_000.0, 5_000.0), Renewal::Begin);
        assert_eq!(auth.renew(&refused, "old", 5_999.0, 5_000.0), Renewal::Share);
        assert_eq!(auth.refresh_left_ms(5_999.0), 1.0);
        assert_eq!(auth.renew(&refused, "old", 6_000.0, 5_000.0), Renewal::Begin);
        auth.refreshed(1, "old".into(), None);
        assert_eq!(auth.renew(&refused, "old", 6_001.0, 5_000.0), Renewal::Share);
        auth.refreshed(2, "old".into(), Some("new".into()));
        auth.refreshed(1, "old".into(), Some("late".into()));
        assert_eq!(auth.token("old".into()).text, "new");
    }

    #[test]
    fn without_a_refresh_only_the_source_can_give_another_token() {
        let mut auth = Auth::default();
        let token = auth.token("old".into());
        assert_eq!(renew(&mut auth, &token), Renewal::Never);
        assert_eq!(auth.renew(&token, "new", 0.0, 1.0), Renewal::Done);
    }
}
