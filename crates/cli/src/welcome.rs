//! What a person reads once the server is ready.
//!
//! *Invariant:* it names commands and people, never a key.

use std::fmt::Write as _;

use crate::identity::Identity;

/// The page of text for a server that people reach at `origin`.
pub(crate) fn text(identity: &Identity, origin: &str) -> String {
    let Identity {
        public_url, dev, ..
    } = identity;
    let base = public_url
        .as_deref()
        .unwrap_or(origin)
        .trim_end_matches('/');
    let mut page = String::new();
    if public_url.is_some() || *dev {
        page.push_str(&connect(&format!("{base}/mcp")));
    }
    if *dev {
        page.push_str(&people());
    }
    page
}

fn connect(mcp: &str) -> String {
    format!(
        "
  Paste into your MCP client   {mcp}

  Look at it with the Inspector (Node.js 22.19 or newer)
    npx @modelcontextprotocol/inspector --cli {mcp} --transport http --method tools/list
  Connect a client that only speaks stdio
    npx mcp-remote {mcp}
"
    )
}

fn people() -> String {
    let mut text = String::from("\n  The sign-in page lets you be\n");
    for person in &oauth::dev::PEOPLE {
        let roles = match person.roles {
            [] => "no roles".to_owned(),
            roles => format!("role {}", roles.join(", ")),
        };
        // Writing to a String has no way to fail.
        let _ = writeln!(text, "    {:<16} {:<8} {roles}", person.name, person.login);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn development_shows_the_url_both_commands_and_the_people() {
        let identity = Identity {
            dev: true,
            ..Identity::default()
        };
        let page = text(&identity, "http://localhost:3000");
        for part in [
            "inspector --cli http://localhost:3000/mcp",
            "npx mcp-remote",
            "Ada Lovelace",
            "linus",
        ] {
            assert!(page.contains(part), "{part}");
        }
    }

    #[test]
    fn a_public_server_shows_its_own_address_and_nobody() {
        let public_url = Some("https://mcp.example/".to_owned());
        let page = text(
            &Identity {
                public_url,
                ..Identity::default()
            },
            "http://localhost:3000",
        );
        assert!(page.contains(" https://mcp.example/mcp\n"), "{page}");
        assert!(
            !page.contains("localhost") && !page.contains("Ada"),
            "{page}"
        );
    }

    #[test]
    fn an_application_without_sign_in_shows_nothing() {
        assert_eq!(text(&Identity::default(), "http://localhost:3000"), "");
    }
}
