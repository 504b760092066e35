//! Decoding takes work in proportion to the number of bytes, whatever they are. Work is measured as the bytes that are
//! allocated, which shows repeated copying however fast the machine is. It does not show items that are moved within a list;
//! `clippy.toml` forbids the functions that do so.
#![cfg(not(target_arch = "wasm32"))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use itero_dpms::DECODERS;

thread_local! {
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
}

/// Counts the bytes that a thread allocates.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call is passed on to the system's allocator; only the sizes are read.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        unsafe { System.realloc(place, layout, size) }
    }
}

fn count(bytes: usize) {
    let _ = ALLOCATED.try_with(|allocated| allocated.set(allocated.get() + bytes));
}

/// Returns the number of bytes that are allocated to read a body.
fn work(decode: itero_dpms::Decoder, body: &str) -> usize {
    let before = ALLOCATED.get();
    drop(decode(body.as_bytes()));
    ALLOCATED.get() - before
}

/// Makes a body of about this number of bytes.
type Body = fn(usize) -> String;

/// Bodies that can be made in any size. Some are not JSON; others can be read by one decoder or another.
const BODIES: &[(&str, Body)] = &[
    ("open lists", |size| "[".repeat(size)),
    ("open objects", |size| r#"{"a":"#.repeat(size / 5)),
    ("open lists in a page", |size| [r#"{"Data":{"Results":"#, &"[".repeat(size)].concat()),
    ("open flattened lists", |size| [r#"{"Data":{"OrderFileUrls":[{"OrderId":1,"Urls":"#, &"[".repeat(size)].concat()),
    ("a long string", |size| format!("{:?}", "x".repeat(size))),
    ("escapes", |size| ["\"", &"\\u0041".repeat(size / 6), "\""].concat()),
    ("half an escape", |size| ["\"", &"\\ud83e".repeat(size / 6)].concat()),
    ("a long number", |size| "1".repeat(size)),
    ("a long float", |size| ["0.", &"1".repeat(size)].concat()),
    ("spaces", |size| " ".repeat(size)),
    ("a long key", |size| [r#"{"Data":{""#, &"k".repeat(size), r#"":[7]}}"#].concat()),
    ("many keys", |size| {
        let keys: String = (0..size / 12).map(|key| format!(r#""k{key:06}":0,"#)).collect();
        [r#"{"Data":{"#, &keys, r#""OrderId":"x"}}"#].concat()
    }),
    ("one key again and again", |size| {
        [r#"{"Data":{"#, &r#""Notes":"a","#.repeat(size / 12), r#""Notes":"b"}}"#].concat()
    }),
    ("odd values", |size| {
        let row = format!(r#"{{"RxId":"{RX}","OrderId":1,"LabId":"","DueDate":"04.03.2025"}}"#);
        page(&vec![row; size / 90].join(","))
    }),
    ("odd lists", |size| page(&format!(r#"{{"RxId":"{RX}","OrderId":1,"Preps":[{}7]}}"#, "{},".repeat(size / 3)))),
    ("rows whose last one is wrong", |size| {
        let row = format!(r#"{{"RxId":"{RX}","OrderId":1}}"#);
        page(&[vec![row; size / 60].join(","), "7".to_owned()].join(","))
    }),
    ("captures, newest first", |size| {
        let row = |at: usize| format!(r#"{{"FileUrl":"f","CreatedDate":"2025-03-04T00:00:00.{:09}Z"}}"#, size - at);
        captures(&(0..size / 60).map(row).collect::<Vec<_>>().join(","))
    }),
    ("captures with long links", |size| captures(&format!(r#"{{"FileUrl":"{}"}}"#, "%41/".repeat(size / 4)))),
    ("orders with captures, the last ids first", |size| {
        let row = |at: usize| format!(r#"{{"OrderId":{}}}"#, size - at);
        let rows = (0..size / 20).map(row).collect::<Vec<_>>().join(",");
        format!(r#"{{"Data":{{"OrderFileUrls":[{rows}]}},"Status":1}}"#)
    }),
    ("a cursor, the last ids first", |size| {
        let row = |at: usize| format!(r#"{{"rxId":"a09292aa-8b06-45f9-a73c-{:012}"}}"#, size - at);
        let rows = (0..size / 48).map(row).collect::<Vec<_>>().join(",");
        format!(r#"{{"version":1,"orders":[{rows}]}}"#)
    }),
];

const RX: &str = "a09292aa-8b06-45f9-a73c-350538bb32f3";

fn page(rows: &str) -> String {
    format!(r#"{{"Data":{{"Results":[{rows}],"HasMore":false}},"Status":1}}"#)
}

fn captures(rows: &str) -> String {
    format!(r#"{{"Data":{{"OrderFileUrls":[{{"OrderId":1,"Urls":{{"SCREEN_CAPTURE":[{rows}]}}}}]}},"Status":1}}"#)
}

#[test]
fn twice_the_bytes_are_twice_the_work() {
    for (what, body) in BODIES {
        for (name, decode) in DECODERS {
            let [small, large] = [40_000, 640_000].map(|size| work(*decode, &body(size)));
            // The body has sixteen times as many bytes. A sort may take slightly more than that, but a copy for each level or
            // row would take 256 times as much.
            assert!(large <= 24 * small + 100_000, "{name}: {what}: {small} bytes, then {large}");
        }
    }
}
