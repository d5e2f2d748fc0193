//! A sign-in ends when nobody uses it, and in any case when its time is over.

use std::time::Duration;

use harness::Web;
use harness::client::{Tokens, body};

const MARGIN: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_grant_that_nobody_uses_ends() {
    let world = super::in_memory().await;
    let idle = world.web.lifetimes().grant_idle;
    let unused = world.tokens("ada").await;
    let mut used = world.tokens("grace").await;
    // Each use begins the time anew.
    for _ in 0..2 {
        world.web.pass(idle - MARGIN).await;
        used = Tokens::read(&world.client.refresh(&world.web, &used.refresh).await);
    }
    let refused = body(&world.client.refresh(&world.web, &unused.refresh).await);
    assert_eq!(refused["error"], "invalid_grant");
    let told = refused["error_description"].as_str().unwrap();
    assert!(told.contains("not used for too long"), "{told}");
    world.web.pass(idle + MARGIN).await;
    let refused = world.client.refresh(&world.web, &used.refresh).await;
    assert_eq!(body(&refused)["error"], "invalid_grant");
}

#[tokio::test]
async fn however_much_it_is_used_a_grant_ends_when_its_time_is_over() {
    let world = super::in_memory().await;
    let lifetimes = world.web.lifetimes();
    let mut tokens = world.tokens("ada").await;
    let step = lifetimes.grant_idle / 2;
    let mut left = lifetimes.grant;
    while left > step {
        world.web.pass(step).await;
        left -= step;
        tokens = Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await);
    }
    // The last access token ends with its grant.
    world.web.pass(left - Duration::from_secs(10)).await;
    let answer = world.client.refresh(&world.web, &tokens.refresh).await;
    assert_eq!(body(&answer)["expires_in"], 10);
    let tokens = Tokens::read(&answer);
    world.web.pass(Duration::from_secs(10)).await;
    let refused = world.client.refresh(&world.web, &tokens.refresh).await;
    assert_eq!(body(&refused)["error"], "invalid_grant");
}
