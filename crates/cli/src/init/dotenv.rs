//! The settings of another server: a `.env` or a `.dev.vars`, read as wrangler reads it.
//!
//! *Invariant:* a value is what stands there, and nothing in it is expanded; a line that cannot be
//! read is named by its number and never quoted.

use anyhow::{Result, bail};

/// What a file sets.
#[derive(Default)]
pub(super) struct Settings {
    entries: Vec<Entry>,
    /// Names that stand there more than once with different values.
    pub(super) ambiguous: Vec<String>,
}

/// One name and its value.
pub(super) struct Entry {
    /// In upper case, and without the prefix that Spin wants.
    pub(super) name: String,
    pub(super) value: String,
}

const PREFIX: &str = "SPIN_VARIABLE_";

impl Settings {
    /// Reads the text of a file. A name that stands there twice has its last value.
    pub(super) fn read(text: &str) -> Result<Self> {
        let mut settings = Self::default();
        let mut lines = text.trim_start_matches('\u{feff}').lines().zip(1_usize..);
        while let Some((line, number)) = lines.next() {
            let mut statement = line.to_owned();
            while is_open(&statement) {
                let Some((line, _)) = lines.next() else {
                    bail!("line {number} opens a quotation mark that nothing closes");
                };
                statement = statement + "\n" + line;
            }
            // dotenvy quotes the offending line, which may hold a key: its error stays here.
            for entry in dotenvy::from_read_iter(literal(&statement).as_bytes()) {
                let Ok((name, value)) = entry else {
                    bail!("line {number} is not NAME=value");
                };
                settings.set(&name, value);
            }
        }
        Ok(settings)
    }

    fn set(&mut self, name: &str, value: String) {
        let name = name.to_ascii_uppercase();
        let name = name.strip_prefix(PREFIX).unwrap_or(&name).to_owned();
        let known = self.entries.iter_mut().find(|known| known.name == name);
        match known {
            Some(known) => {
                if known.value != value && !self.ambiguous.contains(&name) {
                    self.ambiguous.push(name);
                }
                known.value = value;
            }
            None => self.entries.push(Entry { name, value }),
        }
    }

    /// All of them, in the order of the file.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// The value of a name; an empty one counts as none.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let entry = self.entries.iter().find(|entry| entry.name == name)?;
        Some(entry.value.as_str()).filter(|value| !value.is_empty())
    }

    /// Whether it sets one of a family of names.
    pub(super) fn speaks_of(&self, prefix: &str) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.name.starts_with(prefix) && !entry.value.is_empty())
    }
}

/// The name and the value of an assignment, the value without the spaces around it.
fn assignment(statement: &str) -> Option<(&str, &str)> {
    let line = statement.trim_start();
    if line.starts_with('#') {
        return None;
    }
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    Some((name.trim(), value.trim()))
}

/// The quotation mark that a value begins with.
fn mark(value: &str) -> Option<char> {
    value
        .chars()
        .next()
        .filter(|first| matches!(first, '"' | '\''))
}

/// Whether a value begins with a quotation mark that is yet to be closed.
fn is_open(statement: &str) -> bool {
    let Some((value, mark)) =
        assignment(statement).and_then(|(_, value)| Some((value, mark(value)?)))
    else {
        return false;
    };
    let mut escaped = false;
    for character in value.chars().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = mark == '"',
            _ if character == mark => return false,
            _ => {}
        }
    }
    true
}

/// The statement as dotenvy reads what is meant: it expands `$NAME`, ends a value at a space and
/// has escapes outside quotation marks, and wrangler does none of it.
fn literal(statement: &str) -> String {
    match assignment(statement) {
        // dotenvy refuses a line of spaces alone.
        None => statement.trim().to_owned(),
        Some((name, value)) => match mark(value) {
            Some('"') => {
                let value = value.replace("\\$", "$").replace('$', "\\$");
                format!("{name}={value}\n")
            }
            Some(mark) => {
                // What is behind the closing mark is dotenvy's to judge.
                let inside = value.strip_prefix(mark).unwrap_or(value);
                let (value, rest) = inside.split_once(mark).unwrap_or((inside, ""));
                format!("{name}={}{rest}\n", in_double_quotes(value))
            }
            None => {
                let value = value.split_once(" #").map_or(value, |(value, _)| value);
                let value = value.strip_prefix('#').map_or(value, |_| "");
                format!("{name}={}\n", quoted(value.trim_end()))
            }
        },
    }
}

