//! Access tokens. Only the latest is accepted, until `expire` replaces it (§3.2).

use serde::{Deserialize, Serialize};

/// The token of a practice that is created without one.
const DEFAULT: &str = "sandbox-access-token";

/// Every token ever issued. Only the last one is accepted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tokens(Vec<String>);

impl Tokens {
    pub fn new(first: Option<&str>) -> Self {
        Self(vec![first.unwrap_or(DEFAULT).into()])
    }

    /// Whether no token was issued, which is possible only in a malformed snapshot.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the token that is accepted.
    pub fn current(&self) -> &str {
        self.0.last().map_or(DEFAULT, String::as_str)
    }

    /// Whether a request with this header may call the API.
    pub fn accepts(&self, authorization: Option<&str>) -> bool {
        bearer(authorization) == Some(self.current())
    }

    /// Whether the token in this header was ever accepted.
    pub fn was_issued(&self, authorization: Option<&str>) -> bool {
        bearer(authorization).is_some_and(|token| self.0.iter().any(|issued| issued == token))
    }

    /// Issues the next token and refuses all earlier ones from now on. It is derived from the first token, so that runs
    /// are reproducible.
    pub fn expire(&mut self) -> &str {
        let first = self.0.first().map_or(DEFAULT, String::as_str);
        let next = (self.0.len() + 1..).map(|nth| format!("{first}-{nth}")).find(|next| !self.0.contains(next));
        self.0.extend(next);
        self.current()
    }

    /// Makes `token`, which was given for restoring, the current token, unless it was issued before: an expired token is not
    /// accepted again.
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
    fn an_expired_token_is_401_and_the_next_one_is_accepted() {
        let mut practice = practice();
        let response = json(&control(&mut practice, "expire-token", &json!({})));
        let next = response["accessToken"].as_str().unwrap().to_owned();
        assert_eq!((next.as_str(), practice.access_token()), ("token-2", "token-2"));
        assert_eq!((status(&mut practice, "token"), status(&mut practice, &next)), (401, 200));
    }

    #[test]
    fn only_a_token_that_was_issued_once_controls_the_sandbox() {
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
        assert_eq!(tokens.current(), "t-4", "an expired token is not accepted again");
    }
}
