//! The consent page: who asks, for what, and where the answer goes.
//!
//! *Invariant:* everything a person agrees to is in the form that they send.

use askama::Template;
use bytes::Bytes;
use http::{Response, StatusCode};
use oauth::{ClientKind, RedirectKind, Scope};

use crate::headers::{Forms, answer};
use crate::legible::legible;
use crate::refusal::sentence;

/// A way to sign in.
#[derive(Clone, Copy, Debug)]
pub struct Provider<'a> {
    /// What the form sends.
    pub id: &'a str,
    /// What a person reads after "Continue with".
    pub title: &'a str,
}

/// What the person is asked.
#[derive(Clone, Debug)]
pub enum Ask<'a> {
    /// Whether they agree, to what, and how they sign in.
    All {
        /// The ways to sign in.
        providers: Vec<Provider<'a>>,
        /// Whether the provider lets them choose the account.
        other_account: bool,
        /// Why they are asked again.
        problem: Option<&'a str>,
    },
    /// Whether they go on as who agreed to this before.
    GoOn {
        /// What that person is called.
        name: &'a str,
        /// The provider that knows them.
        provider: &'a str,
    },
    /// Whether they agree as well, who signed in instead of who agreed before.
    OtherPerson {
        /// What they are called.
        name: &'a str,
        /// The provider that knows them.
        provider: &'a str,
        /// Why they are asked again.
        problem: Option<&'a str>,
    },
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
    /// The scopes it asks for, and whether each that can be left out is ticked.
    pub scopes: Vec<(Scope, bool)>,
    /// What the person is asked.
    pub ask: Ask<'a>,
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
    person: String,
    problem: Option<String>,
    view: &'a Consent<'a>,
}

/// The page that asks a person. It posts to `/consent`, or for somebody who already signed in to
/// their provider's callback: `decision=deny` refuses, `decision=continue` goes on as the person
/// who is named, `decision=another` lets them be somebody else, and `provider` alone allows what is
/// ticked and says how to sign in.
#[must_use]
pub fn consent(view: &Consent<'_>) -> Response<Bytes> {
    let (person, problem) = match &view.ask {
        Ask::All { problem, .. } => ("", *problem),
        Ask::GoOn { name, .. } => (*name, None),
        Ask::OtherPerson { name, problem, .. } => (*name, *problem),
    };
    let page = ConsentPage {
        name: view.client_name.and_then(legible),
        person: legible(person).unwrap_or_else(|| "yourself".to_owned()),
        problem: problem.map(sentence),
        view,
    };
    answer(StatusCode::OK, Forms::Posted, &page)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(client_name: Option<&str>, redirect_kind: RedirectKind, place: &str) -> String {
        let known = ClientKind::RegisteredItself;
        shown_as(known, client_name, (redirect_kind, place))
    }

    fn shown_as(
        known: ClientKind,
        client_name: Option<&str>,
        redirect: (RedirectKind, &str),
    ) -> String {
        let ask = Ask::All {
            providers: [("google", "Google"), ("dev", "a test person")]
                .map(|(id, title)| Provider { id, title })
                .into(),
            other_account: false,
            problem: None,
        };
        asked_as(known, client_name, redirect, ask)
    }

    fn asked(client_name: Option<&str>, redirect: (RedirectKind, &str), ask: Ask<'_>) -> String {
        asked_as(ClientKind::RegisteredItself, client_name, redirect, ask)
    }

    fn asked_as(
        known: ClientKind,
        client_name: Option<&str>,
        (redirect_kind, place): (RedirectKind, &str),
        ask: Ask<'_>,
    ) -> String {
        let answer = consent(&Consent {
            client_name,
            known,
            loopback_only: redirect_kind == RedirectKind::Loopback,
            redirect_place: place.to_owned(),
            redirect_kind,
            resources: vec!["https://mcp.example.com/mcp"],
            scopes: Scope::ALL
                .map(|scope| (scope, scope != Scope::Profile))
                .into(),
            ask,
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
    fn each_scope_but_the_tools_can_be_left_out_without_a_script() {
        let page = shown(Some("Claude"), RedirectKind::Web, "claude.ai");
        for (field, ticked) in [("may-profile", ""), ("may-offline-access", " checked")] {
            let input = format!(r#"<input type="checkbox" name="{field}" value="on"{ticked}>"#);
            assert_eq!(page.matches(&input).count(), 1, "{input} on {page}");
        }
        assert_eq!(page.matches("checkbox").count(), 2, "{page}");
        assert!(page.contains(Scope::McpTools.in_words()));
        assert!(!page.contains("role=\"alert\"") && !page.contains("name=\"account\""));
        let again = Ask::All {
            providers: vec![],
            other_account: true,
            problem: Some("leave at least one, or choose Deny"),
        };
        let page = asked(None, (RedirectKind::Web, "claude.ai"), again);
        assert!(
            page.contains("role=\"alert\"") && page.contains("Leave at least one, or choose Deny.")
        );
        assert!(page.contains(r#"<input type="hidden" name="account" value="another">"#));
    }

    #[test]
    fn who_agreed_before_goes_on_with_one_click_and_sees_the_same() {
        let ask = Ask::GoOn {
            name: "Ada <b>Lovelace</b>",
            provider: "dev",
        };
        let page = asked(Some("Claude"), (RedirectKind::Loopback, "localhost"), ask);
        for told in [
            "Continue as <bdi>Ada &#60;b&#62;Lovelace",
            r#"<button name="decision" value="continue""#,
            r#"<button name="decision" value="another""#,
            r#"<button name="decision" value="deny""#,
            r#"<form method="post" action="/consent">"#,
            "registered itself, unverified",
            "https://mcp.example.com/mcp",
            "Any program on this computer",
            Scope::McpTools.in_words(),
        ] {
            assert!(page.contains(told), "{told} on {page}");
        }
        assert!(!page.contains("checkbox") && !page.contains("name=\"provider\""));
    }

    #[test]
    fn somebody_else_is_asked_for_themselves_where_they_signed_in() {
        let ask = Ask::OtherPerson {
            name: "Grace",
            provider: "dev",
            problem: None,
        };
        let page = asked(Some("Claude"), (RedirectKind::Web, "claude.ai"), ask);
        for told in [
            "You signed in as <bdi>Grace</bdi>",
            "Continue as <bdi>Grace</bdi>",
            r#"<form method="post" action="/callback/dev">"#,
            r#"<button name="decision" value="deny""#,
            "checkbox",
        ] {
            assert!(page.contains(told), "{told} on {page}");
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
