//! Remembered approvals: whether a person who agreed before is asked again, and how.
//!
//! *Invariant:* what is remembered is as wide as a live grant of the same person, client, redirect
//! URI and resources, and never wider; a place that others can take always needs a click.

use crate::authorize::{AuthorizationRequest, RequestRefused};
use crate::client::ClientHash;
use crate::person::Subject;
use crate::prompt::Prompting;
use crate::redirect_uri::RedirectKind;
use crate::resource::Resources;
use crate::scope::{Scope, Scopes};
use crate::session::Session;
use crate::timestamp::Timestamp;

/// What a grant must be for to stand for an answer to another request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Whose it is.
    pub subject: Subject,
    /// To which client.
    pub client: ClientHash,
    /// Where its code went, to the letter.
    pub redirect: String,
    /// For which resources.
    pub resources: Resources,
}

/// What a browser's session tells about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing: there is no session.
    Nobody,
    /// Whose browser it is, and that they have not agreed to this.
    Person(Box<Session>),
    /// That they have agreed to it, and to which scopes.
    Agreed(Box<Session>, Scopes),
    /// The store does not answer.
    Unavailable,
}

/// What follows a request that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The consent page.
    Ask,
    /// A page with one click: continue as this person.
    Click(Box<Session>, Scopes),
    /// The provider at once.
    GoOn(Box<Session>, Scopes),
}

impl Approval {
    /// What a grant of `session`'s person must be for to answer `asked`.
    #[must_use]
    pub fn of(session: &Session, asked: &AuthorizationRequest) -> Self {
        Self {
            subject: session.person.subject.clone(),
            client: asked.client.id().hash(),
            redirect: asked.redirect.as_str().to_owned(),
            resources: asked.resources.clone(),
        }
    }
}

/// What a client gets that asks for `asked` again, if one of the live grants covers it.
#[must_use]
pub fn covered(asked: &Scopes, granted: &[Scopes]) -> Option<Scopes> {
    let mut covering = granted
        .iter()
        .filter(|scopes| asked.is_subset(scopes))
        .peekable();
    covering.peek()?;
    // Whether it stays connected is asked of everybody, so the answer counts without being asked.
    let stays = covering.any(|scopes| scopes.contains(Scope::OfflineAccess));
    let stays = stays.then_some(Scope::OfflineAccess);
    Some(asked.iter().chain(stays).collect())
}

