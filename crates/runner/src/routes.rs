//! Which component answers a path.
//!
//! *Invariant:* a private route is never in the table, and a path is compared as it was sent:
//! `%2F` stays encoded.

use std::cmp::Ordering;

/// A route pattern: exact segments, `:name` segments, and perhaps a trailing `/...`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    segments: Vec<Segment>,
    trailing: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Exact(String),
    Named(String),
}

/// Why a pattern is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PatternRefused {
    #[error("a route starts with /")]
    Relative,
    #[error("/... and * stand at the end of a route only")]
    MisplacedWildcard,
    #[error("a :name segment needs a name")]
    Nameless,
    #[error("/.well-known/spin/ is reserved")]
    Reserved,
}

/// What a pattern found in a path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Captures<'a> {
    /// What `/...` stands for, with its slash; empty without one.
    pub(crate) trailing: String,
    /// The `:name` segments.
    pub(crate) named: Vec<(&'a str, &'a str)>,
}

impl Pattern {
    /// Reads a route of the manifest.
    pub(crate) fn parse(route: &str) -> Result<Self, PatternRefused> {
        let relative = route.strip_prefix('/').ok_or(PatternRefused::Relative)?;
        if route.starts_with("/.well-known/spin/") {
            return Err(PatternRefused::Reserved);
        }
        let mut segments: Vec<&str> = relative.trim_end_matches('/').split('/').collect();
        let trailing = segments
            .pop_if(|last| *last == "..." || *last == "*")
            .is_some();
        let segments = segments
            .into_iter()
            .filter(|segment| !segment.is_empty())
            .map(Segment::parse)
            .collect::<Result<_, _>>()?;
        Ok(Self { segments, trailing })
    }

    /// Compares the pattern with a path.
    pub(crate) fn captures<'a>(&'a self, path: &'a str) -> Option<Captures<'a>> {
        let mut rest = path.strip_prefix('/')?;
        let mut named = Vec::new();
        for segment in &self.segments {
            let (found, after) = rest.split_once('/').unwrap_or((rest, ""));
            match segment {
                Segment::Exact(exact) if exact == found => {}
                Segment::Named(name) if !found.is_empty() => named.push((name.as_str(), found)),
                _ => return None,
            }
            rest = after;
        }
        let rest = rest.trim_matches('/');
        if !self.trailing {
            return rest.is_empty().then(|| Captures {
                trailing: String::new(),
                named,
            });
        }
        let lead = if rest.is_empty() { "" } else { "/" };
        let tail = if path.ends_with('/') { "/" } else { "" };
        Some(Captures {
            trailing: format!("{lead}{rest}{tail}"),
            named,
        })
    }

    /// Orders patterns so that the first match is the most specific: exact before named before
    /// trailing, segment by segment, which makes the longest prefix win.
    pub(crate) fn specificity(&self, other: &Self) -> Ordering {
        let rank = |pattern: &Self| -> Vec<u8> {
            let named = |segment: &Segment| u8::from(matches!(segment, Segment::Named(_)));
            let end = if pattern.trailing { Some(2) } else { None };
            pattern.segments.iter().map(named).chain(end).collect()
        };
        rank(self).cmp(&rank(other))
    }
}

impl Segment {
    fn parse(segment: &str) -> Result<Self, PatternRefused> {
        match segment.strip_prefix(':') {
            Some("") => Err(PatternRefused::Nameless),
            Some(name) => Ok(Self::Named(name.to_owned())),
            None if segment.contains('*') || segment == "..." => {
                Err(PatternRefused::MisplacedWildcard)
            }
            None => Ok(Self::Exact(segment.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best<'a>(routes: &[&'a str], path: &str) -> Option<(&'a str, String)> {
        let mut patterns: Vec<_> = routes
            .iter()
            .map(|route| (*route, Pattern::parse(route).expect(route)))
            .collect();
        patterns.sort_by(|(_, a), (_, b)| a.specificity(b));
        patterns.iter().find_map(|(route, pattern)| {
            pattern.captures(path).map(|found| (*route, found.trailing))
        })
    }

    #[test]
    fn the_most_specific_route_answers() {
        let routes = [
            "/...",
            "/",
            "/mcp",
            "/mcp/...",
            "/a/:id",
            "/a/:id/...",
            "/a/b",
            "/a/b/c/...",
            "/login/",
        ];
        for (path, expected) in [
            ("/", Some(("/", ""))),
            ("/mcp", Some(("/mcp", ""))),
            ("/mcp/", Some(("/mcp", ""))),
            ("/mcp/x/y/", Some(("/mcp/...", "/x/y/"))),
            ("/mcpx", Some(("/...", "/mcpx"))),
            ("/a/b", Some(("/a/b", ""))),
            ("/a/c", Some(("/a/:id", ""))),
            ("/a/c/d", Some(("/a/:id/...", "/d"))),
            ("/a/b/c", Some(("/a/b/c/...", ""))),
            ("/a/b/c/", Some(("/a/b/c/...", "/"))),
            ("/a/b%2Fc", Some(("/a/:id", ""))),
            ("/A/b", Some(("/...", "/A/b"))),
            ("/login", Some(("/login/", ""))),
            ("*", None),
        ] {
            let expected = expected.map(|(route, trailing)| (route, trailing.to_owned()));
            assert_eq!(best(&routes, path), expected, "{path}");
        }
    }

    #[test]
    fn a_path_outside_every_route_is_nobodys() {
        let routes = ["/mcp", "/login/:provider", "/files/..."];
        for path in [
            "/",
            "/mcp/x",
            "/login",
            "/login/",
            "/login//",
            "/login/a/b",
            "/file",
            "/filesx",
        ] {
            assert_eq!(best(&routes, path), None, "{path}");
        }
    }

    #[test]
    fn a_trailing_wildcard_matches_its_prefix_too() {
        for (path, trailing) in [
            ("/f", ""),
            ("/f/", "/"),
            ("/f/a", "/a"),
            ("/f/a%2Fb/", "/a%2Fb/"),
        ] {
            assert_eq!(
                best(&["/f/..."], path),
                Some(("/f/...", trailing.to_owned())),
                "{path}"
            );
        }
    }

    #[test]
    fn a_named_segment_is_captured() {
        let pattern = Pattern::parse("/login/:provider").expect("a route");
        let captures = pattern.captures("/login/github").expect("a match");
        assert_eq!(captures.named, [("provider", "github")]);
    }

    #[test]
    fn a_route_that_cannot_be_served_is_refused() {
        for (route, refused) in [
            ("mcp", PatternRefused::Relative),
            ("", PatternRefused::Relative),
            ("/a/.../b", PatternRefused::MisplacedWildcard),
            ("/a*", PatternRefused::MisplacedWildcard),
            ("/a/:", PatternRefused::Nameless),
            ("/.well-known/spin/health", PatternRefused::Reserved),
        ] {
            assert_eq!(Pattern::parse(route), Err(refused), "{route}");
        }
    }
}
