//! Secrets: compares those that callers present, and signs with shared ones.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use form_urlencoded::byte_serialize;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::scalar::Id;

/// Returns whether `presented` is one of the comma-separated `valid` secrets. The time that this takes reveals nothing about
/// them: the hashes of all of them are compared completely. If none is configured, nothing is valid.
pub fn is_one_of(presented: &str, valid: &str) -> bool {
    is_any_of(presented, valid.split(','))
}

/// Returns the secret of a practice's own callback URL, derived from the first of the comma-separated `valid` secrets. That one
/// cannot be derived from it, so whoever knows it can only send notifications for this practice.
pub fn practice_secret(valid: &str, company_id: Id) -> Option<String> {
    let secret = valid.split(',').map(str::trim).find(|secret| !secret.is_empty())?;
    let mac = hmac(secret.as_bytes(), &format!("itero-dpms callback of {company_id}"))?;
    Some(base16ct::lower::encode_string(mac.get(..16)?))
}

/// Returns whether `presented` is the secret of a practice's own callback URL, derived from any of the comma-separated `valid`
/// secrets.
pub fn is_practice_secret(presented: &str, valid: &str, company_id: Id) -> bool {
    let secrets: Vec<_> = valid.split(',').filter_map(|secret| practice_secret(secret, company_id)).collect();
    is_any_of(presented, secrets.iter().map(String::as_str))
}

/// Returns whether `presented` is the `valid` secret, which may contain commas.
pub fn is_secret(presented: &str, valid: &str) -> bool {
    is_any_of(presented, [valid].into_iter())
}

fn is_any_of<'a>(presented: &str, valid: impl Iterator<Item = &'a str>) -> bool {
    let presented = Sha256::digest(presented);
    let secrets = valid.map(str::trim).filter(|secret| !secret.is_empty());
    let matches = secrets.map(|secret| Sha256::digest(secret).as_slice().ct_eq(presented.as_slice()));
    matches.fold(Choice::from(0), |found, matches| found | matches).into()
}

/// Returns the form in which a key for a practice's feed is stored and compared; `None` for a text that cannot be a key. A
/// session token cannot: it contains dots.
pub fn feed_key(key: &str) -> Option<String> {
    let is_key = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_long = (32..=256).contains(&key.len());
    (is_long && key.bytes().all(is_key)).then(|| fingerprint(&["feed key", key]))
}

/// Returns whether the stored forms of two keys are the same.
pub fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// Returns whether a text can be a refresh token or a client's credential: printable ASCII (RFC 6749, appendix A).
pub fn is_credential(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// Returns the key of a Standard Webhooks secret: `whsec_` and 24 to 64 bytes as base64.
pub fn webhook_key(secret: &str) -> Option<Vec<u8>> {
    let key = BASE64.decode(secret.strip_prefix("whsec_")?).ok()?;
    (24..=64).contains(&key.len()).then_some(key)
}

/// Returns the `webhook-signature` of a message.
pub fn webhook_signature(key: &[u8], id: &str, timestamp_seconds: i64, body: &str) -> Option<String> {
    let mac = hmac(key, &format!("{id}.{timestamp_seconds}.{body}"))?;
    Some(format!("v1,{}", BASE64.encode(mac)))
}

/// Returns the HMAC-SHA256 of a message.
#[inline(never)]
pub fn hmac(key: &[u8], message: &str) -> Option<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?; // any length is accepted
    mac.update(message.as_bytes());
    Some(mac.finalize().into_bytes().into())
}

/// Returns a client's `Authorization` header according to RFC 6749 §2.3.1, with both halves form-encoded.
pub fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", BASE64.encode(format!("{}:{}", form_encoded(id), form_encoded(secret))))
}

/// Returns a string encoded as `application/x-www-form-urlencoded`.
pub fn form_encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

/// Returns the first 16 bytes of the parts' SHA-256 as hex digits.
pub fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes()); // so that no two different lists of parts give the same bytes
        hash.update(part);
    }
    base16ct::lower::encode_string(hash.finalize().get(..16).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_secrets_may_be_valid_at_once_and_none_if_there_is_none() {
        assert!(is_one_of("old", "old,new") && is_one_of("new", " old , new "));
        for (presented, valid) in [("", ""), ("", ","), ("", "a,,b"), ("a", "b"), ("a,b", "a,b"), ("a", ""), ("A", "a")]
        {
            assert!(!is_one_of(presented, valid), "{presented:?} {valid:?}");
        }
    }

    #[test]
    fn a_key_with_commas_is_one_key() {
        assert!(is_secret("7,long", "7,long") && is_secret("a", " a "));
        for (presented, valid) in [("7", "7,long"), ("long", "7,long"), ("", ""), ("", " "), (",", "")] {
            assert!(!is_secret(presented, valid), "{presented:?} {valid:?}");
        }
    }

    #[test]
    fn a_practice_has_a_secret_of_its_own_from_each_that_is_valid() {
        let id = |id: i64| Id::try_from(id).unwrap();
        let secret = practice_secret("new, old", id(77)).unwrap();
        assert_eq!(secret, practice_secret("new", id(77)).unwrap());
        assert!(secret.len() == 32 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let old = practice_secret("old", id(77)).unwrap();
        assert!(is_practice_secret(&secret, "new,old", id(77)) && is_practice_secret(&old, "new,old", id(77)));
        for (presented, valid, company) in
            [(&*secret, "new", 78), (&secret, "old", 77), ("new", "new", 77), ("", "", 77)]
        {
            assert!(!is_practice_secret(presented, valid, id(company)), "{presented} {valid}");
        }
        assert_eq!(practice_secret(" , ", id(77)), None);
    }

    #[test]
    fn a_message_is_signed_as_standard_webhooks_says() {
        // The example of the Standard Webhooks libraries.
        let key = webhook_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature =
            webhook_signature(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn a_webhook_secret_is_24_to_64_bytes_of_base64_after_its_prefix() {
        for secret in ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_not base64"] {
            assert_eq!(webhook_key(secret), None, "{secret}");
        }
    }

    #[test]
    fn client_credentials_are_form_encoded_before_they_are_joined() {
        assert_eq!(basic("a:b", "p %é"), format!("Basic {}", BASE64.encode("a%3Ab:p+%25%C3%A9")));
    }

    #[test]
    fn no_two_lists_of_parts_have_one_fingerprint() {
        assert_ne!(fingerprint(&["ab", "c"]), fingerprint(&["a", "bc"]));
        assert_eq!(fingerprint(&["a"]).len(), 32);
    }
}
