//! The filters of Patient Search - V3 (§5.2.2).

use super::clock::{self, Millis};
use super::http::{FieldError, Query, Refusal};
use super::patients::Patient;
use super::wildcard::Pattern;
use crate::scalar::PlainDate;

/// The largest page (§5.2.2).
pub const LARGEST_PAGE: usize = 100;

/// From midnight of the first day to midnight of the last: the last day is excluded (R117).
#[derive(Default)]
struct DateRange {
    from: Option<Millis>,
    to: Option<Millis>,
}

impl DateRange {
    fn contains(&self, at: Option<Millis>) -> bool {
        let is_open = self.from.is_none() && self.to.is_none();
        is_open || at.is_some_and(|at| self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to))
    }
}

/// The parameters of a call (§5.2.2). A patient must match all that are given.
#[derive(Default)]
pub struct Filter {
    pub offset: usize,
    pub limit: Option<usize>,
    first_name: Option<Pattern>,
    last_name: Option<Pattern>,
    chart_number: Option<Pattern>,
    updated: DateRange,
    last_scan: DateRange,
}

impl Filter {
    /// Parses the parameters, or reports what is wrong with each. Unknown names and empty values are refused, since what
    /// the API does with them is not documented (R121, R123).
    pub fn parse(query: &Query) -> Result<Self, Refusal> {
        let mut filter = Self::default();
        let mut errors = Vec::new();
        for (at, (name, value)) in query.pairs().iter().enumerate() {
            let is_first = query.pairs().iter().position(|(other, _)| other == name) == Some(at);
            if !is_first || filter.set(name, value).is_none() {
                let message = format!("The value '{value}' is not valid for {name}.");
                errors.push(FieldError { field: name.clone(), message });
            }
        }
        if errors.is_empty() { Ok(filter) } else { Err(Refusal::bad_parameters(errors)) }
    }

    fn set(&mut self, name: &str, value: &str) -> Option<()> {
        let day = || Some(clock::midnight(PlainDate::parse(value).ok()?));
        match name {
            "Offset" => self.offset = value.parse().ok()?,
            "Limit" => self.limit = Some(value.parse().ok().filter(|limit| (1..=LARGEST_PAGE).contains(limit))?),
            "FirstName" => self.first_name = Some(Pattern::parse(value)?),
            "LastName" => self.last_name = Some(Pattern::parse(value)?),
            "ChartNumber" => self.chart_number = Some(Pattern::parse(value)?),
            "UpdatedDateFrom" => self.updated.from = Some(day()?),
            "UpdatedDateTo" => self.updated.to = Some(day()?),
            "LastScanDateFrom" => self.last_scan.from = Some(day()?),
            "LastScanDateTo" => self.last_scan.to = Some(day()?),
            _ => return None,
        }
        Some(())
    }

    /// Whether a patient matches. A value that the patient lacks matches no filter, not even `*`.
    pub fn matches(&self, patient: &Patient, last_scan: Option<Millis>) -> bool {
        let fits = |pattern: &Option<Pattern>, value: Option<&str>| {
            pattern.as_ref().is_none_or(|pattern| value.is_some_and(|value| pattern.matches(value)))
        };
        fits(&self.first_name, Some(&patient.first_name))
            && fits(&self.last_name, Some(&patient.last_name))
            && fits(&self.chart_number, patient.chart_number.as_deref())
            && self.updated.contains(patient.updated)
            && self.last_scan.contains(last_scan)
    }
}
