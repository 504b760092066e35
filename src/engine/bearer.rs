//! Bearer tokens (RFC 6750).

/// Whether a token can be sent in a header. Any other text would be refused or, worse, would end the header early.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::is_token;

    #[test]
    fn a_token_is_visible_ascii() {
        assert!(is_token("eyJhbGciOi.J9_-~+/="));
        for text in ["", " ", "to ken", "token\n", "tok\u{e9}n"] {
            assert!(!is_token(text), "{text:?}");
        }
    }
}
