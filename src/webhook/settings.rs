//! What an operator can set with environment variables, within limits.

use serde::Deserialize;

use super::clock::{DAY, MINUTE, Millis};

/// The longest window of reconciliation. An order's row is kept for longer, so that it is never reported as new twice.
pub const LONGEST_WINDOW_DAYS: i64 = 365;

/// The environment variables; `None` for those that are not set.
#[derive(Deserialize, Default, Debug)]
#[serde(rename_all = "camelCase")]
pub struct Variables {
    /// `RECONCILE_MINUTES`.
    pub reconcile_minutes: Option<String>,
    /// `RECONCILE_DAYS`.
    pub reconcile_days: Option<String>,
    /// `RETENTION_DAYS`.
    pub retention_days: Option<String>,
}

/// How often to reconcile, and for how long to keep things.
#[derive(Clone, PartialEq, Debug)]
pub struct Settings {
    /// The time between two reconciliations.
    pub reconcile_every: Millis,
    /// How many days a reconciliation looks back.
    pub reconcile_days: i64,
    /// How long events are kept, and notifications that could not be verified.
    pub retention: Millis,
    /// The variables whose values were ignored.
    pub ignored: Vec<&'static str>,
}

impl Settings {
    /// Reads the variables. An invalid one is ignored instead of fatal: a typo must not lose a scan.
    pub fn read(variables: &Variables) -> Self {
        let mut ignored = Vec::new();
        let mut whole = |name, text: &Option<String>, most: i64, default: i64| {
            let Some(text) = text.as_deref().map(str::trim).filter(|text| !text.is_empty()) else { return default };
            text.parse().ok().filter(|number| (1..=most).contains(number)).unwrap_or_else(|| {
                ignored.push(name);
                default
            })
        };
        Self {
            reconcile_every: whole("RECONCILE_MINUTES", &variables.reconcile_minutes, 7 * 24 * 60, 60) * MINUTE,
            reconcile_days: whole("RECONCILE_DAYS", &variables.reconcile_days, LONGEST_WINDOW_DAYS, 30),
            retention: whole("RETENTION_DAYS", &variables.retention_days, 3_650, 30) * DAY,
            ignored,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::read(&Variables::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_is_ignored_and_named() {
        let some = |text: &str| Some(text.to_owned());
        let variables =
            Variables { reconcile_minutes: some("0"), reconcile_days: some(" 7 "), retention_days: some("ten") };
        let settings = Settings::read(&variables);
        assert_eq!(
            settings,
            Settings {
                reconcile_every: 60 * MINUTE,
                reconcile_days: 7,
                retention: 30 * DAY,
                ignored: vec!["RECONCILE_MINUTES", "RETENTION_DAYS"],
            }
        );
    }
}
