//! The sign-in page of the provider `dev`.
//!
//! *Invariant:* it says that it is for development, and offers only test people.

use askama::Template;
use bytes::Bytes;
use http::{Response, StatusCode};
use oauth::dev::DevPerson;

use crate::headers::{Forms, answer};
use crate::legible::legible;

/// What the page shows.
#[derive(Clone, Copy, Debug)]
pub struct People<'a> {
    /// Whom one may be.
    pub people: &'a [DevPerson],
    /// The login of whom the client suggests.
    pub suggested: Option<&'a str>,
    /// What the client calls itself.
    pub client_name: Option<&'a str>,
    /// The state that this sign-in began with.
    pub state: &'a str,
    /// The id of this sign-in.
    pub transaction: &'a str,
    /// The name of this sign-in.
    pub flow: &'a str,
}

#[derive(Template)]
#[template(path = "people.html", whitespace = "minimize")]
struct PeoplePage<'a> {
    name: Option<String>,
    view: &'a People<'a>,
}

/// The page that lets a developer be somebody. It posts to `/login/dev`: `person` signs in,
/// `cancel` goes back.
#[must_use]
pub fn people(view: &People<'_>) -> Response<Bytes> {
    let page = PeoplePage {
        name: view.client_name.and_then(legible),
        view,
    };
    answer(StatusCode::OK, Forms::Posted, &page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use oauth::dev::PEOPLE;

    #[test]
    fn whom_the_client_suggests_stands_out() {
        for (suggested, told) in [(Some("grace"), 1), (None, 0), (Some("nobody"), 0)] {
            let answer = people(&People {
                people: &PEOPLE,
                suggested,
                client_name: None,
                state: "s",
                transaction: "t",
                flow: "f",
            });
            let page = std::str::from_utf8(answer.body()).unwrap();
            assert_eq!(page.matches("autofocus").count(), told, "{suggested:?}");
            let grace = r#"value="grace" class="person go" autofocus"#;
            assert_eq!(page.contains(grace), told == 1, "{suggested:?}");
        }
    }

    #[test]
    fn every_test_person_is_a_button_with_name_and_roles() {
        let answer = people(&People {
            people: &PEOPLE,
            suggested: None,
            client_name: Some("<b>"),
            state: "dev.a.b",
            transaction: "a",
            flow: "a-flow",
        });
        let page = std::str::from_utf8(answer.body()).unwrap();
        for person in PEOPLE {
            let button = format!(r#"<button name="person" value="{}""#, person.login);
            let (_, after) = page.split_once(&button).unwrap();
            let (label, _) = after.split_once("</button>").unwrap();
            assert!(label.contains(person.name), "{label}");
            let roles = person.roles.first().copied().unwrap_or("no role");
            assert!(label.contains(roles), "{label}");
        }
        for told in [
            "Development only",
            r#"<form method="post" action="/login/dev">"#,
            r#"<input type="hidden" name="state" value="dev.a.b">"#,
            r#"<input type="hidden" name="transaction" value="a">"#,
            r#"<button name="cancel""#,
            "a-flow",
        ] {
            assert!(page.contains(told), "{told}");
        }
        assert!(!page.contains("<b>"));
    }
}
