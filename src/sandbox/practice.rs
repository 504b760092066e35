//! The simulated practice: its people, its RXs and its orders.

use super::callbacks::Push;
use super::clock::{FARTHEST, Millis};
use super::downloads::Asset;
use super::export_settings::ExportSettings;
use super::faults::Faults;
use super::file_cache::FileCache;
use super::patients::Patient;
use super::procedures::{STUDY_MODEL, procedure};
use super::snapshot::Event;
use super::tokens::Tokens;
use crate::api::unit_types::UNIT_TYPES;
use crate::scalar::Guid;

/// The options of a sandbox.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The URL before `/api/third-party/v2`, without a trailing slash.
    pub base_url: String,
    /// Whether requests to other origins are served too, with links to the origin of the request.
    pub any_origin: bool,
    /// Where callbacks may be sent besides this machine's loopback addresses; `None` for anywhere.
    pub callback_origins: Option<Vec<String>>,
    /// The token that is accepted at first. A snapshot has its own.
    pub access_token: Option<String>,
    /// How long a new order's 3D archive takes to generate after the first request for it.
    pub generation_ms: Millis,
    /// Whether the integration may manage patients (§4.2, §5).
    pub patient_updates: bool,
}

/// A practice and its state. It does no I/O and has no clock: every call passes the time.
pub struct Practice {
    pub(super) settings: Settings,
    pub(super) seed: u64,
    pub(super) created: Millis,
    pub(super) random: fastrand::Rng,
    pub(super) doctors: Vec<Doctor>,
    pub(super) patients: Vec<Patient>,
    /// RXs that are not scanned yet.
    pub(super) requests: Vec<Rx>,
    /// Scanned RXs, oldest scan first.
    pub(super) orders: Vec<Order>,
    /// Every change since the practice was created.
    pub(super) journal: Vec<Event>,
    /// Recent 3D archives and galleries. They contain names and depend on the export settings: a change to either clears the cache.
    pub(super) archives: FileCache<(u32, Asset)>,
    /// Recent screen captures.
    pub(super) pictures: FileCache<Guid>,
    pub(super) tokens: Tokens,
    /// How far the practice's clock is ahead of the caller's.
    pub(super) ahead: Millis,
    pub(super) callback_url: Option<String>,
    /// Callbacks that are not sent yet.
    pub(super) pushes: Vec<Push>,
    pub(super) faults: Faults,
}

/// The practice's own id and name.
pub const COMPANY_ID: u32 = 90_360;
pub const COMPANY_NAME: &str = "Sandbox Dental Practice";

#[derive(Clone, Debug)]
pub struct Doctor {
    pub id: u32,
    pub name: &'static str,
    pub license_number: String,
    pub supported_case_types: &'static [u8],
    pub export_settings: ExportSettings,
}

#[derive(Debug)]
pub struct Lab {
    pub id: u32,
    pub name: &'static str,
    pub types: &'static [&'static str],
    pub address: &'static str,
    pub defined_case_types: &'static [u8],
}

/// What to scan, and for whom. The patient and the doctor are indices into the practice's lists, which only grow.
#[derive(Clone, Debug)]
pub struct Rx {
    pub id: Guid,
    pub patient: usize,
    pub doctor: usize,
    pub lab: Option<&'static Lab>,
    /// The doctor's license number when the RX was pushed. A later one does not change it (§4.2.2).
    pub license_number: String,
    /// A procedure of §4.2.3 that the practice knows.
    pub procedure_map_id: Option<u16>,
    pub notes: Option<String>,
}

/// A scanned RX.
#[derive(Clone, Debug)]
pub struct Order {
    pub rx: Rx,
    pub id: u32,
    pub code: String,
    /// Any string: the document's list is open-ended (R55).
    pub status: String,
    pub scanned: Millis,
    pub scan_seconds: u32,
    pub operator: (u32, &'static str),
    pub scanner: (u32, &'static str),
    pub preps: Vec<Prep>,
    pub generation: Generation,
    /// How often modeling has changed the files (§4.4.6).
    pub revision: u32,
    /// The oldest comes first.
    pub captures: Vec<Capture>,
}

/// A tooth to treat. `ada_id` is its universal number, `unit_type` a code of §4.1.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prep {
    pub ada_id: u8,
    pub unit_type: u8,
    pub bridge_id: Option<u8>,
}

impl Prep {
    pub fn unit_type_name(&self) -> &'static str {
        usize::from(self.unit_type).checked_sub(1).and_then(|at| UNIT_TYPES.get(at).copied()).unwrap_or("Regular")
    }
}

/// A screen capture of a scan, taken on the scanner or on myitero.com.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capture {
    pub id: Guid,
    pub created: Millis,
    pub kind: CaptureKind,
}

/// What a capture shows (§4.7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaptureKind {
    Window,
    Model,
    /// Near-infrared, which only some scanners have.
    Niri,
    /// From the 2D colour camera, which only some scanners have.
    Colour,
}

impl CaptureKind {
    /// Returns the name of the kind in file names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Window => "window",
            Self::Model => "model",
            Self::Niri => "niri",
            Self::Colour => "color",
        }
    }
}

/// The state of an order's 3D archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    Ready,
    /// The first request starts it (§4.7.3).
    NotStarted,
    StartedAt(Millis),
}

/// An order with everything that its files contain.
pub struct Case<'a> {
    pub order: &'a Order,
    pub patient: &'a Patient,
    pub doctor: &'a Doctor,
    pub practice: &'static str,
}

impl Case<'_> {
    /// Returns the procedure's name and type as orders spell them (§4.4.4). An RX without a procedure is a study model.
    pub fn procedure(&self) -> (&'static str, Option<&'static str>) {
        self.order.rx.procedure_map_id.and_then(procedure).unwrap_or(STUDY_MODEL)
    }
}

impl Practice {
    /// Returns the practice's own time at the caller's time `now`.
    pub(super) fn time(&self, now: Millis) -> Millis {
        now.saturating_add(self.ahead).clamp(-FARTHEST, FARTHEST)
    }

    pub(super) fn case<'a>(&'a self, order: &'a Order) -> Case<'a> {
        Case {
            order,
            patient: &self.patients[order.rx.patient],
            doctor: &self.doctors[order.rx.doctor],
            practice: COMPANY_NAME,
        }
    }
}
