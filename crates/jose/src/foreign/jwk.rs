//! One public key of somebody else, as a JWK (RFC 7517, RFC 7518 §6, RFC 8037 §2).
//!
//! *Invariant:* the key's own type decides what it verifies; a token can only choose among that.

use serde_json::{Map, Value};

use super::Algorithm;
use super::algorithm::KeyType;
use super::material::Material;
use crate::base64url;

/// Why a JWK makes its whole set bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwkRefused {
    /// Coordinates that are no point of the curve, or a point of small order.
    #[error("is no point of its curve that a signature could be checked with")]
    BadPoint,
    /// An even modulus, an exponent out of range and the like.
    #[error("is no RSA key: look at `n` and `e`")]
    BadRsa,
    /// A member is absent, or not what RFC 7518 §6 says.
    #[error("has no good member `{0}`")]
    Member(&'static str),
    /// Not a JSON object.
    #[error("is not a JSON object")]
    NotAnObject,
    /// Who publishes a private key has lost it.
    #[error("holds the private member `{0}`: publish the public half alone, and replace this key")]
    Private(&'static str),
    /// A modulus below 2048 bits (RFC 7518 §3.3).
    #[error("is an RSA key of less than 2048 bits")]
    Short,
    /// A shared secret (`kty` is `oct`).
    #[error("is a shared secret: only public keys are read here")]
    Symmetric,
}

/// A public key and what its owner says of it.
#[derive(Clone, Debug)]
pub(super) struct Jwk {
    kid: Option<String>,
    algorithm: Option<Algorithm>,
    material: Material,
}

/// A key as it is written: whether it is one is for its curve, or its modulus, to say.
#[derive(Debug)]
pub(super) struct Form<'a> {
    kid: Option<&'a str>,
    algorithm: Option<Algorithm>,
    written: Written,
}

/// The numbers of a key, by its type.
#[derive(Debug)]
enum Written {
    Ed25519 { x: Vec<u8> },
    P256 { x: Vec<u8>, y: Vec<u8> },
    P384 { x: Vec<u8>, y: Vec<u8> },
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

/// RFC 7518 §6.2.2 and §6.3.2; `k` is that of shared secrets, `priv` that of newer key types.
const PRIVATE: [&str; 9] = ["d", "dp", "dq", "k", "oth", "p", "priv", "q", "qi"];

/// RSA keys have 2048 bits at least, and above 4096 cost more than they protect.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 2048 / 8..=4096 / 8;

impl<'a> Form<'a> {
    /// Reads a key; none if it is of a kind, or for a use, that is not ours (RFC 7517 §5).
    pub(super) fn read(jwk: &'a Value) -> Result<Option<Self>, JwkRefused> {
        let members = jwk.as_object().ok_or(JwkRefused::NotAnObject)?;
        let kty = required(members, "kty")?;
        // A shared secret is told apart from other private members, since it has no public half.
        if kty == "oct" {
            return Err(JwkRefused::Symmetric);
        }
        if let Some(private) = PRIVATE.iter().find(|name| members.contains_key(**name)) {
            return Err(JwkRefused::Private(private));
        }
        if !is_for_signatures(members)? {
            return Ok(None);
        }
        let algorithm = match text(members, "alg")? {
            None => None,
            Some(alg) => match Algorithm::named(alg) {
                None => return Ok(None),
                known => known,
            },
        };
        let Some(written) = written(kty, members)? else {
            return Ok(None);
        };
        if algorithm.is_some_and(|algorithm| algorithm.key_type() != written.key_type()) {
            return Err(JwkRefused::Member("alg"));
        }
        Ok(Some(Self {
            kid: text(members, "kid")?,
            algorithm,
            written,
        }))
    }
}

impl Written {
    const fn key_type(&self) -> KeyType {
        match self {
            Self::Ed25519 { .. } => KeyType::Ed25519,
            Self::P256 { .. } => KeyType::P256,
            Self::P384 { .. } => KeyType::P384,
            Self::Rsa { .. } => KeyType::Rsa,
        }
    }

