//! Requests about a grant: who asks, with what, and what is wrong with it.
//!
//! *Invariant:* a request is made of what somebody could have: answers that were given, and what
//! can be made from them without a key of ours.

use proptest::prelude::*;

use crate::application::{Application, Person, REDIRECT, VERIFIER};
use crate::model::{Asked, Presented};

/// A request about the grant that is so many before the newest.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) before: usize,
    what: What,
    flaw: Flaw,
}

#[derive(Clone, Copy, Debug)]
enum What {
    /// The code.
    Exchange,
    /// A refresh token.
    Refresh(Token),
    /// A refresh token that is given back.
    Revoke(Token),
    /// The sign-in once more.
    SignInAgain,
}

/// Which refresh token.
#[derive(Clone, Copy, Debug)]
enum Token {
    /// So many before the newest that anybody has.
    Before(usize),
    /// So many after it: the store was restored from yesterday.
    Ahead(u64),
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    None,
    Forged,
    OtherClient,
    OtherRedirect,
    OtherResource,
    WrongVerifier,
}

/// A request as it is sent, and what it means.
pub(crate) struct Sent {
    pub(crate) asked: Asked,
    path: &'static str,
    fields: Vec<(&'static str, String)>,
}

/// Which grant: the newest, or the one before.
fn which() -> impl Strategy<Value = usize> {
    prop_oneof![3 => Just(0), 1 => Just(1)]
}

/// Any of them.
pub(crate) fn request() -> impl Strategy<Value = Request> {
    let flaws = [
        Flaw::Forged,
        Flaw::OtherClient,
        Flaw::OtherRedirect,
        Flaw::OtherResource,
        Flaw::WrongVerifier,
    ];
    let flaw = prop_oneof![5 => Just(Flaw::None), 1 => prop::sample::select(flaws.to_vec())];
    let token = || {
        prop_oneof![
            6 => Just(Token::Before(0)),
            3 => (1_usize..4).prop_map(Token::Before),
            1 => (1_u64..4).prop_map(Token::Ahead),
        ]
    };
    let what = prop_oneof![
        8 => Just(What::Exchange),
        16 => token().prop_map(What::Refresh),
        1 => token().prop_map(What::Revoke),
        2 => Just(What::SignInAgain),
    ];
    (which(), what, flaw).prop_map(|(before, what, flaw)| Request { before, what, flaw })
}

impl Request {
    /// What goes over the wire about `person`'s grant; nothing where nobody could send it.
    pub(crate) fn sent(&self, application: &Application, person: &Person) -> Option<Sent> {
        let flaw = self.flaw;
        let (asked, path, mut fields) = match self.what {
            What::SignInAgain => {
                let sealed = vec![("", person.sealed.clone())];
                return Some(Sent {
                    asked: Asked::SignInAgain,
                    path: "/pend/dev",
                    fields: sealed,
                });
            }
            What::Exchange => {
                let fields = vec![
                    ("grant_type", "authorization_code".to_owned()),
                    ("code", flaw.handle(&person.code)),
                    ("redirect_uri", flaw.redirect()),
                    ("code_verifier", flaw.verifier()),
                ];
                (
                    Asked::Exchange(flaw.among(&Flaw::OF_A_CODE)),
                    "/token",
                    fields,
                )
            }
            What::Refresh(token) => {
                let (generation, token) = token.of(application, person)?;
                let fields = vec![
                    ("grant_type", "refresh_token".to_owned()),
                    ("refresh_token", flaw.handle(&token)),
                ];
                (
                    Asked::Refresh(generation, flaw.among(&Flaw::OF_A_REFRESH)),
                    "/token",
                    fields,
                )
            }
            What::Revoke(token) => {
                let (_, token) = token.of(application, person)?;
                let fields = vec![("token", flaw.handle(&token))];
                (
                    Asked::Revoke(flaw.among(&Flaw::OF_A_REVOCATION)),
                    "/revoke",
                    fields,
                )
            }
        };
        let client = usize::from(flaw == Flaw::OtherClient);
        fields.push(("client_id", application.clients[client].clone()));
        if flaw == Flaw::OtherResource {
            fields.push(("resource", "https://other.example/mcp".to_owned()));
        }
        Some(Sent {
            asked,
            path,
            fields,
        })
    }
}

impl Sent {
    /// The product's answer.
    pub(crate) async fn answered(&self, application: &Application) -> http::Response<bytes::Bytes> {
        match (&self.asked, self.fields.first()) {
            (Asked::SignInAgain, Some((_, sealed))) => application.vouch(sealed).await,
            _ => {
                let fields = self
                    .fields
                    .iter()
                    .map(|(name, value)| (*name, value.as_str()));
                application
                    .ask(self.path, &fields.collect::<Vec<_>>())
                    .await
            }
        }
    }
}

impl Token {
    /// Its generation and its text, if anybody has it.
    fn of(self, application: &Application, person: &Person) -> Option<(u64, String)> {
        let mut newest_first = person.tokens.iter().rev();
        match self {
            Self::Before(more) => {
                let (generation, token) = newest_first.nth(more)?;
                Some((*generation, token.clone()))
            }
            Self::Ahead(more) => {
                // Answers may have been lost: this is ahead of those too.
                let generation = newest_first.next()?.0 + 40 + more;
                Some((generation, application.ahead(&person.id, generation)?))
            }
        }
    }
}

impl Flaw {
    const OF_A_CODE: [Self; 5] = [
        Self::Forged,
        Self::OtherClient,
        Self::OtherRedirect,
        Self::OtherResource,
        Self::WrongVerifier,
    ];
    /// A refresh has neither a redirect URI nor a verifier.
    const OF_A_REFRESH: [Self; 3] = [Self::Forged, Self::OtherClient, Self::OtherResource];
    const OF_A_REVOCATION: [Self; 2] = [Self::Forged, Self::OtherClient];

    fn among(self, those: &[Self]) -> Presented {
        if those.contains(&self) {
            Presented::Badly
        } else {
            Presented::Well
        }
    }

    /// A handle whose last character tells of another MAC.
    fn handle(self, handle: &str) -> String {
        match (self, handle.strip_suffix('A')) {
            (Self::Forged, Some(rest)) => format!("{rest}E"),
            (Self::Forged, None) => format!("{}A", &handle[..handle.len() - 1]),
            _ => handle.to_owned(),
        }
    }

    fn redirect(self) -> String {
        match self {
            Self::OtherRedirect => "http://127.0.0.1:33419/callback".to_owned(),
            _ => REDIRECT.to_owned(),
        }
    }

    fn verifier(self) -> String {
        match self {
            Self::WrongVerifier => VERIFIER.replace('d', "e"),
            _ => VERIFIER.to_owned(),
        }
    }
}
