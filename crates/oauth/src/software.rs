//! Which application somebody uses, as far as its redirect URI tells.
//!
//! *Invariant:* it is a guess that chooses words for a page, and nothing else: nobody is trusted,
//! redirected or linked to because of it.

use url::{Host, Url};

/// An application whose users need words of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Software {
    /// `ChatGPT` and its kin.
    ChatGpt,
    /// Claude on the web, on the desktop and on phones: one connector.
    Claude,
    /// Cursor.
    Cursor,
    /// The MCP Inspector.
    Inspector,
    /// The bridge `mcp-remote`, inside whatever starts it.
    McpRemote,
    /// Visual Studio Code.
    VsCode,
    /// Windsurf.
    Windsurf,
}

impl Software {
    /// Every application that is recognised.
    pub const ALL: [Self; 7] = [
        Self::ChatGpt,
        Self::Claude,
        Self::Cursor,
        Self::Inspector,
        Self::McpRemote,
        Self::VsCode,
        Self::Windsurf,
    ];

    /// The application that would be answered at `redirect_uri`.
    #[must_use]
    pub fn answered_at(redirect_uri: &str) -> Option<Self> {
        let url = Url::parse(redirect_uri).ok()?;
        match url.scheme() {
            "https" => Self::on_the_web(&url),
            "http" => Self::on_this_machine(&url),
            "cursor" => Some(Self::Cursor),
            "vscode" | "vscode-insiders" => Some(Self::VsCode),
            "windsurf" => Some(Self::Windsurf),
            _ => None,
        }
    }

    fn on_the_web(url: &Url) -> Option<Self> {
        match (url.host_str()?, url.path()) {
            ("claude.ai" | "claude.com", "/api/mcp/auth_callback") => Some(Self::Claude),
            ("chatgpt.com", _) => Some(Self::ChatGpt),
            ("platform.openai.com", path) if path.starts_with("/apps-manage/") => {
                Some(Self::ChatGpt)
            }
            ("www.cursor.com" | "cursor.com", _) => Some(Self::Cursor),
            ("vscode.dev" | "insiders.vscode.dev", "/redirect") => Some(Self::VsCode),
            _ => None,
        }
    }

    fn on_this_machine(url: &Url) -> Option<Self> {
        let loopback = match url.host()? {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        match (url.port(), url.path()) {
            _ if !loopback => None,
            (Some(6274 | 6276), path) if path.starts_with("/oauth/callback") => {
                Some(Self::Inspector)
            }
            (_, "/oauth/callback") => Some(Self::McpRemote),
            (Some(33418), "/") => Some(Self::VsCode),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_uri_tells_which_application_it_is() {
        use Software::{ChatGpt, Claude, Cursor, Inspector, McpRemote, VsCode, Windsurf};
        for (uri, expected) in [
            ("http://localhost:3334/oauth/callback", Some(McpRemote)),
            ("http://127.0.0.1:17234/oauth/callback", Some(McpRemote)),
            ("http://127.0.0.1:6276/oauth/callback", Some(Inspector)),
            ("http://localhost:6274/oauth/callback", Some(Inspector)),
            (
                "http://localhost:6274/oauth/callback/debug",
                Some(Inspector),
            ),
            ("https://claude.ai/api/mcp/auth_callback", Some(Claude)),
            ("https://claude.com/api/mcp/auth_callback", Some(Claude)),
            (
                "https://chatgpt.com/connector_platform_oauth_redirect",
                Some(ChatGpt),
            ),
            ("https://chatgpt.com/connector/oauth/abc", Some(ChatGpt)),
            (
                "https://platform.openai.com/apps-manage/oauth",
                Some(ChatGpt),
            ),
            ("cursor://anysphere.cursor-mcp/oauth/callback", Some(Cursor)),
            (
                "https://www.cursor.com/agents/mcp/oauth/callback",
                Some(Cursor),
            ),
            ("http://127.0.0.1:33418", Some(VsCode)),
            ("http://127.0.0.1:33418/", Some(VsCode)),
            ("http://localhost:33418/", Some(VsCode)),
            ("https://vscode.dev/redirect", Some(VsCode)),
            ("https://insiders.vscode.dev/redirect", Some(VsCode)),
            ("vscode://vscode.mcp/callback", Some(VsCode)),
            ("windsurf://codeium.windsurf/callback", Some(Windsurf)),
            ("http://127.0.0.1:33418/callback", None),
            ("http://localhost:3334/callback", None),
            ("http://mcp.example/oauth/callback", None),
            ("http://localhost.evil.example:3334/oauth/callback", None),
            ("https://claude.ai.evil.example/api/mcp/auth_callback", None),
            ("https://claude.ai/elsewhere", None),
            ("https://evil.example/?https://chatgpt.com/", None),
            ("javascript:alert(1)", None),
            ("nonsense", None),
            ("", None),
        ] {
            assert_eq!(Software::answered_at(uri), expected, "{uri}");
        }
    }
}
