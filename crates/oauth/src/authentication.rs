//! Client authentication (RFC 6749 §2.3): what a request presents, and whether it fits the client.
//!
//! *Invariant:* a request proves one client in one way, the way that client registered; a secret
//! is compared in constant time and never kept.

use jose::VerifyingKeys;
use url::form_urlencoded;

use crate::auth_method::AuthMethod;
use crate::client::{Client, Credential};
use crate::client_assertion::{ClientAssertionRefused, PresentedAssertion};
use crate::client_document::DocumentRefused;
use crate::parameters::Parameters;
use crate::registration::Registration;

/// Which client a request says it is from, and how it proves it.
pub struct Presented {
    /// The client id: nothing where none is named.
    pub client_id: Option<String>,
    /// The proof.
    pub proof: Proof,
}

/// What a request brings besides an id.
pub enum Proof {
    /// An assertion, which nothing vouches for yet.
    Assertion(PresentedAssertion),
    /// Nothing.
    None,
    /// A secret, and where it stood.
    Secret {
        /// In the header or in the form.
        method: AuthMethod,
        /// The secret.
        text: String,
    },
}

/// Why a client's proof is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticationRefused {
    /// The assertion does not hold.
    #[error(transparent)]
    Assertion(#[from] ClientAssertionRefused),
    /// The assertion's `jti` was used before.
    #[error("the assertion's `jti` was used before: sign a new one for each request")]
    AssertionReplayed,
    /// Not `Basic` with an id and a secret in it.
    #[error("the Authorization header must be Basic with the client id and secret in base64")]
    Header,
    /// The client's keys, in its metadata or at its `jwks_uri`, are of no use.
    #[error("the client's keys are refused: {0}")]
    Keys(#[from] DocumentRefused),
    /// The header and the form name different clients.
    #[error("the parameter `client_id` is not the client of the Authorization header")]
    OtherClientId,
    /// RFC 6749 §2.3: no more than one method.
    #[error("the client authenticates in more than one way: send one of them")]
    Several,
    /// It registered another method.
    #[error("the client must prove itself the way it registered (`token_endpoint_auth_method`)")]
    WrongMethod,
    /// Not the client's secret.
    #[error("the client secret is wrong")]
    WrongSecret,
}

impl Presented {
    /// Reads a request: its `Authorization` headers, and the parameters of its form.
    pub fn read<'a>(
        authorization: impl IntoIterator<Item = &'a [u8]>,
        parameters: &Parameters,
    ) -> Result<Self, AuthenticationRefused> {
        let mut headers = authorization.into_iter();
        let (header, more) = (headers.next(), headers.next());
        let basic = header.map(basic).transpose()?;
        let secret = parameters.value("client_secret");
        let assertion = PresentedAssertion::parse(parameters)?;
        let ways = [basic.is_some(), secret.is_some(), assertion.is_some()];
        if more.is_some() || ways.into_iter().filter(|way| *way).count() > 1 {
            return Err(AuthenticationRefused::Several);
        }
        let named = parameters.value("client_id").map(str::to_owned);
        if let Some((id, text)) = basic {
            if named.is_some_and(|named| named != id) {
                return Err(AuthenticationRefused::OtherClientId);
            }
            return Ok(Self {
                client_id: Some(id),
                proof: Proof::Secret {
                    method: AuthMethod::ClientSecretBasic,
                    text,
                },
            });
        }
        let proof = match (secret, assertion) {
            (Some(text), _) => Proof::Secret {
                method: AuthMethod::ClientSecretPost,
                text: text.to_owned(),
            },
            (None, Some(assertion)) => {
                return Ok(Self {
                    client_id: Some(assertion.unverified_client_id().to_owned()),
                    proof: Proof::Assertion(assertion),
                });
            }
            (None, None) => Proof::None,
        };
        Ok(Self {
            client_id: named,
            proof,
        })
    }
}

/// RFC 6749 §2.3.1: both are form-encoded, joined by a colon, and that is base64.
fn basic(header: &[u8]) -> Result<(String, String), AuthenticationRefused> {
    let malformed = AuthenticationRefused::Header;
    let text = std::str::from_utf8(header).map_err(|_| malformed)?;
    let (scheme, encoded) = text.split_once(' ').ok_or(malformed)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(malformed);
    }
    let pair = jose::decode_base64(encoded.trim()).ok_or(malformed)?;
    let pair = String::from_utf8(pair).map_err(|_| malformed)?;
    let (id, secret) = pair.split_once(':').ok_or(malformed)?;
    Ok((decoded(id)?, decoded(secret)?))
}

