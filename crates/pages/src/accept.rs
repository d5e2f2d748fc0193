//! What a caller would rather read (RFC 9110 §12.5.1).
//!
//! *Invariant:* in doubt, the caller is a person.

use http::HeaderMap;
use http::header::ACCEPT;

/// Whether JSON is wanted more than a page.
pub(crate) fn prefers_json(headers: &HeaderMap) -> bool {
    let accepted: Vec<&str> = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    quality(&accepted, "application", "json") > quality(&accepted, "text", "html")
}

/// The weight of a media type, in thousandths: the most specific range that names it decides.
fn quality(accepted: &[&str], kind: &str, subtype: &str) -> u16 {
    let ranges = [
        format!("{kind}/{subtype}"),
        format!("{kind}/*"),
        "*/*".to_owned(),
    ];
    let named = |range: &String| {
        accepted.iter().find_map(|item| {
            let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
            name.trim()
                .eq_ignore_ascii_case(range)
                .then(|| weight(parameters))
        })
    };
    ranges.iter().find_map(named).unwrap_or(0)
}

fn weight(parameters: &str) -> u16 {
    let value = parameters
        .split(';')
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
        .and_then(|(_, value)| value.trim().parse::<f32>().ok());
    // RFC 9110 §12.4.2: from 0 to 1 with three decimals, 1 if it is not said. `as` saturates.
    value.map_or(1000, |value| (value * 1000.0) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_for_those_who_want_it_more() {
        for (accept, json) in [
            (None, false),
            (Some("*/*"), false),
            (
                Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
                false,
            ),
            (Some("application/json"), true),
            (Some("Application/JSON; charset=utf-8"), true),
            (Some("application/json, text/event-stream"), true),
            (Some("application/*"), true),
            (Some("application/json;q=0.5, text/html;q=0.4"), true),
            (Some("application/json;q=0.5, text/html"), false),
            (Some("application/json;q=0, */*"), false),
            (Some("application/json, text/html"), false),
        ] {
            let headers = accept
                .into_iter()
                .map(|value| (ACCEPT, value.parse().unwrap()));
            assert_eq!(prefers_json(&headers.collect()), json, "{accept:?}");
        }
    }
}
