//! One run: the seed decides what happens, in which order and with which outcomes, until everything settles.

use itero_dpms::webhook::clock::{HOUR, Millis, date, rfc3339};
use itero_dpms::webhook::inbox::Effects;
use itero_dpms::webhook::inbox::input::{Ask, Failure, Input, Reason, Response, ResponseHeaders};
use itero_dpms::webhook::inbox::log::LogEvent;
use itero_dpms::webhook::registration::{Consumer as DeliverTo, Refresh, Registration};
use serde_json::Value;

use crate::checks::{Checked, Checks, Proof, no_secrets};
use crate::consumer::Consumer;
use crate::live::Live;
use crate::process::{Bug, Flight, Process};
use crate::random::Random;
use crate::service::{Order, Response as ServiceResponse, STATUSES, Service};

/// 2025-03-04, nine o'clock.
const START: Millis = 1_741_078_800_000;

/// How many things happen before the run settles.
const TICKS: usize = 150;

/// How many alarms may run until everything has settled. An unknown RX is fetched again for a day.
const ALARMS: usize = 2_000;

macro_rules! outcome {
    ($($(#[$meta:meta])* $field:ident,)*) => {
        /// How often each thing happened.
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
    updates,
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
    /// Events that the consumer accepted more than once.
    repeated_deliveries,
    replays,
    /// Events that readers of live events received.
    received_live,
    /// Sockets by which a reader went on.
    resumed,
    /// Sockets that the process closed.
    closed_sockets,
    hibernations,
}

struct Simulation {
    random: Random,
    now: Millis,
    /// Counts what happens, to order it.
    tick: u64,
    service: Service,
    consumer: Consumer,
    process: Process,
    checks: Checks,
    live: Live,
    /// The RX ids of notifications in transit.
    network: Vec<String>,
    is_registered: bool,
    /// Whether there may be notifications of RXs that the API does not know. Fetching those for a day makes runs slow.
    has_unknown_rxs: bool,
    /// Reconciliations that have ended.
    comparisons: u64,
    /// Notifications that were stored, whether or not that was acknowledged.
    stored: u64,
    outcome: Outcome,
    is_verbose: bool,
}

/// Runs a seed. Returns what happened, or the guarantee that was broken.
pub fn simulate(seed: u64, bug: Bug, is_verbose: bool) -> Result<Outcome, String> {
    let mut random = Random::new(seed);
    let service = Service::new(&mut random);
    let mut simulation = Simulation {
        now: START + random.below(86_400_000) as Millis,
        tick: 0,
        service,
        consumer: Consumer::default(),
        process: Process::new(bug),
        checks: Checks::default(),
        live: Live::new(seed, bug),
        network: Vec::new(),
        is_registered: false,
        has_unknown_rxs: random.percent(2),
        comparisons: 0,
        stored: 0,
        outcome: Outcome::default(),
        is_verbose,
        random,
    };
    if simulation.random.percent(70) {
        simulation.register()?; // otherwise later, and notifications before that are parked
    }
    for _ in 0..simulation.random.below(12) {
        simulation.scan(true);
    }
    for _ in 0..TICKS {
        simulation.tick()?;
        simulation.live.tick(&simulation.process.rows, simulation.now)?;
        simulation.checks.invariants(&simulation.process)?;
    }
    simulation.settle()?;
    simulation.live.settle(&simulation.process.rows, &simulation.checks.ids, simulation.now)?;
    simulation.check_totals()?;
    Ok(simulation.outcome)
}

impl Simulation {
    fn print(&self, what: impl FnOnce() -> String) {
        if self.is_verbose {
            println!("{} {}", rfc3339(self.now), what());
        }
    }

    fn tick(&mut self) -> Checked {
        self.tick += 1;
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
            38..40 => return self.crash(),
            40..43 => return self.operate(),
            43..47 => self.now = self.process.alarm.unwrap_or(0).clamp(self.now, self.now + HOUR),
            47..65 => self.serve(),
            65..85 => return self.receive(),
            _ => return self.run_alarm(),
        }
        Ok(())
    }

    /// An RX is scanned. Its files may not be ready yet, and its scan may be older than the newest one.
    fn scan(&mut self, is_listed: bool) {
        let order_id = self.random.below(1_000_000_000);
        let order = Order {
            rx_id: format!("a09292aa-8b06-45f9-a73c-{:012x}", order_id),
            order_id,
            status: STATUSES[0],
            history: vec![STATUSES[0]],
            listed_at: (is_listed || self.random.percent(70)).then_some(self.now),
            scanned_on: date(self.now).to_string(),
        };
        self.print(|| format!("{} is scanned; listed: {}", order.rx_id, order.listed_at.is_some()));
        self.network.push(order.rx_id.clone());
        let place = self.service.orders.len() - self.random.below(self.service.orders.len().min(4) + 1);
        self.service.orders.insert(place, order);
    }

    /// An order's status changes, or another of its files is ready.
    fn change(&mut self) {
        let status = self.random.pick(&STATUSES);
        let at = self.random.below(self.service.orders.len());
        let Some(order) = self.service.orders.get_mut(at) else { return };
        order.status = status;
        order.history.push(status);
        self.network.push(order.rx_id.clone());
        let rx_id = order.rx_id.clone();
        self.print(|| format!("{rx_id} is {status} now"));
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
        if self.has_unknown_rxs && at < self.service.orders.len() {
            let order = self.service.orders.remove(at);
            self.print(|| format!("{} is deleted", order.rx_id));
        }
    }

    /// A notification arrives, possibly late, several times or never.
    fn notify(&mut self) -> Checked {
        if self.has_unknown_rxs && self.random.percent(2) {
            self.network.push(format!("ffffffff-8b06-45f9-a73c-{:012x}", self.random.below(3))); // forged
        }
        let at = self.random.below(self.network.len());
        let Some(rx_id) = self.network.get(at).cloned() else { return Ok(()) };
        if !self.random.percent(15) {
            self.network.swap_remove(at);
        }
        if self.random.percent(10) {
            self.print(|| format!("the notification of {rx_id} is lost"));
            return Ok(());
        }
        self.wake()?;
        let step =
            self.process.ask(Ask::Notification { rx_id: rx_id.parse().expect("a GUID"), is_admitted: true }, self.now);
        if !self.store(&step, true, None)? {
            self.network.push(rx_id); // the other side tries again
            return Ok(());
        }
        self.stored += 1;
        if self.random.percent(3) {
            self.outcome.lost_acknowledgements += 1;
            self.crash()?;
            return Ok(());
        }
        let status = step.reply.map_or(0, |reply| reply.status);
        self.print(|| format!("the notification of {rx_id} gets {status}"));
        if status != 202 {
            return Err(format!("a notification gets {status}"));
        }
        self.outcome.acknowledged += 1;
        self.outcome.parked += u64::from(!self.is_registered);
        self.checks.acknowledged(&rx_id, self.tick, self.now);
        Ok(())
    }

    /// Stores a step, unless the process dies first.
    fn store(&mut self, effects: &Effects, is_notification: bool, proof: Option<&Proof<'_>>) -> Result<bool, String> {
        if self.process.bug == Bug::TellsFirst && effects.news.is_some() {
            self.live.tell_first(&self.process.rows, &effects.writes, self.now)?;
        }
        if self.random.percent(1) {
            self.outcome.unstored_steps += 1;
            self.crash()?;
            return Ok(false);
        }
        self.process.commit(effects, is_notification);
        if let Some(first) = effects.news {
            self.live.recorded(first);
        }
        for entry in &effects.log {
            self.print(|| format!("  {entry:?}"));
        }
        self.checks.stored(effects, proof, self.now)?;
        for entry in &effects.log {
            if let LogEvent::ReconcileFinished { ms, .. } = entry.event {
                self.check_list(ms)?;
                self.comparisons += 1;
            }
        }
        Ok(true)
    }

    fn crash(&mut self) -> Checked {
        self.print(|| "the process dies".into());
        self.outcome.crashes += 1;
        self.process.crash();
        self.live.crash()
    }

    /// The relay asks for the token, calls the API with it, and says how that went. While the token is renewed it has to wait, for a call
    /// that is under way; the shell asks again after that.
    fn relay(&mut self) -> Checked {
        self.wake()?;
        let mut ask = Ask::Token(None);
        for _ in 0..2 {
            let step = self.process.ask(ask, self.now);
            if !self.store(&step, false, None)? {
                return Ok(());
            }
            let reply = step.reply.ok_or("the relay gets no reply")?;
            self.print(|| format!("the relay gets {}", reply.status));
            if let Some(awaited) = &step.wait_for
                && !self.process.flights.iter().any(|flight| flight.call.id == *awaited)
            {
                return Err(format!("the relay waits for {awaited}, which is not under way"));
            }
            if reply.status != 200 {
                return if reply.status == 503 { no_secrets(&reply.body) } else { Err(format!("{}", reply.status)) };
            }
            let access: serde_json::Value = serde_json::from_str(&reply.body).map_err(|error| error.to_string())?;
            let number = access["number"].as_i64().ok_or("the token has no number")?;
            let is_accepted = access["token"] == *self.service.access_token;
            ask = if is_accepted { Ask::TokenWorks(number) } else { Ask::Token(Some(number)) };
            if is_accepted {
                let step = self.process.ask(ask, self.now);
                return self.store(&step, false, None).map(drop);
            }
        }
        Ok(())
    }

    /// An operator sends a request.
    fn operate(&mut self) -> Checked {
        let ask = match self.random.below(12) {
            10 | 11 if self.is_registered => return self.relay(),
            0 if self.is_registered => Ask::Reconcile {},
            1 if self.is_registered => match self.checks.ids.get(self.random.below(self.checks.ids.len())) {
                Some(id) => {
                    self.outcome.replays += 1;
                    Ask::Replay { id: id.clone() }
                }
                None => Ask::State {},
            },
            2 | 3 if self.is_registered => Ask::State {},
            4 if self.is_registered => {
                self.service.issue();
                Ask::Register(Box::new(self.registration()))
            }
            _ => Ask::Register(Box::new(self.registration())),
        };
        let registers = matches!(ask, Ask::Register(_));
        self.wake()?;
        let step = self.process.ask(ask, self.now);
        if self.store(&step, false, None)? {
            self.is_registered |= registers;
            let reply = step.reply.ok_or("the operator gets no reply")?;
            self.print(|| format!("an operator gets {}", reply.status));
            return no_secrets(&reply.body);
        }
        Ok(())
    }

    /// A registration with the tokens of the last pairing, whether or not they are still valid.
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
            feed_key: None,
            v3_base_url: None,
            deliver_to: Some(DeliverTo {
                url: "https://consumer.example/".into(),
                secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into(),
            }),
        }
    }

    /// A call reaches the other side, which responds.
    fn serve(&mut self) {
        let waiting = |(at, flight): (usize, &Flight)| flight.response.is_none().then_some(at);
        let waiting: Vec<_> = self.process.flights.iter().enumerate().filter_map(waiting).collect();
        if waiting.is_empty() {
            return;
        }
        let flight = &mut self.process.flights[self.random.pick(&waiting)];
        let response = if flight.call.id.starts_with("deliver/") {
            self.consumer.respond(&flight.call, &mut self.random)
        } else {
            self.service.respond(&flight.call, &mut self.random)
        };
        flight.response = Some((response, self.tick));
    }

    /// A response is received. If none is left, the alarm's work is done.
    fn receive(&mut self) -> Checked {
        let ready = |(at, flight): (usize, &Flight)| flight.response.is_some().then_some(at);
        let ready: Vec<_> = self.process.flights.iter().enumerate().filter_map(ready).collect();
        if ready.is_empty() {
            return Ok(());
        }
        let Flight { call, response } = self.process.flights.swap_remove(self.random.pick(&ready));
        let Some((response, sent_at)) = response else { return Ok(()) };
        self.print(|| format!("{} {} gets {:?}", call.method, call.id, response.as_ref().map(|response| response.0)));
        let input = self.input(&call.id, &response);
        let step = self.process.step(&input, self.now);
        let rx_id = call.id.split('/').nth(1).unwrap_or_default();
        let body: Value = response.as_ref().and_then(|(_, body)| serde_json::from_str(body).ok()).unwrap_or_default();
        let proof = Proof { rx_id, sent_at, status: body["Data"]["Status"].as_str() };
        self.store(&step, false, call.id.starts_with("order/").then_some(&proof)).map(drop)
    }

    fn input(&mut self, call: &str, response: &ServiceResponse) -> Input {
        let call = call.to_owned();
        if self.random.percent(1) {
            self.outcome.crashed_steps += 1;
            return Input::Failure(Failure { call, reason: Reason::Crashed });
        }
        match response {
            None => Input::Failure(Failure { call, reason: self.random.pick(&[Reason::Timeout, Reason::Network]) }),
            Some((status, body)) => {
                let retry_after = self.random.percent(20).then(|| "7".to_owned());
                let headers = ResponseHeaders { retry_after };
                Input::Response(Response { call, status: *status, headers, body: body.clone() })
            }
        }
    }

    /// The alarm runs if it is due. It stays set until its step is stored.
    fn run_alarm(&mut self) -> Checked {
        if self.process.alarm.is_none_or(|alarm| alarm > self.now) {
            return Ok(());
        }
        self.wake()?;
        let alarm = self.process.alarm.take();
        let step = self.process.step(&Input::Alarm {}, self.now);
        let again = step.wake_at.flatten().or(step.wake_by).is_some_and(|at| at <= self.now);
        if again && step.calls.is_empty() && step.writes.is_empty() {
            return Err("the alarm runs again and again without doing anything".into());
        }
        if !self.store(&step, false, None)? {
            self.process.alarm = alarm;
        }
        Ok(())
    }

    /// The process begins to run, if it does not: that comes before all else.
    fn wake(&mut self) -> Checked {
        if !self.process.is_awake {
            let step = self.process.step(&Input::Start {}, self.now);
            self.process.commit(&step, false);
            self.process.is_awake = true;
            self.is_waiting_noticed()?;
        }
        Ok(())
    }

    /// What is due when a process begins to run is looked at soon, whatever the one before it was doing.
    fn is_waiting_noticed(&self) -> Checked {
        let is_due = |(key, _): (&String, &String)| {
            key.split('/').nth(2).and_then(|due| due.parse().ok()).is_some_and(|due: Millis| due <= self.now)
        };
        let waits =
            self.process.rows.range("due/".to_owned()..).take_while(|(key, _)| key.starts_with("due/")).any(is_due);
        let is_held_up = ["api", "consumer"].iter().any(|key| self.process.has(key)) || !self.is_registered;
        let token: Value =
            self.process.rows.get("token").and_then(|token| serde_json::from_str(token).ok()).unwrap_or_default();
        let is_soon = self.process.alarm.is_some_and(|alarm| alarm <= self.now + 2_000);
        if waits && !is_held_up && token["rejected"] == false && !is_soon {
            return Err("what waits is not looked at within two seconds".into());
        }
        Ok(())
    }

    /// Checks that a reconciliation has found every order that was listed throughout.
    fn check_list(&self, took: Millis) -> Checked {
        let listed = self.service.orders.iter().filter(|order| order.listed_at.is_some_and(|at| at < self.now - took));
        let missed = listed.map(|order| &order.rx_id).find(|rx_id| !self.checks.reported.contains_key(*rx_id));
        missed.map_or(Ok(()), |rx_id| Err(format!("a reconciliation has missed {rx_id}")))
    }

    /// Nothing changes any more and nothing fails. Time passes until there is nothing left to do.
    fn settle(&mut self) -> Checked {
        self.print(|| "everything settles".into());
        self.tick += 1;
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
            while !self.process.flights.is_empty() {
                self.tick += 1;
                self.now += self.random.below(200) as Millis;
                self.serve();
                self.receive()?;
                self.checks.invariants(&self.process)?;
            }
            let state = self.process.state(self.now);
            if !state["attention"].is_null() {
                self.service.issue(); // the response to the last refresh was lost for good
                self.register()?;
            }
            // The first one may have started earlier and passed an order that was listed late.
            if self.comparisons > 1 && !self.process.has("fetch/") && !self.process.has("deliver/") {
                return Ok(());
            }
            self.now = self.now.max(self.process.alarm.ok_or("work is pending, but no alarm is set")?);
            self.run_alarm()?;
        }
        Err(format!("does not settle: {}", self.process.state(self.now)))
    }

    fn register(&mut self) -> Checked {
        loop {
            self.wake()?;
            let step = self.process.ask(Ask::Register(Box::new(self.registration())), self.now);
            if self.store(&step, false, None)? {
                self.is_registered = true;
                return Ok(());
            }
        }
    }

    /// Checks the totals of the whole run.
    fn check_totals(&mut self) -> Checked {
        let events = self.process.rows.range("event/".to_owned()..).take_while(|(key, _)| key.starts_with("event/"));
        let events: Vec<Value> = events.filter_map(|(_, event)| serde_json::from_str(event).ok()).collect();
        if !events.iter().map(|event| event["id"].as_str()).eq(self.checks.ids.iter().map(|id| Some(id.as_str()))) {
            return Err("the feed is not what was reported".into());
        }
        if self.process.has("due/") {
            return Err("something is left on the agenda".into());
        }
        for order in &self.service.orders {
            // What was reported is part of what happened, in its order.
            let mut history = order.history.iter();
            let is_status = |event: &&Value| event["rxId"] == *order.rx_id && event["type"] != "scan.updated";
            for event in events.iter().filter(is_status) {
                if !history.any(|status| event["status"] == *status) {
                    return Err(format!(
                        "{} {} is not what became of it: {:?}",
                        order.rx_id, event["seq"], order.history
                    ));
                }
            }
            let reported = self.checks.reported.get(&order.rx_id);
            if reported.is_none_or(|reported| reported != order.status) {
                return Err(format!("{} is {}, reported is {reported:?}", order.rx_id, order.status));
            }
        }
        if let Some(rx_id) = self.checks.reported.keys().find(|rx_id| rx_id.starts_with("ffffffff")) {
            return Err(format!("{rx_id} is forged, but reported"));
        }
        let failed: Vec<String> = (1..=events.len())
            .filter(|seq| self.process.rows.contains_key(&format!("failed/{seq:012}")))
            .map(|seq| self.checks.ids[seq - 1].clone())
            .collect();
        let is_lost = |id: &&String| !self.consumer.accepted.contains_key(*id) && !failed.contains(id);
        if let Some(id) = self.checks.ids.iter().find(is_lost) {
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
        let redundant =
            counts["notifications"].as_u64().unwrap_or_default() - (events.len() as u64 - by_reconciliation);
        self.outcome.events += events.len() as u64;
        self.outcome.updates += events.iter().filter(|event| event["type"] == "scan.updated").count() as u64;
        self.outcome.duplicates += counts["duplicates"].as_u64().unwrap_or_default();
        self.outcome.unverified += counts["unverified"].as_u64().unwrap_or_default();
        self.outcome.found_by_reconciliation += by_reconciliation;
        self.outcome.repeated_deliveries += self.consumer.accepted.values().filter(|times| **times > 1).count() as u64;
        let Service { refused, refreshes, not_found, pages, .. } = self.service;
        self.outcome.refused_tokens += refused;
        self.outcome.refreshes += refreshes;
        self.outcome.not_found += not_found;
        self.outcome.pages += pages;
        let Live { received, resumed, closed, hibernated, .. } = self.live;
        self.outcome.received_live += received;
        self.outcome.resumed += resumed;
        self.outcome.closed_sockets += closed;
        self.outcome.hibernations += hibernated;
        if self.outcome.duplicates > redundant { Err("more duplicates than notifications".into()) } else { Ok(()) }
    }
}
