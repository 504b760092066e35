//! A scan request: the RX that goes to the scanner (§4.2, §4.3).

use super::endpoint::{Absent, Endpoint, Version};
use super::scope::Scope;
use crate::scalar::{Gender, Guid, Id};
use crate::schema::decode::Envelope;
use crate::schema::input::{BirthDate, NonBlank, Text};
use crate::schema::request::request;

/// Pushes an RX to the practice's scanners (§4.2).
pub const CREATE: Endpoint = Endpoint::post(Version::V2, Scope::RxWrite, "scan-request")
    .takes::<ScanRequest>()
    .returns::<Guid>(Envelope::V2)
    .hints(&[
        (
            400,
            "The API refused the scan request: check companyId, doctorId, labId and procedureMapId against the practice.",
        ),
        (
            409,
            "More than one patient has this chart number: give each its own before sending the RX. The API answers so \
             only where updates of patients are enabled.",
        ),
    ]);

/// Removes an RX from the scanners (§4.3).
pub const DELETE: Endpoint = Endpoint::delete(Version::V2, Scope::RxWrite, "scan-request/:rxId")
    .returns::<Guid>(Envelope::V2)
    .absent(Absent::Deleted)
    .hints(&[(400, "There is no such RX to delete: check the rxId.")]);

request! {
    /// An RX to push to the practice's scanners (§4.2.2).
    ///
    /// The API finds the patient by first name, last name and chart number together. If one of them differs, it creates a new
    /// patient or, if the integration may manage patients, changes the patient who has the chart number.
    pub struct ScanRequest {
        /// The practice's `companyId`.
        company_id: Id = required "CompanyId",
        /// One of the practice's doctors.
        doctor_id: Id = required "DoctorId",
        /// Changes the doctor's license number for this RX **and every later one**; leave it out to keep it (R31).
        license_number: Text = "LicenseNumber",
        /// The first name; not blank.
        patient_first_name: NonBlank = required "PatientFirstName",
        /// The last name; not blank.
        patient_last_name: NonBlank = required "PatientLastName",
        /// The practice's own number for the patient; not blank (R26).
        patient_chart_number: NonBlank = required "PatientChartNumber",
        /// Leave it out or pass `null` if it is unknown.
        gender: Gender = "Gender",
        /// `YYYY-MM-DD`. The API keeps the first one it gets and ignores later ones.
        date_of_birth: BirthDate = "DateOfBirth",
        /// Any text.
        notes: Text = "Notes",
        /// One of the practice's labs, of the type that the procedure's `sendTo` names.
        lab_id: Id = "labId",
        /// The `id` of one of `procedures()`. Without it, the procedure is chosen on the scanner.
        procedure_map_id: Id = "procedureMapId",
    }
}
