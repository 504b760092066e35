//! Generates `tests/js/support/endpoints.json`, from which the JavaScript suites make their matrix of calls.

use std::fs;

use serde_json::{Map, Value as Json, json};

use super::calls::ENDPOINTS;
use super::endpoint::{Endpoint, Returns};
use super::scope::Scope;
use crate::schema::request::Shape;

fn row(endpoint: &Endpoint) -> Json {
    json!({
        "version": format!("{:?}", endpoint.version),
        "method": endpoint.method.name(),
        "path": endpoint.path,
        "scope": endpoint.scope.map(Scope::name),
        "takes": endpoint.takes.as_ref().map_or_else(Vec::new, arguments),
        "reads": match endpoint.returns {
            Returns::Value(..) | Returns::Json => "json",
            Returns::Nothing => "nothing",
            Returns::File => "download",
        },
    })
}

/// Returns the arguments that are sent; those of the extended declaration come last.
fn arguments(shape: &Shape) -> Vec<Json> {
    let fields = shape.fields.iter().zip(shape.declaration.fields).filter(|(field, _)| !field.key.is_empty());
    let own = fields.map(|(field, declared)| {
        json!({ "name": field.name, "key": field.key, "allowed": field.allowed, "required": declared.required })
    });
    own.chain(shape.base.map(arguments).unwrap_or_default()).collect()
}

#[test]
fn the_matrix_is_that_of_the_endpoints() {
    let rows: Map<_, _> = ENDPOINTS.iter().map(|(name, endpoint)| ((*name).to_owned(), row(endpoint))).collect();
    let matrix = serde_json::to_string_pretty(&rows).unwrap() + "\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/js/support/endpoints.json");
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, &matrix).unwrap();
    }
    assert_eq!(fs::read_to_string(path).unwrap_or_default(), matrix, "run `BLESS=1 cargo test matrix`");
}
