#![no_main]

#[path = "../scan_check.rs"]
mod scan_check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scan_check::scan("scan-cuts", bytes));
