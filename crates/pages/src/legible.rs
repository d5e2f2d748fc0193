//! Text that a stranger wrote, made fit to be read.
//!
//! *Invariant:* what comes out has one line, a bounded length, and no character that hides,
//! reorders or stands for nothing.

/// The most characters of a name that a page shows.
const MAX_CHARACTERS: usize = 100;

/// `text` as a page may show it; nothing if there is nothing to read.
pub(crate) fn legible(text: &str) -> Option<String> {
    let seen: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .collect();
    let line = seen.split(' ').filter(|word| !word.is_empty());
    let line = line.collect::<Vec<_>>().join(" ");
    if line.chars().count() > MAX_CHARACTERS {
        let start: String = line.chars().take(MAX_CHARACTERS).collect();
        return Some(format!("{}…", start.trim_end()));
    }
    (!line.is_empty()).then_some(line)
}

/// Characters that turn the direction of text (Unicode TR 9), join or separate invisibly, or tag.
/// The zero-width joiner stays: emoji and several scripts are written with it.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}' | '\u{200c}'
        | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_of_what_can_be_seen() {
        for (written, read) in [
            ("MCP Inspector", Some("MCP Inspector")),
            (" a \t\r\n b\u{a0}\u{2003}c\u{2028}d ", Some("a b c d")),
            ("invoice\u{202e}gnp.exe", Some("invoicegnp.exe")),
            ("Cl\u{200b}au\u{ad}de\u{2066}\u{feff}", Some("Claude")),
            ("a\u{0}b\u{1b}[31mc\u{7f}\u{9b}d", Some("ab[31mcd")),
            ("x\u{e0041}\u{e007f}", Some("x")),
            ("日本語 עברית", Some("日本語 עברית")),
            ("👩\u{200d}💻", Some("👩\u{200d}💻")),
            ("", None),
            (" \u{200f}\u{3164}\u{2800} ", None),
        ] {
            assert_eq!(legible(written).as_deref(), read, "{written:?}");
        }
    }

    #[test]
    fn a_long_name_ends_in_an_ellipsis() {
        assert_eq!(legible(&"é".repeat(100)), Some("é".repeat(100)));
        let cut = legible(&"é".repeat(101)).unwrap();
        assert_eq!(cut, format!("{}…", "é".repeat(100)));
    }
}
