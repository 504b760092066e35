//! What Patient Search - V3 can be asked for (§5.2.2).

use super::clock::{self, Millis};
use super::http::{FieldError, Query, Refusal};
use super::patients::Patient;
use super::wildcard::Pattern;
use crate::scalar::PlainDate;

/// The most patients of one page.
pub const LARGEST_PAGE: usize = 100;

/// From a day on, and up to but without another (R117).
#[derive(Default)]
struct Days {
    from: Option<Millis>,
    to: Option<Millis>,
}

impl Days {
    fn contain(&self, at: Option<Millis>) -> bool {
        let is_open = self.from.is_none() && self.to.is_none();
        is_open || at.is_some_and(|at| self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to))
    }
}

/// What a call asks for (§5.2.2): everything that is given has to match.
#[derive(Default)]
pub struct Filter {
    pub offset: usize,
    pub limit: Option<usize>,
    first_name: Option<Pattern>,
    last_name: Option<Pattern>,
    chart_number: Option<Pattern>,
    updated: Days,
    last_scan: Days,
}

impl Filter {
    /// Reads the parameters, or says what is wrong with each. Names that the table lacks and empty values are wrong here:
    /// what the API makes of them is not documented (R121, R123).
    pub fn read(query: &Query) -> Result<Self, Refusal> {
        let mut filter = Self::default();
        let mut errors = Vec::new();
        for (at, (name, value)) in query.pairs().iter().enumerate() {
            let is_first = query.pairs().iter().position(|(other, _)| other == name) == Some(at);
            if !is_first || filter.take(name, value).is_none() {
                let message = format!("The value '{value}' is not valid for {name}.");
                errors.push(FieldError { field: name.clone(), message });
            }
        }
        if errors.is_empty() { Ok(filter) } else { Err(Refusal::bad_parameters(errors)) }
    }

    fn take(&mut self, name: &str, value: &str) -> Option<()> {
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

    /// Whether a patient, who was scanned last then, is one of those. What a patient lacks fits no filter, not even `*`.
    pub fn finds(&self, patient: &Patient, last_scan: Option<Millis>) -> bool {
        let fits = |pattern: &Option<Pattern>, text: Option<&str>| {
            pattern.as_ref().is_none_or(|pattern| text.is_some_and(|text| pattern.matches(text)))
        };
        fits(&self.first_name, Some(&patient.first_name))
            && fits(&self.last_name, Some(&patient.last_name))
            && fits(&self.chart_number, patient.chart_number.as_deref())
            && self.updated.contain(patient.updated)
            && self.last_scan.contain(last_scan)
    }
}
