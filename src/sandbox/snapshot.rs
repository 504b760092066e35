//! Saves a practice as a string and restores it.

use serde::{Deserialize, Serialize};

use super::clock::{FARTHEST, Millis};
use super::export_settings::ExportSettings;
use super::patient_update::UpdateById;
use super::patient_update_by_chart::UpdateByChart;
use super::practice::{Practice, Settings};
use super::scan_request::ScanRequest;
use super::tokens::Tokens;
use crate::scalar::Guid;

/// The snapshot format of this version. A change to how practices are generated needs a new number.
const FORMAT: u32 = 2;

/// A change to the practice, at the practice's own time.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Event {
    /// An RX was pushed. Whether it may update its patient depends on a setting, which may have another value when restoring.
    ScanRequest { request: ScanRequest, at: Millis, patient_updates: bool },
    /// A pushed RX was deleted.
    RxDeleted { rx_id: Guid },
    /// A pushed RX was scanned.
    ScanCompleted { rx_id: Guid, at: Millis },
    /// An order's status changed.
    StatusSet { rx_id: Guid, status: String },
    /// A new order's 3D archive was first requested.
    #[serde(rename = "archiveAsked")]
    ArchiveRequested { order_id: u32, at: Millis },
    /// A screen capture was taken.
    CaptureAdded { order_id: u32, at: Millis },
    /// The export settings were changed.
    ExportSettingsSet { settings: ExportSettings },
    /// A patient was updated by id.
    PatientUpdated { update: UpdateById, at: Millis },
    /// A patient was updated by chart number.
    PatientUpdatedByChart { update: UpdateByChart, at: Millis },
}

impl Event {
    fn time(&self) -> Option<Millis> {
        match self {
            Self::RxDeleted { .. } | Self::StatusSet { .. } | Self::ExportSettingsSet { .. } => None,
            Self::ScanRequest { at, .. }
            | Self::ScanCompleted { at, .. }
            | Self::ArchiveRequested { at, .. }
            | Self::CaptureAdded { at, .. }
            | Self::PatientUpdated { at, .. }
            | Self::PatientUpdatedByChart { at, .. } => Some(*at),
        }
    }
}

/// A saved practice. The seed and the time of creation reproduce its initial state, so only later events are stored.
/// Faults are not stored: they belong to whoever injected them.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Snapshot {
    format: u32,
    seed: u64,
    created: Millis,
    ahead: Millis,
    tokens: Tokens,
    callback_url: Option<String>,
    events: Vec<Event>,
}

