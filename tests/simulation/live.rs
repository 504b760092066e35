//! The readers of a practice's live events, and the sockets between them and its process: they come, go, lag and die.

use std::collections::{BTreeMap, VecDeque};

use itero_dpms::webhook::clock::{MINUTE, Millis};
use itero_dpms::webhook::inbox::live::{LiveEffects, LiveInput, Opening, Reader as Carried, WINDOW, close, live};
use serde_json::{Value, json};

use crate::checks::{Checked, no_secrets};
use crate::process::Bug;
use crate::random::Random;

type Rows = BTreeMap<String, String>;

/// How many readers there are at most.
const READERS: usize = 5;

pub struct Live {
    random: Random,
    bug: Bug,
    readers: Vec<Reader>,
    sockets: Vec<Socket>,
    /// The first events of steps that are not on disk yet.
    unstored: VecDeque<u64>,
    wake_at: Option<Millis>,
    /// How many events were received, sockets opened by readers that go on, closed by the process, and how often that slept.
    pub received: u64,
    pub resumed: u64,
    pub closed: u64,
    pub hibernated: u64,
}

/// A page. It takes no event that is not the next.
struct Reader {
    /// The last event that it has.
    cursor: u64,
    /// The ids of those that it was sent, with their numbers.
    seen: Vec<(u64, String)>,
    feed: Option<Millis>,
    /// Whether it acknowledges late.
    lags: bool,
    /// Whether it has a socket. Those that it has left are nobody's.
    socket: Option<usize>,
}

/// A socket with what is on its way, in both directions.
struct Socket {
    /// What the process knows of it, and what the socket itself carries.
    known: String,
    carried: String,
    until: Millis,
    to_reader: VecDeque<String>,
    to_process: VecDeque<String>,
    /// Whether the process has closed it, or was told that it is closed.
    is_closed: bool,
}

impl Live {
    /// With random numbers of its own: what else happens is the same with readers as without.
    pub fn new(seed: u64, bug: Bug) -> Self {
        let (readers, sockets, unstored) = (Vec::new(), Vec::new(), VecDeque::new());
        let random = Random::new(!seed);
        Self {
            random,
            bug,
            readers,
            sockets,
            unstored,
            wake_at: None,
            received: 0,
            resumed: 0,
            closed: 0,
            hibernated: 0,
        }
    }

    /// One thing happens.
    pub fn tick(&mut self, rows: &Rows, now: Millis) -> Checked {
        match self.random.below(100) {
            0..15 => self.stored(rows, now),
            15..30 => self.connect(rows, now),
            30..55 => self.receive(),
            55..68 => self.acknowledge(),
            68..82 => self.hear(rows, now),
            82..87 => self.part(),
            87..90 => self.notice(),
            90..92 => self.hibernate(rows, now),
            _ => self.alarm(rows, now),
        }
    }

    /// A step was carried out, of which this is the first new event. It is on disk later.
    pub fn recorded(&mut self, first: u64) {
        self.unstored.push_back(first);
    }

    /// What the oldest of the steps has written is on disk, and that of all before it.
    fn stored(&mut self, rows: &Rows, now: Millis) -> Checked {
        if self.unstored.pop_front().is_some() { self.look(rows, now) } else { Ok(()) }
    }

    /// A deliberate bug: readers get what a step writes before it is carried out.
    pub fn tell_first(&mut self, rows: &Rows, writes: &[(String, Option<String>)], now: Millis) -> Checked {
        let mut after = rows.clone();
        after.extend(writes.iter().filter_map(|(key, value)| Some((key.clone(), value.clone()?))));
        self.look(&after, now)
    }

    pub fn look(&mut self, rows: &Rows, now: Millis) -> Checked {
        let open: Vec<usize> = (0..self.sockets.len()).filter(|socket| !self.sockets[*socket].is_closed).collect();
        if open.is_empty() {
            self.wake_at = None;
            return Ok(());
        }
        self.step(rows, LiveInput::Look, &open, now).map(drop)
    }

