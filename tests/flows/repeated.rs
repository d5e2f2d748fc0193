//! A parameter that came twice is neither of its values, and whoever can be told is.

use harness::{Web, World};
use http::StatusCode;

super::everywhere!(on_a_patient_host: what_came_twice_is_told_to_whoever_can_be_answered);

async fn what_came_twice_is_told_to_whoever_can_be_answered(world: World<impl Web>) {
    for unanswerable in [
        "client_id=again",
        "redirect_uri=again",
        "unknown=1&unknown=2",
    ] {
        let repeated = format!("{}&{unanswerable}", world.client.authorize_url(&[]));
        let page = world.browser.open(&world.web, &repeated).await;
        assert_eq!(page.status, Some(StatusCode::BAD_REQUEST));
        assert!(page.page.contains("more than once"), "{}", page.page);
    }
    // RFC 6749 §4.1.2.1: whoever can be answered is told.
    for repeated in ["state", "scope", "code_challenge"] {
        let asked = format!("{}&{repeated}=again", world.client.authorize_url(&[]));
        let back = world.browser.open(&world.web, &asked).await;
        assert_eq!(back.status, None, "{repeated}: {}", back.page);
        assert_eq!(back.parameter("error").as_deref(), Some("invalid_request"));
        assert_eq!(back.parameter("iss").as_deref(), Some(world.web.issuer()));
        let state = (repeated != "state").then_some("the client's state");
        assert_eq!(back.parameter("state").as_deref(), state);
    }
}
