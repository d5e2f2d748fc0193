//! The query of `/authorize`. A client's name stands for its id, which no fuzzer can sign.
//!
//! *Invariant:* any bytes are an input, and the law holds for each of them.

use oauth::authorize::{AuthorizeRefused, PARAMETERS, check};
use oauth::{ClientRefused, Parameters};
use url::form_urlencoded;

use crate::clients::{SERVER, named};
use crate::redirect_uri::hold;

/// Nobody is redirected but to what their client registered, and the consent form brings back the
/// request that was shown.
pub fn authorize(data: &[u8]) {
    let Ok(parameters) = Parameters::parse(data) else {
        return;
    };
    let client = || parameters.value("client_id").and_then(named);
    let find = || client().ok_or(ClientRefused::Unknown);
    let checked = check(&parameters, find(), &SERVER);
    let registered: Vec<String> = client().map_or_else(Vec::new, |client| {
        client
            .redirect_uris()
            .iter()
            .map(|uri| uri.as_str().to_owned())
            .collect()
    });
    match &checked {
        Ok(request) => {
            hold(&registered, &request.redirect);
            assert_eq!(request.state.as_deref(), parameters.value("state"));
            assert!(
                !request.scopes.is_empty(),
                "nobody is asked to agree to nothing"
            );
        }
        Err(AuthorizeRefused::Redirect { to, .. }) => hold(&registered, to),
        Err(AuthorizeRefused::Page(_)) => {}
    }
    let shown = parameters.only(&PARAMETERS);
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(shown.pairs(&[]))
        .finish();
    let posted = Parameters::parse(form.as_bytes()).expect("our own form reads");
    let again = check(&posted, find(), &SERVER);
    assert_eq!(
        format!("{checked:?}"),
        format!("{again:?}"),
        "what is agreed to is what was shown"
    );
}
