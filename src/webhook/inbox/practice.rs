//! Registering and removing a practice.

use super::Inbox;
use super::reconcile::Reconciliation;
use super::retention::Sweep;
use super::rows::key;
use crate::webhook::json::{object, record};
use crate::webhook::registration::Registration;
use crate::webhook::reply::Reply;
use crate::wire::Id;

record! {
    /// A registered practice. Holds secrets: it has no `Debug`.
    pub(super) struct Registered {
        pub company_id: Id,
        pub registration: Registration,
    }
}

impl Inbox<'_> {
    /// Registers the practice, or changes how it is. What waits is kept, and is tried at once.
    pub(super) fn register(&mut self, company_id: Id, registration: Registration) -> Reply {
        let old = self.practice.take().map(|practice| practice.registration);
        self.take_tokens(old.as_ref(), &registration);
        self.resume(key::API);
        self.resume(key::CONSUMER);
        if old.as_ref().is_none_or(|old| old.base_url != registration.base_url) {
            let last = self.reconciliation().and_then(|reconciliation| reconciliation.last);
            let now = Reconciliation { due: self.now, run: None, again: false, tries: 0, last };
            self.store.put(key::RECONCILE, &now);
        }
        if self.sweep_due().is_none() {
            self.store.put(key::SWEEP, &Sweep { due: self.now, next: String::new() });
        }
        let practice = Registered { company_id, registration };
        self.store.put(key::PRACTICE, &practice);
        self.practice = Some(practice);
        self.wake_by(self.now);
        let is_new = old.is_none();
        self.log("practice.registered", object! { "new": is_new });
        self.state_reply(if is_new { 201 } else { 200 }, company_id)
    }

    /// Forgets everything.
    pub(super) fn remove(&mut self) -> Reply {
        self.step.clear = true;
        self.step.wake_at = Some(None);
        let removed = self.practice.is_some();
        self.log("practice.removed", object! { "registered": removed });
        Reply::json(200, object! { "removed": removed }.to_string())
    }
}
