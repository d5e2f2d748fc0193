//! Clients that are what the document at their id says.

mod in_memory;
mod keys;
mod over_tls;

use harness::browser::Screen;
use harness::client::{Client, REDIRECT, Tokens};
use harness::{Web, World};
use serde_json::{Value, json};

/// A document of an application on the person's machine.
fn document(url: &str) -> Value {
    json!({
        "client_id": url, "client_name": "Documented", "redirect_uris": [REDIRECT],
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    })
}

/// The same world, with the client whose document is at `url`.
async fn world<W: Web>(web: W, url: &str) -> World<W> {
    let world = World::new(web).await;
    let client = Client {
        id: url.to_owned(),
        ..world.client
    };
    World { client, ..world }
}

/// The sentence of the page that ends a journey, and its status.
fn refusal(screen: &Screen) -> (u16, String) {
    let status = screen.status.map_or(0, |status| status.as_u16());
    let text = screen.page.replace("<code>", "`").replace("</code>", "`");
    (status, text)
}

/// From the consent page to a refreshed token.
async fn signs_in(world: &World<impl Web>) -> Tokens {
    let tokens = world.tokens("ada").await;
    Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await)
}