    fn material(&self) -> Result<Material, JwkRefused> {
        match self {
            Self::Ed25519 { x } => Material::ed25519(x),
            Self::P256 { x, y } => Material::p256(x, y),
            Self::P384 { x, y } => Material::p384(x, y),
            Self::Rsa { n, e } => Material::rsa(n, e),
        }
    }
}

impl Jwk {
    /// Reads a key and checks that it is one.
    pub(super) fn parse(jwk: &Value) -> Result<Option<Self>, JwkRefused> {
        let Some(form) = Form::read(jwk)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            kid: form.kid.map(str::to_owned),
            algorithm: form.algorithm,
            material: form.written.material()?,
        }))
    }

    /// Whether a token may mean this key: every key, if the token names none.
    pub(super) fn is_named(&self, kid: Option<&str>) -> bool {
        kid.is_none() || kid == self.kid.as_deref()
    }

    /// Whether the key's type, and its owner, allow this algorithm.
    pub(super) fn fits(&self, algorithm: Algorithm) -> bool {
        self.material.key_type() == algorithm.key_type()
            && self.algorithm.is_none_or(|only| only.is_same(algorithm))
    }

    /// Whether this key made `signature` over `message`.
    pub(super) fn made(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.fits(algorithm) && self.material.made(algorithm, message, signature)
    }
}

/// `use` (RFC 7517 §4.2) and `key_ops` (§4.3) are optional, and binding where they are.
fn is_for_signatures(members: &Map<String, Value>) -> Result<bool, JwkRefused> {
    let usage = text(members, "use")?.is_none_or(|usage| usage == "sig");
    let operation = match members.get("key_ops") {
        None => true,
        Some(Value::Array(operations)) => operations.iter().any(|name| name == "verify"),
        Some(_) => return Err(JwkRefused::Member("key_ops")),
    };
    Ok(usage && operation)
}

fn written(kty: &str, members: &Map<String, Value>) -> Result<Option<Written>, JwkRefused> {
    Ok(match kty {
        "RSA" => {
            let (n, e) = (unsigned(members, "n")?, unsigned(members, "e")?);
            if n.len() < *MODULUS_BYTES.start() {
                return Err(JwkRefused::Short);
            }
            // RFC 7517 §5: what is out of the supported range is as good as absent.
            MODULUS_BYTES
                .contains(&n.len())
                .then_some(Written::Rsa { n, e })
        }
        "EC" => {
            let curve = required(members, "crv")?;
            let (x, y) = match curve {
                "P-256" | "P-384" => (coordinate(members, "x")?, coordinate(members, "y")?),
                _ => return Ok(None),
            };
            Some(match curve {
                "P-256" => Written::P256 { x, y },
                _ => Written::P384 { x, y },
            })
        }
        "OKP" if required(members, "crv")? == "Ed25519" => Some(Written::Ed25519 {
            x: coordinate(members, "x")?,
        }),
        _ => None,
    })
}

fn text<'a>(
    members: &'a Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'a str>, JwkRefused> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JwkRefused::Member(name)),
    }
}

fn required<'a>(
    members: &'a Map<String, Value>,
    name: &'static str,
) -> Result<&'a str, JwkRefused> {
    text(members, name)?.ok_or(JwkRefused::Member(name))
}

/// A coordinate has the full length of its field (RFC 7518 §6.2.1.2), which its curve checks.
fn coordinate(members: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, JwkRefused> {
    base64url::decode(required(members, name)?).ok_or(JwkRefused::Member(name))
}

/// A `Base64urlUInt` (RFC 7518 §2). Some libraries write the leading zero that §6.3.1.1 forbids.
fn unsigned(members: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, JwkRefused> {
    let bytes = coordinate(members, name)?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    Ok(bytes.get(zeros..).unwrap_or_default().to_vec())
}