/// Read first, since another format may have other fields.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl Practice {
    /// Returns the practice as a string that `restore` reads. Its length grows with the events, not with the initial state.
    pub fn snapshot(&self) -> String {
        let snapshot = Snapshot {
            format: FORMAT,
            seed: self.seed,
            created: self.created,
            ahead: self.ahead,
            tokens: self.tokens.clone(),
            callback_url: self.callback_url.clone(),
            events: self.journal.clone(),
        };
        // Writing fails only for maps with non-string keys and for a `Serialize` that fails. There are neither here.
        serde_json::to_string(&snapshot).unwrap_or_default()
    }

    /// Restores a practice: generates it from the seed, then replays its events. The error says what is wrong.
    pub fn restore(settings: Settings, snapshot: &str) -> Result<Self, String> {
        let Format { format } = serde_json::from_str(snapshot).map_err(|error| error.to_string())?;
        if format != FORMAT {
            return Err(format!("its format is {format}, this version reads {FORMAT}"));
        }
        let Snapshot { seed, created, ahead, tokens, callback_url, events, .. } =
            serde_json::from_str(snapshot).map_err(|error| error.to_string())?;
        let mut times = events.iter().filter_map(Event::time).chain([created, ahead]);
        if times.any(|time| !(-FARTHEST..=FARTHEST).contains(&time)) {
            return Err("a time in it is out of range".into());
        }
        if let Some(url) = &callback_url {
            settings.check_callback_url(url).map_err(|reason| format!("its callback URL is not valid: {reason}"))?;
        }
        if tokens.is_empty() {
            return Err("it has no token".into());
        }
        let token = settings.access_token.clone();
        let mut practice = Self::new(settings, seed, created);
        for (nth, event) in events.into_iter().enumerate() {
            practice.replay(event).ok_or_else(|| format!("event {nth} does not fit the practice"))?;
        }
        practice.ahead = ahead;
        practice.tokens = tokens;
        if let Some(token) = token {
            practice.tokens.adopt(&token);
        }
        // Not before the replay, since that would send the callbacks again.
        practice.callback_url = callback_url;
        Ok(practice)
    }

    fn replay(&mut self, event: Event) -> Option<()> {
        match event {
            Event::ScanRequest { request, at, patient_updates } => {
                self.push_rx(request, patient_updates, at).ok().map(drop)
            }
            Event::RxDeleted { rx_id } => self.remove_rx(rx_id).ok(),
            Event::ScanCompleted { rx_id, at } => self.complete_scan(rx_id, at).map(drop),
            Event::StatusSet { rx_id, status } => self.set_order_status(rx_id, status),
            Event::ArchiveRequested { order_id, at } => {
                self.orders.iter().find(|order| order.id == order_id)?;
                self.start_generation(order_id, at);
                Some(())
            }
            Event::CaptureAdded { order_id, at } => self.add_screen_capture(order_id, at).map(drop),
            Event::ExportSettingsSet { settings } => self.set_export_settings(settings),
            Event::PatientUpdated { update, at } => self.update_by_id(update, at).ok().map(drop),
            Event::PatientUpdatedByChart { update, at } => self.update_by_chart(update, at).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{
        NOW, complete, control, delete, get, patch, post, practice, practice_without_updates, push, rx, search,
        settings,
    };
    use super::*;
    use serde_json::{Value, json};

    fn restored(practice: &Practice) -> Practice {
        let settings = Settings { access_token: None, ..settings() };
        Practice::restore(settings, &practice.snapshot()).unwrap()
    }

    /// Returns everything that can be read from a practice.
    fn everything(practice: &mut Practice) -> [Vec<u8>; 3] {
        [
            get(practice, "/orders/practice?Offset=0&pageSize=1024", NOW).body,
            get(practice, "/latest-files?dateFrom=2025-04-01", NOW).body,
            search(practice, "").body,
        ]
    }

    #[test]
    fn a_snapshot_restores_what_happened() {
        let mut practice = practice();
        let scanned = push(&mut practice, "Ada");
        let order_id = complete(&mut practice, scanned, NOW + 1);
        get(&mut practice, &format!("/order/{order_id}/download/IDE"), NOW + 2);
        let waiting = push(&mut practice, "Zoë");
        let deleted = push(&mut practice, "Eve");
        delete(&mut practice, &format!("/scan-request/{deleted}"));
        control(&mut practice, "order-status", &json!({ "rxId": scanned, "status": "Lab Review" }));
        control(&mut practice, "screen-capture", &json!({ "orderId": order_id }));
        let id = practice.patients[0].id;
        patch(&mut practice, "/patients", &json!({ "PatientId": id, "ChartNumber": "N-1" }), NOW);
        let body = json!({ "ChartNumber": "N-1", "Gender": 1, "DateOfBirth": "1990-02-28" });
        patch(&mut practice, "/patient/by-chart-number", &body, NOW);

        let snapshot = practice.snapshot();
        assert!(snapshot.len() < 2_000, "{}", snapshot.len());
        let mut restored = restored(&practice);
        assert_eq!(restored.snapshot(), snapshot);
        assert_eq!(everything(&mut restored), everything(&mut practice));
        assert_eq!(restored.patients, practice.patients);
        assert_eq!(get(&mut restored, &format!("/order/{order_id}/download/IDE"), NOW + 1502).status, 200);
        assert_eq!(complete(&mut restored, waiting, NOW + 3), complete(&mut practice, waiting, NOW + 3));
        assert_eq!(push(&mut restored, "Next"), push(&mut practice, "Next"), "both generate the same random ids");
    }

    #[test]
    fn a_snapshot_keeps_the_clock_the_tokens_and_the_callback_url() {
        let mut practice = practice();
        control(&mut practice, "clock", &json!({ "advanceMs": 86_400_000 }));
        control(&mut practice, "callback-url", &json!({ "url": "http://127.0.0.1:9/" }));
        control(&mut practice, "expire-token", &json!({}));
        let restored = restored(&practice);
        assert_eq!((restored.ahead, restored.access_token()), (86_400_000, "token-2"));
        assert_eq!(restored.callback_url.as_deref(), Some("http://127.0.0.1:9/"));
        assert!(restored.tokens.was_issued(Some("Bearer token")));
        assert!(restored.pushes.is_empty());
    }

    #[test]
    fn a_snapshot_holds_no_faults() {
        let mut practice = practice();
        control(&mut practice, "fault", &json!({ "status": 500, "times": null }));
        assert_eq!(get(&mut restored(&practice), "/practice-configuration", NOW).status, 200);
    }

    #[test]
    fn a_restored_practice_does_not_send_old_callbacks_again() {
        let mut practice = practice();
        control(&mut practice, "callback-url", &json!({ "url": "http://127.0.0.1:9/" }));
        let rx_id = push(&mut practice, "Ada");
        control(&mut practice, "complete-scan", &json!({ "rxId": rx_id }));
        let mut restored = restored(&practice);
        get(&mut restored, "/practice-configuration", NOW);
        assert!(restored.take_pushes().is_empty());
        control(&mut restored, "order-status", &json!({ "rxId": rx_id, "status": "Scanning" }));
        assert_eq!(restored.take_pushes().len(), 1);
    }

    #[test]
    fn a_token_passed_when_restoring_is_accepted_unless_it_has_expired() {
        let mut practice = practice();
        control(&mut practice, "expire-token", &json!({}));
        let with = |token: &str| Settings { access_token: Some(token.into()), ..settings() };
        let token = |settings| Practice::restore(settings, &practice.snapshot()).unwrap().access_token().to_owned();
        assert_eq!(token(with("token")), "token-2");
        assert_eq!(token(with("other")), "other");
    }

    #[test]
    fn events_are_restored_even_if_the_settings_now_forbid_them() {
        let mut practice = practice_without_updates();
        let mut shared = rx();
        shared["PatientChartNumber"] = json!("SB-1008");
        assert_eq!(post(&mut practice, "/scan-request", shared.to_string().as_bytes(), NOW).status, 200);
        assert_eq!(restored(&practice).patients, practice.patients);
    }

    #[test]
    fn a_malformed_snapshot_is_refused_and_says_why() {
        let whole: Value = serde_json::from_str(&practice().snapshot()).unwrap();
        let with = |key: &str, value: Value| {
            let mut snapshot = whole.clone();
            snapshot[key] = value;
            snapshot.to_string()
        };
        let unknown = json!({ "event": "scanCompleted", "rxId": "a09292aa-8b06-45f9-a73c-350538bb32f3", "at": 1 });
        let everyone = json!({ "event": "exportSettingsSet", "settings": { "triangles": u32::MAX } });
        for (snapshot, reason) in [
            (String::new(), "EOF"),
            ("{}".into(), "missing field"),
            (json!({ "format": FORMAT }).to_string(), "missing field"),
            (json!({ "format": 1, "seed": 1, "created": 1, "events": [] }).to_string(), "format is 1"),
            (with("created", json!(i64::MAX)), "out of range"),
            (with("ahead", json!(i64::MAX)), "out of range"),
            (with("callbackUrl", json!("x")), "callback URL"),
            (with("tokens", json!([])), "no token"),
            (with("events", json!([unknown])), "event 0"),
            (with("events", json!([everyone])), "expected a whole number"),
            (with("more", json!(1)), "unknown field"),
        ] {
            let error = Practice::restore(settings(), &snapshot).err().unwrap();
            assert!(error.contains(reason), "{error}");
        }
    }
}
