use serde_json::Value as Json;

use super::*;
use crate::webhook::clock::{DAY, MINUTE};
use crate::webhook::inbox::input::Ask;
use crate::webhook::inbox::testing::{Counting, TestInbox, bare, list, row};
use crate::webhook::reply::to_json;

/// A practice and the sockets of its readers.
struct Sockets {
    inbox: TestInbox,
    readers: Vec<String>,
    /// The events that each reader got, by the number of its socket.
    seen: Vec<Vec<u64>>,
    /// Only events up to this one are on disk.
    stored: u64,
}

impl Sockets {
    fn with_events(count: u32) -> Self {
        let mut sockets =
            Self { inbox: TestInbox::registered(&bare()), readers: Vec::new(), seen: Vec::new(), stored: u64::MAX };
        sockets.record(count);
        sockets
    }

    /// Records this many more events.
    fn record(&mut self, count: u32) {
        let known = self.last() as u32;
        let rows: Vec<_> = (0..known + count).map(|number| row(number, "Completed")).collect();
        self.inbox.ask(Ask::Reconcile {});
        self.inbox.serve(|_| (200, list(&rows, false)));
        assert_eq!(self.last(), u64::from(known + count));
    }

    fn last(&mut self) -> u64 {
        self.inbox.state()["lastSeq"].as_u64().unwrap()
    }

    /// Deletes the rows of events, as retention does.
    fn expire(&mut self, events: std::ops::RangeInclusive<u64>) {
        self.inbox.rows.retain(|row, _| !events.clone().any(|seq| *row == key::of_event(key::EVENT, seq)));
    }

    fn step(&mut self, readers: &[String], input: LiveInput) -> LiveEffects {
        live(&self.inbox.rows, readers, input, self.stored, self.inbox.now)
    }

    fn opening(&self, after: u64) -> Opening {
        Opening { after, feed: None, subject: "subject".into(), until: self.inbox.now + 15 * MINUTE }
    }

    fn open(&mut self, after: u64) -> Result<usize, (u16, String)> {
        self.open_with(self.opening(after))
    }

    fn open_with(&mut self, opening: Opening) -> Result<usize, (u16, String)> {
        let effects = self.step(&self.readers.clone(), LiveInput::Open(opening));
        if let Some(refused) = effects.refused {
            assert!(effects.texts.is_empty() && effects.readers.is_empty() && effects.wake_at.is_none());
            return Err(refused);
        }
        let number = self.readers.len();
        self.readers.push(String::new());
        self.seen.push(Vec::new());
        self.carry_out(&effects);
        Ok(number)
    }

    fn look(&mut self) -> LiveEffects {
        let effects = self.step(&self.readers.clone(), LiveInput::Look);
        self.carry_out(&effects);
        effects
    }

    /// One reader sends a message. Returns what its socket is closed with.
    fn say(&mut self, number: usize, message: &str) -> Option<(u16, String)> {
        let reader = self.readers[number].clone();
        let mut effects = self.step(&[reader], LiveInput::Message(message.into()));
        effects.sends.iter_mut().for_each(|(reader, _)| *reader += number);
        effects.readers.iter_mut().for_each(|(reader, _)| *reader += number);
        assert!(effects.wake_at.is_none());
        self.carry_out(&effects);
        effects.closes.pop().map(|(_, code, reason)| (code, reason))
    }

