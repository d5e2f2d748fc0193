//! Secrets that everybody can read: the examples of documentation.
//!
//! *Invariant:* nothing that stands here protects anything.

/// Examples, in lower case and without what separates words.
const EXAMPLES: [&str; 29] = [
    "apikey",
    "changeme",
    "changeit",
    "cookieencryptionkey",
    "examplekey",
    "examplesecret",
    "jwtsecret",
    "key",
    "mysecret",
    "mysecretkey",
    "password",
    "placeholder",
    "replaceme",
    "secret",
    "secretkey",
    "supersecret",
    "supersecretkey",
    "test",
    "testkey",
    "testsecret",
    "todo",
    "yourapikey",
    "yourjwtsecret",
    "yourjwtsecretkey",
    "yourkey",
    "yourlocaljwtsecret",
    "yoursecret",
    "yoursecretkey",
    "yoursupersecurejwtsecret",
];

/// Whether `text` is an example, perhaps one of several: `your-api-key-2`, `YOUR_SECRET_HERE`.
#[must_use]
pub fn is_well_known(text: &str) -> bool {
    let plain: String = text
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_lowercase())
        .collect();
    let plain = plain.trim_end_matches(|character: char| character.is_ascii_digit());
    let plain = plain.strip_suffix("here").unwrap_or(plain);
    EXAMPLES.contains(&plain) || repeats_itself(text)
}

/// One character over and over.
fn repeats_itself(text: &str) -> bool {
    let mut characters = text.chars();
    let first = characters.next();
    characters.all(|character| Some(character) == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_known_however_it_is_written() {
        for text in [
            "",
            "secret",
            "key1",
            "your-secret-key",
            "your_jwt_secret",
            "YOUR_JWT_SECRET_HERE",
            "your-super-secure-jwt-secret",
            "your-local-jwt-secret",
            "your-api-key-2",
            "test-key-1",
            "changeme123",
            "COOKIE_ENCRYPTION_KEY",
            "00000000000000000000000000000000",
        ] {
            assert!(is_well_known(text), "{text}");
        }
        for text in [
            "hunter2",
            "secretary-of-the-interior",
            "0123456789abcdef0123456789abcdef",
        ] {
            assert!(!is_well_known(text), "{text}");
        }
    }
}
