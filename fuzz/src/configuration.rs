//! `postern.toml`.
//!
//! *Invariant:* any bytes are an input, and the law holds for each of them.

use configuration::Configuration;

/// A refusal names a line of the file, and moves with it; a key that nobody knows is refused.
pub fn configuration(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match Configuration::read(text) {
        Ok(_) => {
            let more = format!("surprise = 1\n{text}");
            let refused = Configuration::read(&more)
                .err()
                .map(|error| error.to_string());
            assert!(
                refused.is_some_and(|error| error.contains("surprise")),
                "{more}"
            );
        }
        Err(error) => {
            let (line, rest) = place(&error.to_string());
            assert!((1..=text.lines().count() + 1).contains(&line), "{error}");
            // A byte order mark is one only where a file begins.
            if line > 1 && !text.starts_with('\u{feff}') {
                let lower = Configuration::read(&format!("\n{text}")).err();
                let lower = lower.map(|error| place(&error.to_string()));
                assert_eq!(lower, Some((line + 1, rest)), "{text}");
            }
        }
    }
}

/// `postern.toml line 7: why`, apart.
fn place(error: &str) -> (usize, String) {
    let (_, rest) = error.split_once("line ").expect("an error names its line");
    let (line, why) = rest.split_once(": ").expect("an error says why");
    (line.parse().expect("a line has a number"), why.to_owned())
}
