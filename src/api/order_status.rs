//! What an order's status means for the practice (§4.4.6).

use tsify::Tsify;
use wasm_bindgen::prelude::wasm_bindgen;

/// A documented status: where the order is in its flow and what to do about it.
#[derive(Clone, Copy, Tsify, Debug)]
#[tsify(missing_as_null)]
pub struct OrderStatusInfo {
    /// The value of `status` in orders.
    #[tsify(type = "OrderStatus")]
    pub status: &'static str,
    /// Where the order is in its flow.
    pub stage: &'static str,
    /// Which orders can have it.
    pub cases: &'static str,
    /// What a portal should do; `null` when there is nothing to do.
    pub handling: Option<&'static str>,
}

// Open on purpose: the document itself lists seven statuses in one place and five in another (R53, R55).
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** The documented statuses; the API may send others, which are passed on as they are. `orderStatuses()` explains each. */
export type OrderStatus =
  | "Completed"
  | "iTero Modeling"
  | "Lab Review"
  | "Scanning"
  | "iTero Milling"
  | "Exporting to Doctor Site"
  | "Align Production"
  | (string & {});

/** The documented case types; the API may send others, which are passed on as they are. */
export type CaseType = "Restorative" | "iRecord" | "iCast" | "Invisalign" | "Invisalign + iRecord" | (string & {});
"#;

const fn status(
    status: &'static str,
    stage: &'static str,
    cases: &'static str,
    handling: Option<&'static str>,
) -> OrderStatusInfo {
    OrderStatusInfo { status, stage, cases, handling }
}

const LAB_CASES: &str = "Restorative orders and orders sent to a lab";

/// The seven documented statuses, in the order in which an order can pass through them.
pub const ORDER_STATUSES: [OrderStatusInfo; 7] = [
    status(
        "Scanning",
        "The lab sent the case back to the clinic",
        LAB_CASES,
        Some("Tell the doctor: the case waits on the scanner to be scanned again."),
    ),
    status(
        "Align Production",
        "The case is being processed",
        "Various orders",
        Some("Wait: this status does not last."),
    ),
    status("Exporting to Doctor Site", "The case went to the Invisalign doctor site", "Invisalign orders", None),
    status("iTero Modeling", "The lab sent the case to modeling", LAB_CASES, None),
    status(
        "Lab Review",
        "The case is back at the lab after modeling",
        LAB_CASES,
        Some("Download the files again: modeling changes them."),
    ),
    status("iTero Milling", "The lab sent the case to milling", LAB_CASES, None),
    status("Completed", "The scan can be downloaded", "All orders but Invisalign", Some("Download the files.")),
];
