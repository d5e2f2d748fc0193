//! What a person leaves of what a client asks for.

use harness::browser::Form;
use harness::client::body;
use harness::{Web, World};
use http::StatusCode;
use serde_json::Value;

super::everywhere!(on_a_patient_host:
    what_is_unticked_is_not_granted,
    the_tools_that_a_client_is_for_are_not_left_out,
    who_does_not_stay_connected_gets_no_refresh_token,
    a_form_without_a_tick_is_shown_again_and_nothing_is_lost,
    a_choice_that_was_not_on_the_page_is_refused,
    whoever_denies_need_not_tick_anything,
);

/// Agrees to what `form` has ticked, signs in, and redeems the code.
async fn granted(world: &World<impl Web>, form: &Form) -> Value {
    let people = world
        .browser
        .submit(&world.web, form, ("provider", "dev"))
        .await;
    let back = world.sign_in(&people, "ada").await;
    let code = back.parameter("code").unwrap();
    let answer = world.client.exchange(&world.web, &code).await;
    assert_eq!(answer.status(), StatusCode::OK);
    body(&answer)
}

/// The form of a client that asks for no tools.
async fn form_for_the_profile(world: &World<impl Web>) -> Form {
    let scope = ("scope", "profile offline_access");
    let url = world.client.authorize_url(&[scope]);
    world.browser.open(&world.web, &url).await.form("/consent")
}

async fn what_is_unticked_is_not_granted(world: World<impl Web>) {
    let form = world.ask().await.form("/consent").without("may-profile");
    let tokens = granted(&world, &form).await;
    assert_eq!(tokens["scope"], "mcp:tools offline_access");
    let refreshed = world
        .client
        .refresh(&world.web, tokens["refresh_token"].as_str().unwrap())
        .await;
    assert!(
        !body(&refreshed)["scope"]
            .as_str()
            .unwrap()
            .contains("profile")
    );
}

async fn who_does_not_stay_connected_gets_no_refresh_token(world: World<impl Web>) {
    let form = world.ask().await.form("/consent");
    let tokens = granted(&world, &form.without("may-offline-access")).await;
    assert_eq!(tokens["scope"], "mcp:tools profile");
    assert!(tokens["refresh_token"].is_null(), "{tokens}");
    // Everybody is asked whether a client stays connected, whatever that asked for.
    world.browser.forget();
    let url = world.client.authorize_url(&[("scope", "mcp:tools")]);
    let form = world.browser.open(&world.web, &url).await.form("/consent");
    let tokens = granted(&world, &form).await;
    assert_eq!(tokens["scope"], "mcp:tools offline_access");
    assert!(tokens["refresh_token"].is_string());
}

async fn the_tools_that_a_client_is_for_are_not_left_out(world: World<impl Web>) {
    let url = world
        .client
        .authorize_url(&[("scope", "mcp:tools profile")]);
    let page = world.browser.open(&world.web, &url).await;
    assert!(page.page.contains("mcp:tools"), "{}", page.page);
    let mut boxes = page.form("/consent").fields;
    boxes.retain(|(name, _)| name.starts_with("may-"));
    let boxes: Vec<_> = boxes.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(boxes, ["may-profile", "may-offline-access"]);
    let all = page.form("/consent");
    let nothing = all.without("may-profile").without("may-offline-access");
    assert_eq!(granted(&world, &nothing).await["scope"], "mcp:tools");
}

async fn a_form_without_a_tick_is_shown_again_and_nothing_is_lost(world: World<impl Web>) {
    let nothing = form_for_the_profile(&world).await.without("may-profile");
    // To stay connected is of no use to who may do nothing.
    let only_connected = nothing.clone();
    for form in [nothing.without("may-offline-access"), only_connected] {
        let again = world
            .browser
            .submit(&world.web, &form, ("provider", "dev"))
            .await;
        assert_eq!(again.status, Some(StatusCode::BAD_REQUEST));
        assert!(
            again.page.contains("Leave at least one thing"),
            "{}",
            again.page
        );
        let mut shown = again.form("/consent");
        assert_eq!(
            shown.fields, form.fields,
            "what was ticked is what is ticked"
        );
        shown
            .fields
            .push(("may-profile".to_owned(), "on".to_owned()));
        let people = world
            .browser
            .submit(&world.web, &shown, ("provider", "nobody"))
            .await;
        assert_eq!(
            people.status,
            Some(StatusCode::BAD_REQUEST),
            "no such provider"
        );
    }
    let nothing = form_for_the_profile(&world).await.without("may-profile");
    let again = world
        .browser
        .submit(&world.web, &nothing, ("provider", "dev"))
        .await;
    let mut shown = again.form("/consent");
    shown
        .fields
        .push(("may-profile".to_owned(), "on".to_owned()));
    let tokens = granted(&world, &shown).await;
    assert_eq!(tokens["scope"], "offline_access profile");
}

async fn a_choice_that_was_not_on_the_page_is_refused(world: World<impl Web>) {
    let url = world.client.authorize_url(&[("scope", "mcp:tools")]);
    let mut form = world.browser.open(&world.web, &url).await.form("/consent");
    form.fields
        .push(("may-profile".to_owned(), "on".to_owned()));
    let page = world
        .browser
        .submit(&world.web, &form, ("provider", "dev"))
        .await;
    assert_eq!(page.status, Some(StatusCode::BAD_REQUEST));
    assert!(page.page.contains("was not shown"), "{}", page.page);
}

async fn whoever_denies_need_not_tick_anything(world: World<impl Web>) {
    let nothing = form_for_the_profile(&world).await.without("may-profile");
    let back = world
        .browser
        .submit(&world.web, &nothing, ("decision", "deny"))
        .await;
    assert_eq!(back.parameter("error").as_deref(), Some("access_denied"));
    assert!(world.browser.cookies().is_empty());
}
