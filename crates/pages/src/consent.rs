//! The consent page: who asks, for what, and where the answer goes.
//!
//! *Invariant:* everything a person agrees to is in the form that they send.

use askama::Template;
use bytes::Bytes;
use http::{Response, StatusCode};
use oauth::{ClientKind, RedirectKind};

use crate::headers::{Forms, answer};
use crate::legible::legible;

/// A way to sign in.
#[derive(Clone, Copy, Debug)]
pub struct Provider<'a> {
    /// What the form sends.
    pub id: &'a str,
    /// What a person reads after "Continue with".
    pub title: &'a str,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct Consent<'a> {
    /// What the client calls itself.
    pub client_name: Option<&'a str>,
    /// How the client is known.
    pub known: ClientKind,
    /// Whether the client is redirected to this computer alone.
    pub loopback_only: bool,
    /// The host, or the scheme of an application, that gets the answer.
    pub redirect_place: String,
    /// What kind of place that is.
    pub redirect_kind: RedirectKind,
    /// What the client wants to reach.
    pub resources: Vec<&'a str>,
    /// The scopes it asks for: name, and what it means.
    pub scopes: Vec<(&'a str, &'a str)>,
    /// The ways to sign in.
    pub providers: Vec<Provider<'a>>,
    /// The client's own parameters, which travel in the form.
    pub hidden: Vec<(&'a str, &'a str)>,
    /// The id of this form.
    pub transaction: &'a str,
    /// The proof that this form was shown here.
    pub csrf: &'a str,
    /// The name of this sign-in.
    pub flow: &'a str,
}

#[derive(Template)]
#[template(path = "consent.html", whitespace = "minimize")]
struct ConsentPage<'a> {
    name: Option<String>,
    view: &'a Consent<'a>,
}

/// The page that asks a person. It posts to `/consent`: `decision=deny` refuses, `provider` alone
/// allows and says how to sign in.
#[must_use]
pub fn consent(view: &Consent<'_>) -> Response<Bytes> {
    let page = ConsentPage {
        name: view.client_name.and_then(legible),
        view,
    };
    answer(StatusCode::OK, Forms::Posted, &page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use oauth::Scope;

    fn shown(client_name: Option<&str>, redirect_kind: RedirectKind, place: &str) -> String {
        let known = ClientKind::RegisteredItself;
        shown_as(known, client_name, (redirect_kind, place))
    }

    fn shown_as(
        known: ClientKind,
        client_name: Option<&str>,
        (redirect_kind, place): (RedirectKind, &str),
    ) -> String {
        let answer = consent(&Consent {
            client_name,
            known,
            loopback_only: redirect_kind == RedirectKind::Loopback,
            redirect_place: place.to_owned(),
            redirect_kind,
            resources: vec!["https://mcp.example.com/mcp"],
            scopes: Scope::ALL
                .map(|scope| (scope.as_str(), scope.in_words()))
                .into(),
            providers: [("google", "Google"), ("dev", "a test person")]
                .map(|(id, title)| Provider { id, title })
                .into(),
            hidden: vec![
                ("client_id", "c\"><b>"),
                ("resource", "r1"),
                ("resource", "r2"),
            ],
            transaction: "a-transaction",
            csrf: "a-proof",
            flow: "a-flow",
        });
        assert!(answer.body().len() < 12 * 1024, "{}", answer.body().len());
        String::from_utf8(answer.into_body().into()).unwrap()
    }

    #[test]
    fn the_page_names_who_asks_for_what_and_where_the_answer_goes() {
        let page = shown(Some("Claude"), RedirectKind::Web, "claude.ai");
        let scopes = Scope::ALL.map(|scope| [scope.as_str(), scope.in_words()]);
        for told in scopes.as_flattened().iter().copied().chain([
            "<bdi>Claude</bdi> wants to connect",
            "registered itself, unverified",
            "<code>claude.ai</code>",
            "https://mcp.example.com/mcp",
            "Continue with Google",
            "Continue with a test person",
            "Deny",
            "a-flow",
            "<html lang=\"en\">",
        ]) {
            assert!(page.contains(told), "{told}");
        }
    }

    #[test]
    fn the_form_sends_what_was_shown_and_one_decision() {
        let page = shown(None, RedirectKind::Web, "claude.ai");
        for field in [
            r#"<form method="post" action="/consent">"#,
            r#"<input type="hidden" name="resource" value="r1">"#,
            r#"<input type="hidden" name="resource" value="r2">"#,
            r#"<input type="hidden" name="transaction" value="a-transaction">"#,
            r#"<input type="hidden" name="csrf" value="a-proof">"#,
            r#"<button name="provider" value="google""#,
            r#"<button name="provider" value="dev""#,
            r#"<button name="decision" value="deny""#,
        ] {
            assert_eq!(page.matches(field).count(), 1, "{field}");
        }
    }

    #[test]
    fn what_a_client_writes_stays_text() {
        let page = shown(
            Some("<img src=x onerror='alert(1)'>\u{202e}&amp;"),
            RedirectKind::PrivateUse,
            "cursor:",
        );
        assert!(!page.contains("<img") && !page.contains("'alert") && !page.contains("<b>"));
        assert!(!page.contains('\u{202e}'));
        assert!(page.contains("&#38;amp;") || page.contains("&amp;amp;"));
    }

    #[test]
    fn a_place_that_others_can_take_is_warned_about() {
        let loopback = shown(Some("c"), RedirectKind::Loopback, "127.0.0.1");
        assert!(loopback.contains("Any program on this computer could be listening"));
        let application = shown(Some("c"), RedirectKind::PrivateUse, "cursor:");
        assert!(application.contains("An application on this device"));
        let web = shown(Some("c"), RedirectKind::Web, "claude.ai");
        assert!(!web.contains("this computer") && !web.contains("this device"));
    }

    #[test]
    fn a_client_of_a_document_shows_its_host_and_what_that_does_not_prove() {
        let host = "app.example.com".to_owned();
        let known = ClientKind::Document { host };
        let badge = "<strong>Verified</strong>: it is published by <code>app.example.com</code>";
        let web = (RedirectKind::Web, "app.example.com");
        let web = shown_as(known.clone(), Some("c"), web);
        assert!(web.contains(badge));
        assert!(!web.contains("can claim to be it") && !web.contains("unverified"));
        let loopback = shown_as(known, Some("c"), (RedirectKind::Loopback, "127.0.0.1"));
        assert!(loopback.contains(badge));
        assert!(loopback.contains("can claim to be it"));
    }

    #[test]
    fn a_client_without_a_name_is_said_to_have_none() {
        for name in [None, Some(""), Some("\u{200b} ")] {
            let page = shown(name, RedirectKind::Web, "claude.ai");
            assert!(page.contains("An application without a name"), "{name:?}");
        }
    }
}
