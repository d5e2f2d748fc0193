//! The headers of a page.
//!
//! *Invariant:* the policy allows the page's own style by its hash, and nothing else.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use sha2::{Digest as _, Sha256};

/// The style that every page carries.
pub(crate) const STYLE: &str = include_str!("../templates/style.css");

/// Whether a page has a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forms {
    /// Nothing on the page can be sent.
    None,
    /// The page posts to this server, which may redirect to wherever the client lives.
    Posted,
}

/// The policy shared by all pages. `img-src data:` lets the icon be part of the page.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; base-uri 'none'; \
         frame-ancestors 'none'"
    )
});

const FIXED: [(HeaderName, &str); 8] = [
    (CACHE_CONTROL, "no-store"),
    (CONTENT_TYPE, "text/html; charset=utf-8"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    // Not `no-referrer`: with that a browser sends `Origin: null` with a form, and we compare it.
    (REFERRER_POLICY, "same-origin"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("x-robots-tag"), "noindex"),
];

/// What every page says besides its content.
///
/// There is no `Cross-Origin-Opener-Policy`: browser-based clients open a sign-in in a pop-up and
/// wait for a message from their own callback, and every value of that header would cut the two
/// apart for good (HTML, "browsing context group switch").
#[must_use]
pub fn html_headers(forms: Forms) -> HeaderMap {
    let mut headers: HeaderMap = FIXED
        .into_iter()
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .collect();
    // `form-action` is also applied to the redirects that answer a form, and those go to the
    // client: a page with a form cannot have it (w3c/webappsec-csp issue 8).
    let policy = match forms {
        Forms::None => format!("{}; form-action 'none'", *POLICY),
        Forms::Posted => POLICY.clone(),
    };
    let policy = HeaderValue::try_from(policy)
        .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"));
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers
}

/// An answer made of a template.
pub(crate) fn answer(
    status: StatusCode,
    forms: Forms,
    page: &impl askama::Template,
) -> Response<Bytes> {
    // Writing to a string fails only where a template does, and ours call nothing that can.
    let (status, body) = page
        .render()
        .map_or((StatusCode::INTERNAL_SERVER_ERROR, String::new()), |text| {
            (status, text)
        });
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = status;
    *answer.headers_mut() = html_headers(forms);
    let length = HeaderValue::from(answer.body().len());
    answer.headers_mut().insert(CONTENT_LENGTH, length);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Advice, Refusal, refusal};

    fn policy(forms: Forms) -> String {
        let headers = html_headers(forms);
        let policy = headers[CONTENT_SECURITY_POLICY].to_str();
        policy.unwrap().to_owned()
    }

    #[test]
    fn the_policy_allows_the_style_on_the_page_and_no_other() {
        let page = refusal(
            StatusCode::BAD_REQUEST,
            &Refusal {
                title: "t",
                happened: "h",
                advice: Advice::StartAgain,
                flow: None,
            },
        );
        let text = std::str::from_utf8(page.body()).unwrap();
        let (_, rest) = text.split_once("<style>").unwrap();
        let (style, rest) = rest.split_once("</style>").unwrap();
        let hash = STANDARD.encode(Sha256::digest(style));
        assert_eq!(
            page.headers()[CONTENT_SECURITY_POLICY],
            format!(
                "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; base-uri 'none'; \
                 frame-ancestors 'none'; form-action 'none'"
            )
        );
        assert!(!rest.contains("<style") && !rest.contains("style="));
    }

    #[test]
    fn a_page_with_a_form_leaves_its_redirects_alone() {
        assert!(!policy(Forms::Posted).contains("form-action"));
        assert!(policy(Forms::None).ends_with("form-action 'none'"));
    }

    #[test]
    fn no_page_is_kept_framed_guessed_indexed_or_told_of_elsewhere() {
        let headers = html_headers(Forms::Posted);
        for (name, value) in [
            ("cache-control", "no-store"),
            ("content-type", "text/html; charset=utf-8"),
            ("cross-origin-resource-policy", "same-origin"),
            ("referrer-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("x-robots-tag", "noindex"),
        ] {
            assert_eq!(headers[name], value, "{name}");
        }
        // A client's pop-up would lose its opener for good.
        assert!(!headers.contains_key("cross-origin-opener-policy"));
    }
}
