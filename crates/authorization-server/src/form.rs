//! Forms that people send.
//!
//! *Invariant:* a form is read as what its type says and as nothing else, and one that must come
//! from a page of ours is not read if it says that it comes from elsewhere.

use bytes::Bytes;
use http::{Request, StatusCode, header};
use oauth::{Issuer, Parameters, ParametersRefused};

use crate::answer;

/// Why a form is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FormRefused {
    #[error("the form is not application/x-www-form-urlencoded")]
    MediaType,
    #[error("this form was sent from another site")]
    OtherOrigin,
    #[error(transparent)]
    Parameters(#[from] ParametersRefused),
}

impl FormRefused {
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::OtherOrigin | Self::Parameters(_) => StatusCode::BAD_REQUEST,
        }
    }
}

/// The fields of a form.
pub(crate) fn read(request: &Request<Bytes>) -> Result<Parameters, FormRefused> {
    check_media_type(request)?;
    Ok(Parameters::parse(request.body())?)
}

/// The fields of a form from a page of ours. Browsers name the page's origin in a POST; a script
/// without one still needs the cookie.
pub(crate) fn from_our_page(
    request: &Request<Bytes>,
    issuer: &Issuer,
) -> Result<Parameters, FormRefused> {
    check_media_type(request)?;
    let origin = request.headers().get(header::ORIGIN);
    if origin.is_some_and(|origin| origin.as_bytes() != issuer.as_str().as_bytes()) {
        return Err(FormRefused::OtherOrigin);
    }
    Ok(Parameters::parse(request.body())?)
}

fn check_media_type(request: &Request<Bytes>) -> Result<(), FormRefused> {
    if answer::is_media_type(request, "application/x-www-form-urlencoded") {
        Ok(())
    } else {
        Err(FormRefused::MediaType)
    }
}