/// Decides what follows.
pub fn step(
    prompting: &Prompting,
    place: RedirectKind,
    known: Known,
    now: Timestamp,
) -> Result<Step, RequestRefused> {
    let prompt = prompting.prompt;
    // Who is to agree again, or to choose whom to be, is shown everything.
    let ask = prompt.consent || prompt.select_account;
    match known {
        Known::Unavailable if prompt.none => Err(RequestRefused::Unavailable),
        Known::Nobody if prompt.none => Err(RequestRefused::LoginRequired),
        Known::Person(session) | Known::Agreed(session, _)
            if prompt.none && !session.is_fresh(prompting.max_age, now) =>
        {
            Err(RequestRefused::LoginRequired)
        }
        Known::Person(_) if prompt.none => Err(RequestRefused::ConsentRequired),
        Known::Agreed(session, scopes) if !ask => match place {
            RedirectKind::Web => Ok(Step::GoOn(session, scopes)),
            RedirectKind::Loopback | RedirectKind::PrivateUse if prompt.none => {
                Err(RequestRefused::InteractionRequired)
            }
            RedirectKind::Loopback | RedirectKind::PrivateUse => Ok(Step::Click(session, scopes)),
        },
        Known::Nobody | Known::Person(_) | Known::Agreed(..) | Known::Unavailable => Ok(Step::Ask),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dev;
    use crate::identity::Identities;
    use crate::parameters::Parameters;
    use crate::person::Source;

    fn session() -> Box<Session> {
        let Ok(Identities::Public(server)) = Identities::read(Some("https://a.example"), None)
        else {
            panic!("an identity")
        };
        let source = Source::parse("dev").unwrap();
        let then = Timestamp::from_seconds(1000);
        let ada = dev::person("ada").unwrap();
        Box::new(Session::begun(
            [1; 16],
            server.issuer(),
            &source,
            &ada,
            then,
        ))
    }

    #[test]
    fn who_is_asked_again_follows_from_what_is_known_and_wished() {
        use RedirectKind::{Loopback, PrivateUse, Web};
        use RequestRefused::{ConsentRequired, InteractionRequired, LoginRequired, Unavailable};
        let tools = Scopes::known("mcp:tools");
        let nobody = || Known::Nobody;
        let person = || Known::Person(session());
        let agreed = || Known::Agreed(session(), Scopes::known("mcp:tools"));
        let unavailable = || Known::Unavailable;
        let go_on = || Ok(Step::GoOn(session(), tools.clone()));
        let click = || Ok(Step::Click(session(), tools.clone()));
        type Case<'a> = (
            &'a str,
            RedirectKind,
            &'a dyn Fn() -> Known,
            Result<Step, RequestRefused>,
        );
        let cases: [Case<'_>; 19] = [
            ("", Web, &nobody, Ok(Step::Ask)),
            ("", Web, &person, Ok(Step::Ask)),
            ("", Web, &unavailable, Ok(Step::Ask)),
            ("", Web, &agreed, go_on()),
            ("", Loopback, &agreed, click()),
            ("", PrivateUse, &agreed, click()),
            ("prompt=login", Web, &agreed, go_on()),
            ("prompt=login&max_age=0", Loopback, &agreed, click()),
            ("prompt=consent", Web, &agreed, Ok(Step::Ask)),
            ("prompt=login+consent", Web, &agreed, Ok(Step::Ask)),
            ("prompt=select_account", Web, &agreed, Ok(Step::Ask)),
            ("prompt=none", Web, &nobody, Err(LoginRequired)),
            ("prompt=none", Web, &person, Err(ConsentRequired)),
            ("prompt=none", Web, &unavailable, Err(Unavailable)),
            ("prompt=none", Web, &agreed, go_on()),
            ("prompt=none", Loopback, &agreed, Err(InteractionRequired)),
            ("prompt=none", PrivateUse, &agreed, Err(InteractionRequired)),
            ("prompt=none&max_age=60", Web, &agreed, go_on()),
            ("prompt=none&max_age=59", Web, &agreed, Err(LoginRequired)),
        ];
        for (wishes, place, known, expected) in cases {
            let parameters = Parameters::parse(wishes.as_bytes()).unwrap();
            let prompting = Prompting::parse(&parameters).unwrap();
            let now = Timestamp::from_seconds(1060);
            assert_eq!(
                step(&prompting, place, known(), now),
                expected,
                "{wishes} {place:?}"
            );
        }
    }

    #[test]
    fn what_is_remembered_is_never_wider_than_a_grant() {
        for (asked, granted, expected) in [
            ("mcp:tools", &["mcp:tools"][..], Some("mcp:tools")),
            ("mcp:tools", &["mcp:tools profile"], Some("mcp:tools")),
            ("mcp:tools profile", &["mcp:tools"], None),
            ("mcp:tools profile", &["mcp:tools", "profile"], None),
            ("mcp:tools offline_access", &["mcp:tools"], None),
            (
                "mcp:tools",
                &["mcp:tools offline_access"],
                Some("mcp:tools offline_access"),
            ),
            (
                "mcp:tools",
                &["offline_access", "mcp:tools"],
                Some("mcp:tools"),
            ),
            ("mcp:tools", &[], None),
        ] {
            let granted: Vec<_> = granted.iter().map(|text| Scopes::known(text)).collect();
            let found = covered(&Scopes::known(asked), &granted);
            assert_eq!(found, expected.map(Scopes::known), "{asked} of {granted:?}");
        }
    }
}