    fn acknowledge(&mut self, number: usize) {
        let seq = self.seen[number].last().copied().unwrap_or_default();
        assert_eq!(self.say(number, &format!(r#"{{"type":"ack","seq":{seq}}}"#)), None);
    }

    fn carry_out(&mut self, effects: &LiveEffects) {
        for (number, text) in &effects.sends {
            let message: Json = serde_json::from_str(&effects.texts[*text]).unwrap();
            let events = message["events"].as_array().into_iter().flatten();
            self.seen[*number].extend(events.map(|event| event["seq"].as_u64().unwrap()));
        }
        for (number, reader) in &effects.readers {
            self.readers[*number].clone_from(reader);
        }
    }
}

fn numbers(effects: &LiveEffects) -> Vec<(usize, u16)> {
    effects.closes.iter().map(|(number, code, _)| (*number, *code)).collect()
}

#[test]
fn the_backlog_comes_first_in_messages_of_a_bounded_size_as_it_is_acknowledged() {
    let mut sockets = Sockets::with_events(200);
    let reader = sockets.open(10).unwrap();
    assert_eq!(sockets.seen[reader], (11..=74).collect::<Vec<_>>());
    sockets.look();
    assert_eq!(sockets.seen[reader].len(), 64, "no more until something is acknowledged");
    sockets.say(reader, r#"{"type":"ack","seq":42}"#);
    assert_eq!(sockets.seen[reader].last(), Some(&106));
    for _ in 0..3 {
        sockets.acknowledge(reader);
    }
    assert_eq!(sockets.seen[reader], (11..=200).collect::<Vec<_>>());
}

#[test]
fn the_first_message_says_where_the_reader_is() {
    let mut sockets = Sockets::with_events(3);
    let effects = sockets.step(&[], LiveInput::Open(sockets.opening(2)));
    let feed = sockets.inbox.feed(0, 1)["feed"].as_i64().unwrap();
    assert_eq!(effects.texts[0], format!(r#"{{"type":"hello","feed":{feed},"after":2}}"#));
    assert_eq!((effects.sends, effects.texts.len()), (vec![(0, 0), (0, 1)], 2));
}

#[test]
fn an_event_goes_to_every_reader_once_in_one_message_for_all() {
    let mut sockets = Sockets::with_events(5);
    for after in [5, 5, 3] {
        sockets.open(after).unwrap();
    }
    sockets.record(1);
    let effects = sockets.look();
    assert_eq!((effects.texts.len(), effects.sends.len()), (1, 3));
    assert!(sockets.look().sends.is_empty());
    assert_eq!(sockets.seen, [vec![6], vec![6], vec![4, 5, 6]]);
}

#[test]
fn what_is_not_on_disk_is_sent_to_nobody() {
    let mut sockets = Sockets::with_events(5);
    sockets.stored = 3;
    let early = sockets.open(0).unwrap();
    let late = sockets.open(4).unwrap();
    sockets.stored = 2;
    sockets.acknowledge(early);
    assert_eq!((sockets.seen[early].len(), sockets.seen[late].len()), (3, 0));
    sockets.stored = 5;
    sockets.look();
    assert_eq!(sockets.seen, [vec![1, 2, 3, 4, 5], vec![5]]);
}

#[test]
fn what_is_no_longer_kept_is_a_gap_whose_reason_is_the_first_event_that_is() {
    let mut sockets = Sockets::with_events(10);
    sockets.expire(1..=4);
    sockets.expire(7..=8); // the consumer still waits for 5 and 6
    assert_eq!(sockets.open(3), Err((close::GAP, "5".into())));
    assert_eq!(sockets.open(6), Err((close::GAP, "9".into())));
    let reader = sockets.open(4).unwrap();
    assert_eq!(sockets.seen[reader], [5, 6]);
    assert_eq!(sockets.look().closes, [(reader, close::GAP, "9".into())]);
    sockets.expire(1..=10);
    assert_eq!(sockets.open(9), Err((close::GAP, "11".into())));
    assert!(sockets.open(10).is_ok());
}

#[test]
fn a_reader_that_knows_no_event_begins_at_the_first_that_is_kept() {
    let mut sockets = Sockets::with_events(10);
    sockets.expire(1..=4);
    let reader = sockets.open(0).unwrap();
    assert_eq!(sockets.seen[reader], [5, 6, 7, 8, 9, 10]);
    sockets.expire(5..=10);
    let reader = sockets.open(0).unwrap();
    sockets.record(1);
    sockets.look();
    assert_eq!(sockets.seen[reader], [11]);
}

#[test]
fn a_practice_that_is_removed_closes_its_sockets_and_one_that_is_registered_again_has_another_feed() {
    let mut sockets = Sockets::with_events(3);
    let feed = sockets.inbox.feed(0, 1)["feed"].as_i64();
    sockets.open(0).unwrap();
    sockets.inbox.ask(Ask::Remove {});
    assert_eq!(numbers(&sockets.look()), [(0, close::NOT_REGISTERED)]);
    assert_eq!(sockets.open(0), Err((close::NOT_REGISTERED, String::new())));
    sockets.inbox.now += 1;
    sockets.inbox.register(&bare());
    sockets.record(2);
    assert_eq!(sockets.look().closes, [(0, close::GAP, "1".into())], "one that nobody looked at in between");
    assert_eq!(sockets.open(3), Err((close::GAP, "1".into())));
    assert_eq!(sockets.open_with(Opening { feed, ..sockets.opening(2) }), Err((close::GAP, "1".into())));
    assert!(sockets.open_with(Opening { feed, ..sockets.opening(0) }).is_ok());
}

#[test]
fn a_session_that_is_over_is_sent_nothing_and_closed_and_somebody_looks_for_that() {
    let mut sockets = Sockets::with_events(0);
    let now = sockets.inbox.now;
    let [first, second] = [20, 300].map(|seconds| Opening { until: now + seconds * SECOND, ..sockets.opening(0) });
    let wake = |sockets: &mut Sockets, opening| {
        let effects = sockets.step(&sockets.readers.clone(), LiveInput::Open(opening));
        effects.wake_at.flatten().map(|at| at - now)
    };
    assert_eq!(wake(&mut sockets, second.clone()), Some(300 * SECOND));
    sockets.open_with(second).unwrap();
    assert_eq!(wake(&mut sockets, first.clone()), Some(20 * SECOND));
    sockets.open_with(first).unwrap();
    let soon = Opening { until: now + SECOND, ..sockets.opening(0) };
    assert_eq!(wake(&mut sockets, soon), Some(LOOK_EVERY));
    sockets.inbox.now += 20 * SECOND;
    sockets.record(1);
    let effects = sockets.look();
    assert_eq!((numbers(&effects), effects.wake_at), (vec![(1, close::OVER)], Some(Some(now + 300 * SECOND))));
    assert_eq!(sockets.seen, [vec![1], vec![]]);
    assert_eq!(sockets.say(1, r#"{"type":"ack","seq":0}"#), Some((close::OVER, String::new())));
    let late = Opening { until: now, ..sockets.opening(0) };
    assert_eq!(sockets.open_with(late), Err((close::OVER, String::new())));
    sockets.inbox.now += DAY;
    assert_eq!(sockets.look().wake_at, Some(None), "nobody is left");
}

#[test]
fn a_reader_that_takes_nothing_for_two_minutes_is_closed_and_one_that_takes_little_is_not() {
    let mut sockets = Sockets::with_events(10);
    let [silent, slow, idle] = [0, 0, 10].map(|after| sockets.open(after).unwrap());
    for seq in 1..=9 {
        sockets.inbox.now += MINUTE;
        sockets.say(slow, &format!(r#"{{"type":"ack","seq":{seq}}}"#));
        let closed = if seq < 2 { vec![] } else { vec![(silent, close::SLOW)] };
        assert_eq!(numbers(&sockets.look()), closed, "after {seq} minutes");
    }
    sockets.inbox.now += 4 * MINUTE;
    sockets.record(1);
    assert_eq!(numbers(&sockets.look()), [(silent, close::SLOW), (slow, close::SLOW)]);
    assert_eq!(sockets.seen[idle], [11], "whoever has nothing to acknowledge is not late");
}

#[test]
fn whatever_is_no_acknowledgement_of_what_was_sent_closes_the_socket() {
    let mut sockets = Sockets::with_events(3);
    for message in [
        "",
        "ping ",
        "{}",
        "[]",
        r#"{"type":"ack"}"#,
        r#"{"type":"ack","seq":4}"#,
        r#"{"type":"ack","seq":-1}"#,
        r#"{"type":"ack","seq":"1"}"#,
        r#"{"type":"ack","seq":18446744073709551615}"#,
        r#"{"type":"nack","seq":1}"#,
        &format!(r#"{{"type":"ack","seq":1{}}}"#, " ".repeat(LONGEST_MESSAGE)),
    ] {
        let reader = sockets.open(0).unwrap();
        assert_eq!(sockets.say(reader, message), Some((close::BROKEN, String::new())), "{message}");
    }
    let reader = sockets.open(0).unwrap();
    for seq in [2, 1, 2, 3, 3] {
        assert_eq!(sockets.say(reader, &format!(r#"{{ "type": "ack", "seq": {seq}, "more": null }}"#)), None);
    }
}

#[test]
fn what_a_socket_carries_is_read_as_it_was_written_and_that_of_another_release_closes_it() {
    let reader =
        Reader { sent: 70, acknowledged: 7, since: 5, until: 9_007_199_254_740_991, feed: -1, subject: "a1".into() };
    assert_eq!(Reader::parse(&reader.to_string()), Some(reader.clone()));
    assert!(reader.to_string().len() < 120);
    for feed in [None, Some(7)] {
        let opening = Opening { after: 5, feed, subject: "a1".into(), until: 9 };
        assert_eq!(Opening::parse(&opening.to_string()), Some(opening));
    }
    let mut sockets = Sockets::with_events(1);
    for broken in ["", "1 2 3", "1 2 3 4 5 6 7", "x 2 3 4 5 6"] {
        sockets.readers = vec![broken.into()];
        assert_eq!(numbers(&sockets.look()), [(0, close::RESTARTED)], "{broken}");
        assert_eq!(sockets.say(0, "{}"), Some((close::RESTARTED, String::new())), "{broken}");
    }
}

#[test]
fn sockets_are_bounded_for_each_subject_and_for_the_practice() {
    let mut sockets = Sockets::with_events(0);
    let of = |subject: usize| Opening { subject: subject.to_string(), ..sockets.opening(0) };
    let openings: Vec<_> = (0..=MOST_OF_PRACTICE / MOST_OF_SUBJECT).map(of).collect();
    let (another, openings) = openings.split_last().unwrap();
    let busy = Some((close::BUSY, String::new()));
    for opening in openings {
        let reader = Reader {
            sent: 0,
            acknowledged: 0,
            since: 0,
            until: opening.until,
            feed: 0,
            subject: opening.subject.clone(),
        };
        for count in 0..=MOST_OF_SUBJECT {
            let refused = sockets.step(&sockets.readers.clone(), LiveInput::Open(opening.clone())).refused;
            assert_eq!(refused, busy.clone().filter(|_| count == MOST_OF_SUBJECT));
            if refused.is_none() {
                sockets.readers.push(reader.to_string());
            }
        }
    }
    let readers = sockets.readers.clone();
    assert_eq!(sockets.step(&readers, LiveInput::Open(another.clone())).refused, busy);
    assert_eq!(sockets.step(&readers[1..], LiveInput::Open(another.clone())).refused, None);
}

#[test]
fn effects_are_json() {
    let effects = LiveEffects { texts: vec!["{\"a\":1}".into()], sends: vec![(3, 0)], ..LiveEffects::default() };
    let effects = LiveEffects { readers: vec![(3, "1 2".into())], closes: vec![(0, 4409, "7".into())], ..effects };
    let expected = r#"{"texts":["{\"a\":1}"],"sends":[[3,0]],"readers":[[3,"1 2"]],"closes":[[0,4409,"7"]]"#;
    assert_eq!(to_json(&effects), format!("{expected}}}"));
    let woken = |wake_at| to_json(&LiveEffects { wake_at: Some(wake_at), ..LiveEffects::default() });
    assert!(woken(Some(5)).ends_with(r#","wakeAt":5}"#) && woken(None).ends_with(r#","wakeAt":null}"#));
    let refused = LiveEffects { refused: Some((1013, String::new())), ..LiveEffects::default() };
    assert!(to_json(&refused).starts_with(r#"{"refused":[1013,""],"#));
}

#[test]
fn an_event_costs_as_many_rows_for_a_thousand_readers_as_for_one() {
    let mut sockets = Sockets::with_events(500);
    let mut cost = |readers: usize| {
        let reader = |_| {
            let (sent, until) = (499, sockets.inbox.now + MINUTE);
            let feed = sockets.inbox.feed(0, 1)["feed"].as_i64().unwrap();
            Reader { sent, acknowledged: sent, since: 0, until, feed, subject: "a".into() }.to_string()
        };
        let readers: Vec<_> = (0..readers).map(reader).collect();
        let counting = Counting::of(&sockets.inbox.rows);
        let effects = live(&counting, &readers, LiveInput::Look, u64::MAX, sockets.inbox.now);
        assert_eq!((effects.sends.len(), effects.texts.len()), (readers.len(), 1));
        counting.read.get()
    };
    assert!(cost(1) < 6);
    assert_eq!(cost(1), cost(1_000));
}
