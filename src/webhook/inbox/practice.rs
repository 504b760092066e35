//! Registers and removes a practice.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Inbox;
use super::log::LogEvent;
use super::reconcile::Reconciliation;
use super::retention::Sweep;
use super::rows::key;
use crate::scalar::Id;
use crate::webhook::clock::Millis;
use crate::webhook::registration::Registration;
use crate::webhook::reply::Reply;

/// A registered practice. Holds secrets: it has no `Debug`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Registered {
    pub company_id: Id,
    pub registration: Registration,
    /// When it was first registered, which also identifies its feed. Release 0.1.0 did not store it.
    #[serde(default)]
    pub since: Millis,
}

impl Inbox<'_> {
    /// Registers the practice, or changes its registration. What waits is kept and tried at once.
    pub(super) fn register(&mut self, company_id: Id, registration: Registration) -> Reply {
        let since = self.practice.as_ref().map_or(self.now, |practice| practice.since);
        let old = self.practice.take().map(|practice| practice.registration);
        self.take_tokens(old.as_ref(), &registration);
        self.resume(key::API);
        self.resume(key::CONSUMER);
        if old.as_ref().is_none_or(|old| old.base_url != registration.base_url) {
            let last = self.reconciliation().and_then(|reconciliation| reconciliation.last);
            let now = Reconciliation { due: self.now, run: None, again: false, tries: 0, useless: 0, last };
            self.store.put(key::RECONCILE, &now);
        }
        if self.sweep_due().is_none() {
            self.store.put(key::SWEEP, &Sweep { due: self.now, next: String::new() });
        }
        let practice = Registered { company_id, registration, since };
        self.store.put(key::PRACTICE, &practice);
        self.practice = Some(practice);
        self.wake_by(self.now);
        let is_new = old.is_none();
        self.log(LogEvent::PracticeRegistered { new: is_new });
        self.state_reply(if is_new { 201 } else { 200 }, company_id)
    }

    /// Deletes everything.
    pub(super) fn remove(&mut self) -> Reply {
        self.effects.clear = true;
        self.effects.news = Some(0);
        self.effects.wake_at = Some(None);
        let removed = self.practice.is_some();
        self.log(LogEvent::PracticeRemoved { registered: removed });
        Reply::json(200, &json!({ "removed": removed }))
    }
}

#[cfg(test)]
mod tests {
    use crate::webhook::inbox::input::Ask;
    use crate::webhook::inbox::testing::{TestInbox, bare, order, with_consumer};

    #[test]
    fn removing_a_practice_deletes_everything_and_stops_the_clock() {
        let mut inbox = TestInbox::registered(&bare());
        inbox.notify(1);
        let [call] = inbox.run_alarm().try_into().ok().unwrap();
        assert_eq!(inbox.ask(Ask::Remove {}).status, 200);
        assert!(inbox.rows.is_empty() && inbox.alarm.is_none());
        assert!(inbox.respond(&call, 200, &order(1, "Completed")).writes.is_empty());
        assert_eq!(inbox.alarm, None);
        assert_eq!(inbox.state()["registered"], false);
    }

    #[test]
    fn registering_is_201_at_first_and_200_then_and_keeps_what_waits() {
        let mut inbox = TestInbox::unknown();
        inbox.notify(1);
        assert_eq!(inbox.register(&bare()).status, 201);
        assert_eq!(inbox.register(&with_consumer()).status, 200);
        let state = inbox.state();
        assert_eq!(state["pending"], 1);
        assert_eq!(state["deliverTo"]["url"], "https://consumer.example", "without what may be a secret");
    }
}
