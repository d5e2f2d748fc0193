//! The page of a journey that cannot go on.
//!
//! *Invariant:* it says what happened and what to do, and leads nowhere by itself.

use askama::Template;
use bytes::Bytes;
use http::{Response, StatusCode};
use oauth::Software;

use crate::headers::{Forms, answer};

/// What a person can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Whoever runs the server decides who may sign in.
    AskToBeAdmitted,
    /// The client must forget what it knows of this server and register again, which each does in
    /// its own way.
    RegisterAgain(Option<Software>),
    /// The same again, on this page.
    Reload,
    /// The settings of the server are at fault.
    TellTheOperator,
    /// Whoever publishes the client must mend its document.
    TellThePublisher,
    /// The same again, from the application.
    StartAgain,
    /// The address is wrong.
    StartAtHome,
}

/// What the page shows.
#[derive(Clone, Copy, Debug)]
pub struct Refusal<'a> {
    /// What happened, in a few words.
    pub title: &'a str,
    /// What happened: an error message, or a sentence.
    pub happened: &'a str,
    /// What to do.
    pub advice: Advice,
    /// The name of the sign-in that ends here.
    pub flow: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "refusal.html", whitespace = "minimize")]
struct RefusalPage<'a> {
    view: &'a Refusal<'a>,
    happened: Vec<(bool, &'a str)>,
}

/// The page that ends a journey.
#[must_use]
pub fn refusal(status: StatusCode, view: &Refusal<'_>) -> Response<Bytes> {
    let happened = sentence(view.happened);
    let page = RefusalPage {
        view,
        // Error messages set names in backticks: every second part is code.
        happened: happened
            .split('`')
            .enumerate()
            .map(|(index, part)| (index % 2 == 1, part))
            .collect(),
    };
    answer(status, Forms::None, &page)
}

/// An error message as a sentence: a capital letter first and a full stop last.
pub(crate) fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let start = letters.next().map(char::to_uppercase);
    let mut sentence: String = start.into_iter().flatten().chain(letters).collect();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(happened: &str, advice: Advice) -> String {
        let answer = refusal(
            StatusCode::BAD_REQUEST,
            &Refusal {
                title: "It cannot go on",
                happened,
                advice,
                flow: Some("a-flow"),
            },
        );
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        String::from_utf8(answer.into_body().into()).unwrap()
    }

    #[test]
    fn every_refusal_says_what_happened_what_to_do_and_its_name() {
        for (advice, told) in [
            (Advice::RegisterAgain(None), "~/.mcp-auth"),
            (Advice::AskToBeAdmitted, "another account"),
            (Advice::Reload, "Reload this page"),
            (Advice::StartAgain, "connect again"),
            (Advice::StartAtHome, "href=\"/\""),
            (Advice::TellTheOperator, "Whoever runs this server"),
            (Advice::TellThePublisher, "Whoever makes the application"),
        ] {
            let page = shown("it is over", advice);
            assert!(page.contains(told), "{told}");
            assert!(page.contains("It is over.") && page.contains("a-flow"));
        }
    }

    #[test]
    fn each_application_has_words_of_its_own_and_no_page_leads_to_one() {
        let mut seen = std::collections::BTreeSet::new();
        for software in Software::ALL {
            let page = shown("it is unknown", Advice::RegisterAgain(Some(software)));
            assert!(
                !page.contains("href=\"http") && !page.contains("<a "),
                "{software:?}"
            );
            let (_, advice) = page.split_once("<ol>").unwrap();
            assert!(seen.insert(advice.to_owned()), "{software:?}");
        }
    }

    #[test]
    fn an_error_message_reads_as_a_sentence() {
        let page = shown("set the variable `public_url` to <x>", Advice::StartAgain);
        let sentence = "Set the variable <code>public_url</code> to &#60;x&#62;.";
        assert!(page.contains(sentence), "{page}");
        assert!(shown("Is this over?", Advice::StartAgain).contains("Is this over?<"));
    }
}
