//! Copies of documents, where time is told: how long they serve, and what ends them.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use harness::client::{Tokens, body};
use harness::{FetchFailed, MemoryWeb, World};
use http::{Response, StatusCode};
use serde_json::json;

use super::{document, refusal, signs_in};

pub(super) const URL: &str = "https://app.example.com/client.json";

type Pages = HashMap<String, Result<Response<Bytes>, FetchFailed>>;

/// The network: answers by address, and how often it was asked.
#[derive(Clone, Default)]
pub(super) struct Network {
    pages: Rc<RefCell<Pages>>,
    pub(super) asked: Rc<Cell<usize>>,
}

impl Network {
    pub(super) fn serves(&self, url: &str, text: &impl ToString, cache_control: &str) {
        let answer = Response::builder()
            .header("content-type", "application/json")
            .header("cache-control", cache_control)
            .body(Bytes::from(text.to_string()));
        self.set(url, Ok(answer.unwrap()));
    }

    pub(super) fn fails(&self, url: &str, failed: FetchFailed) {
        self.set(url, Err(failed));
    }

    fn answers(&self, url: &str, status: StatusCode) {
        let answer = Response::builder().status(status).body(Bytes::new());
        self.set(url, Ok(answer.unwrap()));
    }

    fn set(&self, url: &str, page: Result<Response<Bytes>, FetchFailed>) {
        self.pages.borrow_mut().insert(url.to_owned(), page);
    }
}

/// A world whose client has this document, on a network that is watched.
pub(super) async fn connected(cache_control: &str) -> (World<MemoryWeb>, Network) {
    let world = super::world(MemoryWeb::new().await, URL).await;
    let network = Network::default();
    network.serves(URL, &document(URL), cache_control);
    let (pages, asked) = (network.pages.clone(), network.asked.clone());
    world.web.host().connect_to(Rc::new(move |request| {
        asked.set(asked.get() + 1);
        let pages = pages.borrow();
        let page = pages.get(&request.uri().to_string()).cloned();
        assert_eq!(request.headers()["accept"], "application/json");
        assert!(!request.headers().contains_key("cookie"));
        Box::pin(async move { page.unwrap_or(Err(FetchFailed::Unreachable)) })
    }));
    (world, network)
}

async fn pass(world: &World<MemoryWeb>, seconds: u64) {
    harness::Web::pass(&world.web, Duration::from_secs(seconds)).await;
}

#[tokio::test]
async fn a_copy_serves_as_long_as_its_publisher_says() {
    let (world, network) = connected("max-age=600").await;
    signs_in(&world).await;
    assert_eq!(network.asked.get(), 1);
    pass(&world, 599).await;
    world.ask().await;
    assert_eq!(network.asked.get(), 1);
    pass(&world, 1).await;
    world.ask().await;
    assert_eq!(network.asked.get(), 2);
}

#[tokio::test]
async fn one_sign_in_asks_once_even_where_nothing_may_be_kept() {
    let (world, network) = connected("no-store").await;
    signs_in(&world).await;
    assert_eq!(network.asked.get(), 1);
    pass(&world, 60).await;
    network.fails(URL, FetchFailed::Unreachable);
    let (status, text) = refusal(&world.ask().await);
    assert!(
        status == 503 && text.contains("cannot be reached"),
        "{text}"
    );
}

#[tokio::test]
async fn a_copy_stands_in_while_its_publisher_is_out_of_reach() {
    let (world, network) = connected("max-age=60").await;
    let tokens = signs_in(&world).await;
    for failed in [FetchFailed::Unreachable, FetchFailed::Slow] {
        network.fails(URL, failed);
        pass(&world, 3600).await;
        Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await);
    }
    network.answers(URL, StatusCode::SERVICE_UNAVAILABLE);
    Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await);
    // After a week nobody knows any more what the client is; its tokens are still its own.
    pass(&world, 7 * 86_400).await;
    let answer = world.client.refresh(&world.web, &tokens.refresh).await;
    assert_eq!(body(&answer)["error"], "temporarily_unavailable");
    network.serves(URL, &document(URL), "max-age=60");
    Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await);
}

#[tokio::test]
async fn a_publisher_that_withdraws_a_document_is_believed_at_once() {
    let page = |url: &str| document(url).to_string();
    let mut wrong = document(URL);
    wrong["redirect_uris"] = json!(["javascript:alert(1)"]);
    for (said, status) in [
        ("404", StatusCode::NOT_FOUND),
        ("302", StatusCode::FOUND),
        (&*wrong.to_string(), StatusCode::OK),
        (&*page("https://app.example.com/other"), StatusCode::OK),
        ("no JSON", StatusCode::OK),
    ] {
        let (world, network) = connected("max-age=60").await;
        let tokens = signs_in(&world).await;
        pass(&world, 60).await;
        if status == StatusCode::OK {
            network.serves(URL, &said, "max-age=60");
        } else {
            network.answers(URL, status);
        }
        let answer = world.client.refresh(&world.web, &tokens.refresh).await;
        assert_eq!(body(&answer)["error"], "invalid_client", "{said}");
        // Nothing is left that an outage could bring back.
        network.fails(URL, FetchFailed::Unreachable);
        let answer = world.client.refresh(&world.web, &tokens.refresh).await;
        assert_eq!(body(&answer)["error"], "temporarily_unavailable", "{said}");
    }
}

#[tokio::test]
async fn a_host_that_moved_into_a_private_network_gets_no_stand_in() {
    let (world, network) = connected("max-age=60").await;
    world.ask().await;
    pass(&world, 60).await;
    network.fails(URL, FetchFailed::Blocked);
    let (status, text) = refusal(&world.ask().await);
    assert!(
        status == 400 && text.contains("does not connect to"),
        "{text}"
    );
}

#[tokio::test]
async fn a_store_that_does_not_answer_costs_a_fetch_and_nothing_else() {
    let (world, network) = connected("max-age=600").await;
    world.web.host().store_is_down(true);
    for asked in 1..4 {
        assert!(world.ask().await.page.contains("Documented"));
        assert_eq!(network.asked.get(), asked);
    }
}

#[tokio::test]
async fn a_redirect_that_a_document_no_longer_names_is_refused() {
    let (world, network) = connected("max-age=60").await;
    let consent = world.ask().await;
    let mut moved = document(URL);
    moved["redirect_uris"] = json!(["https://app.example.com/callback"]);
    network.serves(URL, &moved, "max-age=60");
    pass(&world, 60).await;
    for screen in [world.ask().await, world.agree(&consent).await] {
        let (status, text) = refusal(&screen);
        assert!(status == 400 && text.contains("redirect_uri"), "{text}");
    }
}