/// A value as any reader of `.env` files takes it, letter by letter.
pub(super) fn quoted(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:@,+=".contains(&byte);
    if value.bytes().all(plain) {
        return value.to_owned();
    }
    // In single quotation marks dotenvy takes a backslash for half of an escape.
    if !value.contains(['\'', '\n', '\\']) {
        return format!("'{value}'");
    }
    in_double_quotes(value)
}

fn in_double_quotes(value: &str) -> String {
    let mut text = String::from("\"");
    for character in value.chars() {
        match character {
            '\n' => text.push_str("\\n"),
            '"' | '$' | '\\' => text.extend(['\\', character]),
            _ => text.push(character),
        }
    }
    text + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let settings = Settings::read(text).unwrap();
        let pair = |entry: &Entry| (entry.name.clone(), entry.value.clone());
        settings.iter().map(pair).collect()
    }

    #[test]
    fn a_value_is_what_stands_there() {
        for (line, value) in [
            ("A=b", "b"),
            ("A=", ""),
            ("A = b ", "b"),
            ("export A=b", "b"),
            ("  a=b", "b"),
            ("SPIN_VARIABLE_A=b", "b"),
            ("A=b\r\n", "b"),
            ("\u{feff}A=b", "b"),
            ("A=\"b c\" # why", "b c"),
            ("A='b \"c\" #d'", "b \"c\" #d"),
            ("A=b # why", "b"),
            ("A=b#c", "b#c"),
            ("A= # nothing", ""),
            ("A=openid profile email", "openid profile email"),
            ("A=<your client id>", "<your client id>"),
            ("A=b=c==", "b=c=="),
            ("A=pa$HOME\\w'rd", "pa$HOME\\w'rd"),
            ("A=\"pa$HOME\"", "pa$HOME"),
            ("A=\"pa\\$HOME\"", "pa$HOME"),
            ("A='pa$HOME'", "pa$HOME"),
            ("A=\"two\\nlines\"", "two\nlines"),
            ("A=\"two\nlines\"\nB=", "two\nlines"),
            ("A='two\nlines' # why", "two\nlines"),
        ] {
            assert_eq!(
                pairs(line)[0],
                ("A".to_owned(), value.to_owned()),
                "{line:?}"
            );
        }
        assert!(pairs("# A=b\n\n   \n#").is_empty());
    }

    #[test]
    fn the_last_of_two_values_counts_and_is_told() {
        let text = "A=1\nB=1\na=2\nexport B='1'\nSPIN_VARIABLE_A=3\n";
        let settings = Settings::read(text).unwrap();
        assert_eq!(settings.value("A"), Some("3"));
        assert_eq!(settings.ambiguous, ["A"]);
        assert_eq!(settings.iter().count(), 2);
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named_and_not_quoted() {
        for (text, line) in [
            ("A=1\nsecret words\n", "line 2"),
            ("A=1\n\nB=\"secret\nC=2\n", "line 3"),
            ("a secret=1", "line 1"),
            ("A='b' secret", "line 1"),
        ] {
            let refused = Settings::read(text).err().unwrap().to_string();
            assert!(refused.starts_with(line), "{refused} for {text}");
            assert!(!refused.contains("secret"), "{refused}");
        }
    }

    #[test]
    fn what_is_written_is_read_again_letter_by_letter() {
        for value in [
            "",
            "plain-1.2_3",
            "two words",
            "it's",
            "a\"b",
            "it's \"$HOME\" \\n",
            "two\nlines",
            "#",
            "a #b",
            "$A",
            "\\",
            "ä",
            "`x`",
        ] {
            let line = format!("A={}\n", quoted(value));
            let read = crate::keys::EnvFile::parse(format!("SPIN_VARIABLE_{line}")).unwrap();
            assert_eq!(read.variables["a"], value, "{line}");
            assert_eq!(pairs(&line)[0].1, value, "{line}");
        }
    }
}