    fn step(&mut self, rows: &Rows, input: LiveInput, sockets: &[usize], now: Millis) -> Result<LiveEffects, String> {
        let known: Vec<String> =
            sockets.iter().map_while(|socket| Some(self.sockets.get(*socket)?.known.clone())).collect();
        let on_disk = self.unstored.iter().min().map_or(u64::MAX, |first| first - 1);
        let stored = if self.bug == Bug::IgnoresDisk { u64::MAX } else { on_disk };
        let effects = live(rows, &known, input, stored, now);
        if effects.refused.is_some() {
            return Ok(effects);
        }
        if known.len() < sockets.len() {
            self.sockets.push(Socket::default());
        }
        for (number, text) in &effects.sends {
            let text = &effects.texts[*text];
            no_secrets(text)?;
            let message: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
            if events(&message).any(|(seq, _)| seq > on_disk) {
                return Err(format!("a reader is sent what is not on disk: {text}"));
            }
            self.sockets[sockets[*number]].to_reader.push_back(text.clone());
        }
        for (number, reader) in &effects.readers {
            let socket = &mut self.sockets[sockets[*number]];
            let carried = Carried::parse(reader).ok_or("a reader cannot be read")?;
            if carried.sent - carried.acknowledged > WINDOW || (!effects.sends.is_empty() && carried.until <= now) {
                return Err(format!("a reader is sent too much: {reader}"));
            }
            (socket.known, socket.until) = (reader.clone(), carried.until);
            if self.bug != Bug::ForgetsReaders || socket.carried.is_empty() {
                socket.carried.clone_from(reader);
            }
        }
        for (number, code, _) in &effects.closes {
            let socket = &mut self.sockets[sockets[*number]];
            if !matches!(*code, close::OVER if socket.until <= now) && *code != close::SLOW {
                return Err(format!("a socket is closed with {code}"));
            }
            socket.is_closed = true;
            self.closed += 1;
        }
        if let Some(wake_at) = effects.wake_at {
            self.wake_at = wake_at;
        }
        Ok(effects)
    }

    /// A reader that has no socket opens one, or there is another reader.
    fn connect(&mut self, rows: &Rows, now: Millis) -> Checked {
        if self.readers.len() < READERS && self.random.percent(30) {
            let last = rows.keys().filter(|key| key.starts_with("event/")).count();
            let (cursor, lags) = (self.random.below(last + 1) as u64, self.random.percent(20));
            self.readers.push(Reader { cursor, seen: Vec::new(), feed: None, lags, socket: None });
        }
        let waiting: Vec<_> = (0..self.readers.len()).filter(|reader| self.readers[*reader].socket.is_none()).collect();
        if waiting.is_empty() {
            return Ok(());
        }
        let number = waiting[self.random.below(waiting.len())];
        self.open(number, rows, now)
    }

    fn open(&mut self, number: usize, rows: &Rows, now: Millis) -> Checked {
        let minutes = 1 + self.random.below(20) as Millis;
        let Reader { cursor, feed, .. } = self.readers[number];
        let subject = format!("subject-{}", number % 2);
        let opening = Opening { after: cursor, feed, subject, until: now + minutes * MINUTE };
        let mut sockets: Vec<usize> =
            (0..self.sockets.len()).filter(|socket| !self.sockets[*socket].is_closed).collect();
        let socket = self.sockets.len();
        sockets.push(socket);
        match self.step(rows, LiveInput::Open(opening), &sockets, now)?.refused {
            None => self.readers[number].socket = Some(socket),
            Some((close::NOT_REGISTERED, _)) => {}
            Some((code, reason)) => return Err(format!("a reader of {cursor} is refused with {code} {reason}")),
        }
        Ok(())
    }

    fn connected(&self) -> Vec<(usize, usize)> {
        let sockets = self.readers.iter().enumerate();
        sockets.filter_map(|(reader, state)| Some((reader, state.socket?))).collect()
    }

    /// A message arrives at its reader, or that the socket is closed.
    fn receive(&mut self) -> Checked {
        let connected = self.connected();
        if connected.is_empty() {
            return Ok(());
        }
        let (reader, socket) = connected[self.random.below(connected.len())];
        self.arrive(reader, socket)
    }

    fn arrive(&mut self, number: usize, socket: usize) -> Checked {
        let Some(text) = self.sockets[socket].to_reader.pop_front() else {
            if self.sockets[socket].is_closed {
                self.readers[number].socket = None;
            }
            return Ok(());
        };
        let message: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let reader = &mut self.readers[number];
        if message["type"] == "hello" {
            self.resumed += u64::from(reader.feed.is_some());
            reader.feed = message["feed"].as_i64();
            let is_there = message["after"] == reader.cursor;
            return if is_there { Ok(()) } else { Err(format!("a reader of {} gets {text}", reader.cursor)) };
        }
        for (seq, id) in events(&message) {
            if seq != reader.cursor + 1 {
                return Err(format!("a reader has {} and gets {seq}: missed or repeated", reader.cursor));
            }
            reader.cursor = seq;
            reader.seen.push((seq, id.to_owned()));
            self.received += 1;
        }
        Ok(())
    }

