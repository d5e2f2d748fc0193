//! Forms and queries.
//!
//! *Invariant:* any bytes are an input, and the law holds for each of them.

use std::collections::BTreeMap;

use oauth::Parameters;
use url::form_urlencoded;

/// What reads prints back to what reads, and nothing was read that came twice.
pub fn parameters(data: &[u8]) {
    let Ok(read) = Parameters::parse(data) else {
        return;
    };
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(read.pairs(&[]))
        .finish();
    assert_eq!(Parameters::parse(form.as_bytes()), Ok(read.clone()));
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(data).filter(|(_, value)| !value.is_empty()) {
        values
            .entry(name.into_owned())
            .or_default()
            .push(value.into_owned());
    }
    for (name, values) in values {
        assert_eq!(read.values(&name), values);
        assert!(values.len() == 1 || name == "resource", "{name} came twice");
    }
}
