//! One run: everything that can happen, in an order and with an outcome that the seed decides, and then calm.

use itero_dpms::webhook::clock::{HOUR, Millis, date, rfc3339};
use itero_dpms::webhook::inbox::Step;
use itero_dpms::webhook::inbox::input::{Answer, AnswerHeaders, Ask, Failed, Input, Reason};
use itero_dpms::webhook::registration::{Consumer as DeliverTo, Refresh, Registration};
use serde_json::Value;

use crate::checks::{Checked, Checks, Proof, no_secrets};
use crate::consumer::Consumer;
use crate::process::{Bug, Flight, Process};
use crate::random::Random;
use crate::service::{Order, Reply, STATUSES, Service};

/// 2025-03-04, nine o'clock.
const START: Millis = 1_741_078_800_000;

/// How often things happen, before it gets calm.
const TURNS: usize = 150;

/// How many alarms may ring until everything has come to rest. An RX that nobody knows is asked for during a day.
const ALARMS: usize = 2_000;

macro_rules! outcome {
    ($($(#[$meta:meta])* $field:ident,)*) => {
        /// What came up, how often.
        #[derive(Clone, Default, Debug)]
        pub struct Outcome { $($(#[$meta])* pub $field: u64,)* }

        impl Outcome {
            pub fn add(&mut self, other: &Self) {
                $(self.$field += other.$field;)*
            }

            pub fn all(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($field), self.$field),)*]
            }
        }
    };
}

outcome! {
    events,
    acknowledged,
    duplicates,
    found_by_reconciliation,
    unverified,
    /// Notifications before the practice was registered.
    parked,
    crashes,
    unstored_steps,
    lost_acknowledgements,
    crashed_steps,
    refused_tokens,
    refreshes,
    not_found,
    pages,
    /// Events that the consumer took more than once.
    repeated_deliveries,
    replays,
}

struct Storm {
    random: Random,
    now: Millis,
    /// Counts what happens, to say what was before what.
    turn: u64,
    service: Service,
    consumer: Consumer,
    process: Process,
    checks: Checks,
    /// Notifications under way, by their RXs.
    network: Vec<String>,
    is_registered: bool,
    /// Whether notifications may come of RXs that the API does not know. They are asked for during a day, which takes long.
    has_strangers: bool,
    /// Reconciliations that have ended.
    comparisons: u64,
    /// Notifications that were stored, whether or not that was acknowledged.
    stored: u64,
    outcome: Outcome,
    is_told: bool,
}

/// Runs a seed; what came up, or the promise that was broken.
pub fn storm(seed: u64, bug: Bug, is_told: bool) -> Result<Outcome, String> {
    let mut random = Random::new(seed);
    let service = Service::new(&mut random);
    let mut storm = Storm {
        now: START + random.below(86_400_000) as Millis,
        turn: 0,
        service,
        consumer: Consumer::default(),
        process: Process::new(bug),
        checks: Checks::default(),
        network: Vec::new(),
        is_registered: false,
        has_strangers: random.percent(2),
        comparisons: 0,
        stored: 0,
        outcome: Outcome::default(),
        is_told,
        random,
    };
    if storm.random.percent(70) {
        storm.register()?; // or later, and what comes before that is parked
    }
    for _ in 0..storm.random.below(12) {
        storm.scan(true);
    }
    for _ in 0..TURNS {
        storm.happen()?;
        storm.checks.at_rest(&storm.process)?;
    }
    storm.calm()?;
    storm.all_is_told()?;
    Ok(storm.outcome)
}

impl Storm {
    fn tell(&self, what: impl FnOnce() -> String) {
        if self.is_told {
            println!("{} {}", rfc3339(self.now), what());
        }
    }

    fn happen(&mut self) -> Checked {
        self.turn += 1;
        self.now += match self.random.below(100) {
            0..88 => self.random.below(50) as Millis,
            88..97 => self.random.below(60_000) as Millis,
            97..99 => self.random.below(30 * 60_000) as Millis,
            _ => self.random.below(8 * 3_600_000) as Millis,
        };
        if self.random.percent(50) {
            self.process.sync();
        }
        match self.random.below(100) {
            0..6 => self.scan(false),
            6..12 => self.change(),
            12..14 => self.list(),
            14..15 => self.delete(),
            15..32 => return self.notify(),
            32..34 => self.service.expire(),
            34..36 => self.service.failing = self.random.pick(&[0, 0, 10, 50, 100]),
            36..38 => self.consumer.is_down = self.random.percent(50),
            38..40 => self.crash(),
            40..43 => return self.operate(),
            43..47 => self.now = self.process.alarm.unwrap_or(0).clamp(self.now, self.now + HOUR),
            47..65 => self.travel(),
            65..85 => return self.hear(),
            _ => return self.ring(),
        }
        Ok(())
    }

    /// An RX is scanned: perhaps its files are not ready yet, perhaps its scan is older than the newest.
    fn scan(&mut self, is_listed: bool) {
        let order_id = self.random.below(1_000_000_000);
        let order = Order {
            rx_id: format!("a09292aa-8b06-45f9-a73c-{:012x}", order_id),
            order_id,
            status: STATUSES[0],
            listed_at: (is_listed || self.random.percent(70)).then_some(self.now),
            scanned_on: date(self.now).to_string(),
        };
        self.tell(|| format!("{} is scanned; listed: {}", order.rx_id, order.listed_at.is_some()));
        self.network.push(order.rx_id.clone());
        let place = self.service.orders.len() - self.random.below(self.service.orders.len().min(4) + 1);
        self.service.orders.insert(place, order);
    }

    /// An order's status moves, or another file of it is ready.
    fn change(&mut self) {
        let status = self.random.pick(&STATUSES);
        let at = self.random.below(self.service.orders.len());
        let Some(order) = self.service.orders.get_mut(at) else { return };
        order.status = status;
        self.network.push(order.rx_id.clone());
        let rx_id = order.rx_id.clone();
        self.tell(|| format!("{rx_id} is {status} now"));
    }

    /// Another order's files are ready.
    fn list(&mut self) {
        let now = self.now;
        if let Some(order) = self.service.orders.iter_mut().find(|order| order.listed_at.is_none()) {
            order.listed_at = Some(now);
        }
    }

    fn delete(&mut self) {
        let at = self.random.below(self.service.orders.len());
        if self.has_strangers && at < self.service.orders.len() {
            let order = self.service.orders.remove(at);
            self.tell(|| format!("{} is deleted", order.rx_id));
        }
    }

    /// A notification arrives, some time, some times, or never.
    fn notify(&mut self) -> Checked {
        if self.has_strangers && self.random.percent(2) {
            self.network.push(format!("ffffffff-8b06-45f9-a73c-{:012x}", self.random.below(3))); // forged
        }
        let at = self.random.below(self.network.len());
        let Some(rx_id) = self.network.get(at).cloned() else { return Ok(()) };
        if !self.random.percent(15) {
            self.network.swap_remove(at);
        }
        if self.random.percent(10) {
            self.tell(|| format!("the notification of {rx_id} is lost"));
            return Ok(());
        }
        let step = self.process.ask(Ask::Notification { rx_id: rx_id.parse().expect("a GUID") }, self.now);
        if !self.store(&step, true, None)? {
            self.network.push(rx_id); // the other side tries again
            return Ok(());
        }
        self.stored += 1;
        if self.random.percent(3) {
            self.outcome.lost_acknowledgements += 1;
            self.crash();
            return Ok(());
        }
        let status = step.reply.map_or(0, |reply| reply.status);
        self.tell(|| format!("the notification of {rx_id} is answered by {status}"));
        if status != 202 {
            return Err(format!("a notification is answered by {status}"));
        }
        self.outcome.acknowledged += 1;
        self.outcome.parked += u64::from(!self.is_registered);
        self.checks.acknowledged(&rx_id, self.turn, self.now);
        Ok(())
    }

    /// Stores a step, unless the process dies before it does.
    fn store(&mut self, step: &Step, is_notification: bool, proof: Option<&Proof<'_>>) -> Result<bool, String> {
        if self.random.percent(1) {
            self.outcome.unstored_steps += 1;
            self.crash();
            return Ok(false);
        }
        self.process.commit(step, is_notification);
        for entry in &step.log {
            self.tell(|| format!("  {entry}"));
        }
        self.checks.stored(step, proof, self.now)?;
        if step.log.iter().any(|entry| entry.get("event").as_text() == Some("reconcile.finished")) {
            self.list_is_told(step)?;
            self.comparisons += 1;
        }
        Ok(true)
    }

    fn crash(&mut self) {
        self.tell(|| "the process dies".into());
        self.outcome.crashes += 1;
        self.process.crash();
    }

    /// An operator does something.
    fn operate(&mut self) -> Checked {
        let ask = match self.random.below(10) {
            0 if self.is_registered => Ask::Reconcile,
            1 if self.is_registered => match self.checks.ids.get(self.random.below(self.checks.ids.len())) {
                Some(id) => {
                    self.outcome.replays += 1;
                    Ask::Replay { id: id.clone() }
                }
                None => Ask::State,
            },
            2 | 3 if self.is_registered => Ask::State,
            4 if self.is_registered => {
                self.service.issue();
                Ask::Register(self.registration())
            }
            _ => Ask::Register(self.registration()),
        };
        let registers = matches!(ask, Ask::Register(_));
        let step = self.process.ask(ask, self.now);
        if self.store(&step, false, None)? {
            self.is_registered |= registers;
            let reply = step.reply.ok_or("nobody replies to the operator")?;
            self.tell(|| format!("an operator gets {}", reply.status));
            return no_secrets(&reply.body);
        }
        Ok(())
    }

    /// With the tokens of the last pairing, whatever has become of them.
    fn registration(&self) -> Registration {
        Registration {
            base_url: "https://api.example/v2".into(),
            access_token: self.service.paired.0.clone(),
            refresh: Some(Refresh {
                token_url: "https://id.example/token".into(),
                client_id: "client".into(),
                client_secret: "client-secret".into(),
                refresh_token: self.service.paired.1.clone(),
            }),
            deliver_to: Some(DeliverTo {
                url: "https://consumer.example/".into(),
                secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into(),
            }),
        }
    }

    /// A call reaches the other side, which answers.
    fn travel(&mut self) {
        let waiting = |(at, flight): (usize, &Flight)| flight.answer.is_none().then_some(at);
        let waiting: Vec<_> = self.process.flights.iter().enumerate().filter_map(waiting).collect();
        if waiting.is_empty() {
            return;
        }
        let flight = &mut self.process.flights[self.random.pick(&waiting)];
        let reply = if flight.call.id.starts_with("deliver/") {
            self.consumer.answer(&flight.call, &mut self.random)
        } else {
            self.service.answer(&flight.call, &mut self.random)
        };
        flight.answer = Some((reply, self.turn));
    }

    /// An answer is heard of; or there is none left, and the alarm's work is done.
    fn hear(&mut self) -> Checked {
        if self.process.flights.is_empty() && self.process.is_handling {
            let step = self.process.step(&Input::Idle, self.now);
            if self.store(&step, false, None)? {
                self.process.is_handling = false;
            }
            return Ok(());
        }
        let heard = |(at, flight): (usize, &Flight)| flight.answer.is_some().then_some(at);
        let heard: Vec<_> = self.process.flights.iter().enumerate().filter_map(heard).collect();
        if heard.is_empty() {
            return Ok(());
        }
        let Flight { call, answer } = self.process.flights.swap_remove(self.random.pick(&heard));
        let Some((reply, given_at)) = answer else { return Ok(()) };
        self.tell(|| format!("{} {} is answered by {:?}", call.method, call.id, reply.as_ref().map(|reply| reply.0)));
        let input = self.input(&call.id, &reply);
        let step = self.process.step(&input, self.now);
        let rx_id = call.id.split('/').nth(1).unwrap_or_default();
        let body: Value = reply.as_ref().and_then(|(_, body)| serde_json::from_str(body).ok()).unwrap_or_default();
        let proof = Proof { rx_id, given_at, status: body["Data"]["Status"].as_str() };
        self.store(&step, false, call.id.starts_with("order/").then_some(&proof)).map(drop)
    }

    fn input(&mut self, call: &str, reply: &Reply) -> Input {
        let call = call.to_owned();
        if self.random.percent(1) {
            self.outcome.crashed_steps += 1;
            return Input::Failed(Failed { call, reason: Reason::Crashed });
        }
        match reply {
            None => Input::Failed(Failed { call, reason: self.random.pick(&[Reason::Timeout, Reason::Network]) }),
            Some((status, body)) => {
                let retry_after = self.random.percent(20).then(|| "7".to_owned());
                let headers = AnswerHeaders { retry_after };
                Input::Answered(Answer { call, status: *status, headers, body: body.clone() })
            }
        }
    }

    /// The alarm rings, if it is time. It stays set until its step is stored.
    fn ring(&mut self) -> Checked {
        if !self.process.rings(self.now) {
            return Ok(());
        }
        let step = self.process.step(&Input::Alarm, self.now);
        let again = step.wake_at.flatten().is_some_and(|at| at <= self.now);
        if again && step.calls.is_empty() && step.writes.is_empty() {
            return Err("the alarm rings for nothing, again and again".into());
        }
        if self.store(&step, false, None)? {
            self.process.is_handling = !step.calls.is_empty();
        }
        Ok(())
    }

    /// A reconciliation has seen every order that was there all the time.
    fn list_is_told(&self, step: &Step) -> Checked {
        let finished = step.log.iter().find(|entry| entry.get("event").as_text() == Some("reconcile.finished"));
        let took: Millis = finished.and_then(|entry| entry.get("ms").as_whole()).unwrap_or_default();
        let listed = self.service.orders.iter().filter(|order| order.listed_at.is_some_and(|at| at < self.now - took));
        let missed = listed.map(|order| &order.rx_id).find(|rx_id| !self.checks.told.contains_key(*rx_id));
        missed.map_or(Ok(()), |rx_id| Err(format!("a reconciliation has passed over {rx_id}")))
    }

    /// Nothing changes any more, everything works, and time passes until there is nothing left to do.
    fn calm(&mut self) -> Checked {
        self.tell(|| "it gets calm".into());
        self.turn += 1;
        self.service.failing = 0;
        self.consumer.is_down = false;
        self.process.sync();
        while self.service.orders.iter().any(|order| order.listed_at.is_none()) {
            self.list();
        }
        while !self.network.is_empty() {
            self.notify()?;
        }
        if !self.is_registered || !self.process.state(self.now)["attention"].is_null() {
            self.service.issue();
            self.register()?;
        }
        self.comparisons = 0;
        for _ in 0..ALARMS {
            while self.process.is_handling {
                self.turn += 1;
                self.now += self.random.below(200) as Millis;
                self.travel();
                self.hear()?;
                self.checks.at_rest(&self.process)?;
            }
            let state = self.process.state(self.now);
            if !state["attention"].is_null() {
                self.service.issue(); // the answer to the last refresh was lost for good
                self.register()?;
            }
            // The first may have been under way already, and past an order that was listed late.
            if self.comparisons > 1 && !self.process.has("fetch/") && !self.process.has("deliver/") {
                return Ok(());
            }
            self.now = self.now.max(self.process.alarm.ok_or("there is no alarm, but something to do")?);
            self.ring()?;
        }
        Err(format!("does not come to rest: {}", self.process.state(self.now)))
    }

    fn register(&mut self) -> Checked {
        loop {
            let step = self.process.ask(Ask::Register(self.registration()), self.now);
            if self.store(&step, false, None)? {
                self.is_registered = true;
                return Ok(());
            }
        }
    }

    /// What all the promises add up to.
    fn all_is_told(&mut self) -> Checked {
        let events = self.process.rows.range("event/".to_owned()..).take_while(|(key, _)| key.starts_with("event/"));
        let events: Vec<Value> = events.filter_map(|(_, event)| serde_json::from_str(event).ok()).collect();
        if !events.iter().map(|event| event["id"].as_str()).eq(self.checks.ids.iter().map(|id| Some(id.as_str()))) {
            return Err("the feed is not what was told".into());
        }
        for order in &self.service.orders {
            let told = self.checks.told.get(&order.rx_id);
            if told.is_none_or(|told| told != order.status) {
                return Err(format!("{} is {}, told is {told:?}", order.rx_id, order.status));
            }
        }
        if let Some(rx_id) = self.checks.told.keys().find(|rx_id| rx_id.starts_with("ffffffff")) {
            return Err(format!("{rx_id} is forged and told"));
        }
        let failed: Vec<String> = (1..=events.len())
            .filter(|seq| self.process.rows.contains_key(&format!("failed/{seq:012}")))
            .map(|seq| self.checks.ids[seq - 1].clone())
            .collect();
        let untold = |id: &&String| !self.consumer.taken.contains_key(*id) && !failed.contains(id);
        if let Some(id) = self.checks.ids.iter().find(untold) {
            return Err(format!("{id} was not delivered"));
        }
        let state = self.process.state(self.now);
        no_secrets(&state.to_string())?;
        let counts = &state["counts"];
        if counts["notifications"] != self.stored || counts["events"] != events.len() {
            return Err(format!(
                "{counts} is not what was counted: {} notifications, {} events",
                self.stored,
                events.len()
            ));
        }
        let by_reconciliation = events.iter().filter(|event| event["source"] == "reconcile").count() as u64;
        let told_nothing =
            counts["notifications"].as_u64().unwrap_or_default() - (events.len() as u64 - by_reconciliation);
        self.outcome.events += events.len() as u64;
        self.outcome.duplicates += counts["duplicates"].as_u64().unwrap_or_default();
        self.outcome.unverified += counts["unverified"].as_u64().unwrap_or_default();
        self.outcome.found_by_reconciliation += by_reconciliation;
        self.outcome.repeated_deliveries += self.consumer.taken.values().filter(|times| **times > 1).count() as u64;
        let Service { refused, refreshes, not_found, pages, .. } = self.service;
        self.outcome.refused_tokens += refused;
        self.outcome.refreshes += refreshes;
        self.outcome.not_found += not_found;
        self.outcome.pages += pages;
        if self.outcome.duplicates > told_nothing { Err("more duplicates than notifications".into()) } else { Ok(()) }
    }
}