    fn acknowledge(&mut self) -> Checked {
        for (reader, socket) in self.connected() {
            let late = if self.readers[reader].lags { 3 } else { 50 };
            if self.random.percent(late) {
                let message = json!({ "type": "ack", "seq": self.readers[reader].cursor });
                self.sockets[socket].to_process.push_back(message.to_string());
            }
        }
        Ok(())
    }

    /// The process gets a message.
    fn hear(&mut self, rows: &Rows, now: Millis) -> Checked {
        let socket = self.random.below(self.sockets.len());
        let Some(state) = self.sockets.get_mut(socket).filter(|state| !state.is_closed) else { return Ok(()) };
        let Some(message) = state.to_process.pop_front() else { return Ok(()) };
        self.step(rows, LiveInput::Message(message), &[socket], now).map(drop)
    }

    /// A line breaks: what was on its way may or may not arrive.
    fn part(&mut self) -> Checked {
        let connected = self.connected();
        if connected.is_empty() {
            return Ok(());
        }
        let (reader, socket) = connected[self.random.below(connected.len())];
        self.cut(reader, socket)
    }

    fn cut(&mut self, reader: usize, socket: usize) -> Checked {
        for _ in 0..self.random.below(3) {
            self.arrive(reader, socket)?;
        }
        self.readers[reader].socket = None;
        Ok(())
    }

    /// The process is told that a socket which nobody reads is closed. Of some it never is.
    fn notice(&mut self) -> Checked {
        let connected = self.connected();
        let socket = self.random.below(self.sockets.len());
        if !connected.iter().any(|(_, other)| *other == socket)
            && let Some(state) = self.sockets.get_mut(socket)
        {
            state.is_closed = true;
        }
        Ok(())
    }

    /// The process ends because nothing happens, and begins again with the same sockets.
    fn hibernate(&mut self, rows: &Rows, now: Millis) -> Checked {
        if !self.unstored.is_empty() {
            return Ok(());
        }
        self.hibernated += 1;
        for socket in &mut self.sockets {
            socket.known.clone_from(&socket.carried);
        }
        self.look(rows, now)
    }

    fn alarm(&mut self, rows: &Rows, now: Millis) -> Checked {
        if self.wake_at.is_some_and(|at| at <= now) { self.look(rows, now) } else { Ok(()) }
    }

    /// The process dies, and all sockets with it.
    pub fn crash(&mut self) -> Checked {
        self.unstored.clear();
        self.wake_at = None;
        for (reader, socket) in self.connected() {
            self.cut(reader, socket)?;
        }
        self.sockets.iter_mut().for_each(|socket| socket.is_closed = true);
        Ok(())
    }

    /// Every reader is there, and nothing fails any more: each gets to the last event.
    pub fn settle(&mut self, rows: &Rows, ids: &[String], now: Millis) -> Checked {
        while !self.unstored.is_empty() {
            self.stored(rows, now)?;
        }
        self.alarm(rows, now)?;
        for _ in 0..3 {
            for number in 0..self.readers.len() {
                if self.readers[number].socket.is_none() {
                    self.open(number, rows, now)?;
                }
                let Some(socket) = self.readers[number].socket else { continue };
                while !self.sockets[socket].to_reader.is_empty() {
                    self.arrive(number, socket)?;
                }
                self.arrive(number, socket)?;
            }
        }
        for reader in &self.readers {
            if reader.socket.is_none() || reader.cursor != ids.len() as u64 {
                return Err(format!("a reader has {} of {} events", reader.cursor, ids.len()));
            }
            if let Some((seq, _)) = reader.seen.iter().find(|(seq, id)| ids.get(*seq as usize - 1) != Some(id)) {
                return Err(format!("a reader has an event {seq} that was never recorded"));
            }
        }
        Ok(())
    }
}

impl Default for Socket {
    fn default() -> Self {
        let (to_reader, to_process) = (VecDeque::new(), VecDeque::new());
        Self { known: String::new(), carried: String::new(), until: 0, to_reader, to_process, is_closed: false }
    }
}

fn events(message: &Value) -> impl Iterator<Item = (u64, &str)> {
    message["events"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|event| Some((event["seq"].as_u64()?, event["id"].as_str()?)))
}