fn decoded(text: &str) -> Result<String, AuthenticationRefused> {
    // One name without a value is how a lone encoded word parses.
    let word = text.replace('=', "%3D").replace('&', "%26");
    let name = form_urlencoded::parse(word.as_bytes()).next();
    name.map(|(name, _)| name.into_owned())
        .filter(|name| !name.is_empty() && !name.contains('\u{fffd}'))
        .ok_or(AuthenticationRefused::Header)
}

impl Client {
    /// Whether it registered the way in which `proof` proves.
    pub fn check_method(&self, proof: &Proof) -> Result<(), AuthenticationRefused> {
        let method = match proof {
            Proof::Assertion(_) => AuthMethod::PrivateKeyJwt,
            Proof::None => AuthMethod::None,
            Proof::Secret { method, .. } => *method,
        };
        if self.authenticates_by(method) {
            Ok(())
        } else {
            Err(AuthenticationRefused::WrongMethod)
        }
    }

    /// Whether `secret` is its secret.
    pub fn check_secret(
        &self,
        secret: &str,
        keys: &VerifyingKeys<Registration>,
    ) -> Result<(), AuthenticationRefused> {
        let right = match self.credential() {
            Credential::SecretOfRegistration => {
                keys.verify_secret(self.id().as_str(), secret).is_ok()
            }
            Credential::SecretSha256(hash) => {
                jose::constant_time_eq(hash, &jose::sha256(secret.as_bytes()))
            }
            Credential::Keys(_) | Credential::None => false,
        };
        if right {
            Ok(())
        } else {
            Err(AuthenticationRefused::WrongSecret)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[&str], form: &str) -> Result<String, AuthenticationRefused> {
        let parameters = Parameters::parse(form.as_bytes()).unwrap();
        let headers = headers.iter().map(|header| header.as_bytes());
        Presented::read(headers, &parameters).map(|presented| {
            let proof = match presented.proof {
                Proof::Assertion(_) => "assertion".to_owned(),
                Proof::None => "none".to_owned(),
                Proof::Secret { method, text } => format!("{} {text}", method.as_str()),
            };
            format!("{} {proof}", presented.client_id.unwrap_or_default())
        })
    }

    #[test]
    fn each_way_of_proving_is_read() {
        // The base64 of `a:s`, of RFC 6749 §2.3.1's encoding, and of what does without it.
        let cases = [
            (vec![], "client_id=a", "a none"),
            (
                vec![],
                "client_id=a&client_secret=s",
                "a client_secret_post s",
            ),
            (vec!["Basic YTpz"], "", "a client_secret_basic s"),
            (vec!["basic YTpz"], "client_id=a", "a client_secret_basic s"),
            // RFC 6749 §2.3.1: encoded as in a form.
            (
                vec!["Basic YSUzQWI6cyUyNnQrdSUzRA=="],
                "",
                "a:b client_secret_basic s&t u=",
            ),
            // Whoever does not encode is understood where that is possible.
            (
                vec!["Basic YTpzPXQ6dSZ2"],
                "",
                "a client_secret_basic s=t:u&v",
            ),
        ];
        for (headers, form, expected) in cases {
            assert_eq!(
                read(&headers, form).unwrap(),
                expected,
                "{headers:?} {form}"
            );
        }
    }

    #[test]
    fn what_proves_twice_or_nothing_is_refused() {
        use AuthenticationRefused as R;
        let basic = "Basic YTpz";
        for (headers, form, reason) in [
            (&[basic][..], "client_secret=s", R::Several),
            (&[basic, basic], "", R::Several),
            (&[basic], "client_id=b", R::OtherClientId),
            (&["Bearer x"], "client_id=a", R::Header),
            (&["Basic"], "client_id=a", R::Header),
            (&["Basic !"], "client_id=a", R::Header),
            (&["Basic YQ=="], "client_id=a", R::Header),
            (&["Basic Og=="], "client_id=a", R::Header),
        ] {
            assert_eq!(read(headers, form), Err(reason), "{headers:?} {form}");
        }
    }
}
