//! Deterministic simulation of the edge function's inbox: thousands of practices, each with its own faults.
//!
//! The seed decides everything that happens: notifications are lost, duplicated, reordered and delayed; the service and the
//! consumer fail, hang and recover; tokens expire; pages drift; readers of live events come, go, lag and die; and the process dies
//! between any two steps. The guarantees in `checks` and `live` must hold after every step, and the totals must be right when
//! everything has settled.
//!
//! `SEED=7 cargo test --all-features --test simulation -- --nocapture` prints a run step by step; `RUNS=100000` tries more.
#![allow(clippy::disallowed_methods, reason = "its lists are short")]
#![cfg(all(feature = "webhook", not(target_arch = "wasm32")))]

mod checks;
mod consumer;
mod live;
mod process;
mod random;
mod service;
mod simulation;

use std::ops::Range;
use std::thread;

use process::Bug;
use simulation::{Outcome, simulate};

const RUNS: u64 = 10_000;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Returns the summed outcome of all seeds, or the first broken guarantee.
fn run(seeds: Range<u64>, bug: Bug) -> Result<Outcome, String> {
    let threads = thread::available_parallelism().map_or(1, usize::from) as u64;
    let part = |number: u64| {
        let mut total = Outcome::default();
        for seed in seeds.clone().filter(|seed| seed % threads == number) {
            match simulate(seed, bug, false) {
                Ok(outcome) => total.add(&outcome),
                Err(broken) => return Err(format!("seed {seed}: {broken}; print it with SEED={seed}")),
            }
        }
        Ok(total)
    };
    thread::scope(|scope| {
        let parts: Vec<_> = (0..threads).map(|number| scope.spawn(move || part(number))).collect();
        parts.into_iter().try_fold(Outcome::default(), |mut total, part| {
            total.add(&part.join().expect("a run does not panic")?);
            Ok(total)
        })
    })
}

#[test]
fn no_scan_is_lost_or_reported_twice_whatever_happens() {
    if let Some(seed) = number("SEED") {
        let outcome = simulate(seed, Bug::None, true).unwrap_or_else(|broken| panic!("{broken}"));
        return println!("{outcome:#?}");
    }
    let outcome = run(0..number("RUNS").unwrap_or(RUNS), Bug::None).unwrap_or_else(|broken| panic!("{broken}"));
    println!("{outcome:#?}");
    for (what, times) in outcome.all() {
        assert!(times > 0, "no run got to {what}");
    }
}

/// A simulation that finds nothing proves nothing, so it has to find deliberate bugs.
fn is_caught(bug: Bug, guarantee: &str) {
    let mut broken = (0..RUNS).filter_map(|seed| simulate(seed, bug, false).err());
    assert!(broken.any(|broken| broken.contains(guarantee)), "{bug:?} is not caught, or reported as something else");
}

#[test]
fn it_catches_a_shell_that_acknowledges_before_it_stores() {
    is_caught(Bug::AcknowledgesFirst, "is neither waiting nor reported");
}

#[test]
fn it_catches_a_shell_that_stores_a_step_in_two_transactions() {
    is_caught(Bug::TwoTransactions, "is reported twice");
}

#[test]
fn it_catches_an_inbox_that_accepts_a_response_older_than_the_notification() {
    is_caught(Bug::IgnoresTheTime, "response is older than its notification");
}

#[test]
fn it_catches_a_shell_that_forgets_which_calls_are_under_way() {
    is_caught(Bug::ForgetsCalls, "in flight twice");
}

#[test]
fn it_catches_an_inbox_that_takes_an_older_response_for_a_newer_one() {
    is_caught(Bug::ForgetsOrder, "is not what became of it");
}

#[test]
fn it_catches_a_process_that_waits_for_an_alarm_when_it_begins_to_run() {
    is_caught(Bug::SleepsOn, "is not looked at within two seconds");
}

#[test]
fn it_catches_a_shell_that_tells_readers_of_events_before_they_are_written() {
    is_caught(Bug::TellsFirst, "that was never recorded");
}

#[test]
fn it_catches_a_shell_that_tells_readers_of_events_that_are_not_on_disk() {
    is_caught(Bug::IgnoresDisk, "is not on disk");
}

#[test]
fn it_catches_a_shell_whose_sockets_do_not_carry_what_was_sent() {
    is_caught(Bug::ForgetsReaders, "missed or repeated");
}
