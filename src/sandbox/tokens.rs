//! Access tokens: one is let in at a time, and expires when it is told to (§3.2).

use serde::{Deserialize, Serialize};

/// The token of a practice that is given none.
const DEFAULT: &str = "sandbox-access-token";

/// Every token that was issued, the one that is let in last.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tokens(Vec<String>);

impl Tokens {
    pub fn new(first: Option<&str>) -> Self {
        Self(vec![first.unwrap_or(DEFAULT).into()])
    }

    /// Whether none was issued, which only a snapshot can claim.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The token that is let in.
    pub fn current(&self) -> &str {
        self.0.last().map_or(DEFAULT, String::as_str)
    }

    /// Whether a request with this header may call the API.
    pub fn lets_in(&self, authorization: Option<&str>) -> bool {
        bearer(authorization) == Some(self.current())
    }

    /// Whether the token of this header was ever let in.
    pub fn knows(&self, authorization: Option<&str>) -> bool {
        bearer(authorization).is_some_and(|token| self.0.iter().any(|issued| issued == token))
    }

    /// Issues the next token; from now on the others are refused. It is made of the first, so that it is the same each
    /// time.
    pub fn expire(&mut self) -> &str {
        let first = self.0.first().map_or(DEFAULT, String::as_str);
        let next = (self.0.len() + 1..).map(|nth| format!("{first}-{nth}")).find(|next| !self.0.contains(next));
        self.0.extend(next);
        self.current()
    }

    /// Lets in a token that whoever wakes the practice insists on. One that was issued before does not come to life again.
    pub fn adopt(&mut self, token: &str) {
        if !self.0.iter().any(|issued| issued == token) {
            self.0.push(token.into());
        }
    }
}

fn bearer(authorization: Option<&str>) -> Option<&str> {
    authorization?.strip_prefix("Bearer ")
}

#[cfg(test)]
mod tests {
    use super::super::test::{BASE, NOW, control, json, practice};
    use super::super::{Practice, Request};
    use super::*;
    use serde_json::json;

    fn status(practice: &mut Practice, token: &str) -> u16 {
        let (url, authorization) =
            (format!("{BASE}/api/third-party/v2/practice-configuration"), format!("Bearer {token}"));
        practice
            .handle(&Request { method: "GET", url: &url, authorization: Some(&authorization), body: b"" }, NOW)
            .status
    }

    #[test]
    fn an_expired_token_is_401_and_the_next_one_is_let_in() {
        let mut practice = practice();
        let answer = json(&control(&mut practice, "expire-token", &json!({})));
        let next = answer["accessToken"].as_str().unwrap().to_owned();
        assert_eq!((next.as_str(), practice.access_token()), ("token-2", "token-2"));
        assert_eq!((status(&mut practice, "token"), status(&mut practice, &next)), (401, 200));
    }

    #[test]
    fn whoever_held_a_token_once_may_control_the_sandbox_and_nobody_else() {
        let mut practice = practice();
        for _ in 0..3 {
            assert_eq!(control(&mut practice, "expire-token", &json!({})).status, 200);
        }
        let url = format!("{BASE}/sandbox/expire-token");
        for authorization in [None, Some("Bearer token-5"), Some("token"), Some("Basic token")] {
            let request = Request { method: "POST", url: &url, authorization, body: b"{}" };
            assert_eq!(practice.handle(&request, NOW).status, 401, "{authorization:?}");
        }
        assert_eq!(practice.access_token(), "token-4");
    }

    #[test]
    fn a_token_is_never_issued_twice() {
        let mut tokens = Tokens::new(Some("t"));
        tokens.adopt("t-3");
        assert_eq!(tokens.current(), "t-3");
        assert_eq!(tokens.expire(), "t-4");
        tokens.adopt("t");
        assert_eq!(tokens.current(), "t-4", "an expired one does not come to life again");
    }
}
