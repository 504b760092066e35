//! The settings for the export of a doctor's scans (§4.7.5–4.7.7).

use std::ops::RangeInclusive;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use tsify::Tsify;

use super::clock::Millis;
use super::control::{Action, Nothing};
use super::http::Refusal;
use super::practice::Practice;
use super::snapshot::Event;

/// Fewer triangles would not show teeth; more would need a gigabyte to draw.
const TRIANGLES: RangeInclusive<u32> = 10_000..=2_000_000;

/// How 3D archives are made from now on, also for older orders. What is left out gets its default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, Tsify)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[tsify(rename = "SandboxExportSettings")]
pub struct ExportSettings {
    /// The doctor whose orders these settings are for; every doctor if omitted.
    #[tsify(optional, type = "number")]
    pub doctor_id: Option<u32>,
    /// The position of the arches in their files: `teeth-up` puts each arch with its teeth up on an origin of its own, so that
    /// the files do not show the bite; `occlusion` puts both as the patient bites; `locked-occlusion` does the same in one file
    /// for both. Default `teeth-up` (§4.7.6).
    #[tsify(optional, type = "\"teeth-up\" | \"occlusion\" | \"locked-occlusion\"")]
    pub arrangement: Arrangement,
    /// Binary STL, binary PLY with a colour for each vertex, or each scan as both. Default `stl` (§4.7.6).
    #[tsify(optional, type = "\"stl\" | \"ply\" | \"both\"")]
    pub file_type: FileType,
    /// Leaves the patient's name out of the archive; the API's calls still return it (§4.7.7). Default false.
    #[tsify(optional)]
    pub hide_patient_name: bool,
    /// How many triangles both arches have together, within 10 %: 10,000 to 2,000,000. By default it varies between 100,000 and
    /// 220,000.
    #[serde(deserialize_with = "triangles")]
    #[tsify(optional, type = "number")]
    pub triangles: Option<u32>,
}

/// The position of the arches in their files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrangement {
    #[default]
    TeethUp,
    Occlusion,
    LockedOcclusion,
}

/// The format of scans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileType {
    #[default]
    Stl,
    Ply,
    Both,
}

/// Checks the number wherever settings come from, snapshots included: a large mesh takes much memory and time.
fn triangles<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let triangles = Option::deserialize(deserializer)?;
    if triangles.is_none_or(|triangles| TRIANGLES.contains(&triangles)) {
        return Ok(triangles);
    }
    Err(D::Error::custom("expected a whole number from 10000 to 2000000"))
}

impl Action for ExportSettings {
    type Output = Nothing;
    const ARGUMENTS: &'static str = "export settings";

    fn run(self, practice: &mut Practice, _: Millis, _: &str) -> Result<Nothing, Refusal> {
        let unknown = || Refusal::not_found("There is no doctor with this id.");
        practice.set_export_settings(self).ok_or_else(unknown)?;
        Ok(Nothing {})
    }
}

impl Practice {
    /// Sets how the scans of one doctor, or of all, are exported. Returns `None` if there is no such doctor.
    pub(super) fn set_export_settings(&mut self, settings: ExportSettings) -> Option<()> {
        let is_meant = |id| settings.doctor_id.is_none_or(|meant| meant == id);
        let mut doctors = self.doctors.iter_mut().filter(|doctor| is_meant(doctor.id)).peekable();
        doctors.peek()?;
        for doctor in doctors {
            doctor.export_settings = settings;
        }
        self.archives.clear();
        self.journal.push(Event::ExportSettingsSet { settings });
        Some(())
    }
}
