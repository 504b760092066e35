//! Deterministic simulation of the edge function's inbox: thousands of practices, each with its own bad luck.
//!
//! A seed decides everything that happens: notifications lost, doubled, reordered and late; a service and a consumer that
//! fail, hang and come back; tokens that expire; pages that drift; and a process that dies between any two steps. After
//! every step the promises of `checks` must hold, and when everything has settled, what they add up to.
//!
//! `SEED=7 cargo test --all-features --test simulation -- --nocapture` prints a run step by step; `RUNS=100000` tries more.
#![allow(clippy::disallowed_methods, reason = "its lists are short")]
#![cfg(all(feature = "webhook", not(target_arch = "wasm32")))]

mod checks;
mod consumer;
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

/// The outcomes of all seeds, or the first that breaks a promise.
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

/// A simulation that finds nothing proves nothing, unless it finds what is there.
fn is_caught(bug: Bug, promise: &str) {
    let broken: Vec<_> = (0..200).filter_map(|seed| simulate(seed, bug, false).err()).collect();
    assert!(broken.iter().any(|broken| broken.contains(promise)), "{bug:?} goes unnoticed, or is taken for {broken:?}");
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
fn it_catches_an_inbox_that_takes_an_older_response_for_a_newer_notification() {
    is_caught(Bug::IgnoresTheTime, "response is older than its notification");
}

#[test]
fn it_catches_a_shell_that_runs_an_alarm_while_calls_are_in_flight() {
    is_caught(Bug::OverlapsAlarms, "in flight twice");
}
