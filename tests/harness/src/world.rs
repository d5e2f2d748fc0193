//! The people and things of a story, and the steps most stories share.

use crate::browser::{Browser, Screen};
use crate::client::{Client, Tokens};
use crate::web::Web;

/// A server, a person's browser and a client.
pub struct World<W> {
    /// The server.
    pub web: W,
    /// A person's browser.
    pub browser: Browser,
    /// A client that registered.
    pub client: Client,
}

impl<W: Web> World<W> {
    /// A world whose client has discovered the server and registered.
    pub async fn new(web: W) -> Self {
        let client = Client::register(&web).await;
        Self {
            web,
            browser: Browser::default(),
            client,
        }
    }

    /// Opens the client's authorization request in the browser.
    pub async fn ask(&self) -> Screen {
        self.browser
            .open(&self.web, &self.client.authorize_url(&[]))
            .await
    }

    /// Agrees on the consent page.
    pub async fn agree(&self, consent: &Screen) -> Screen {
        self.browser
            .submit(&self.web, &consent.form("/consent"), ("provider", "dev"))
            .await
    }

    /// Signs in on the dev page.
    pub async fn sign_in(&self, people: &Screen, login: &str) -> Screen {
        self.browser
            .submit(&self.web, &people.form("/login/dev"), ("person", login))
            .await
    }

    /// From the first request to the code at the client's redirect URI, on a browser that nobody
    /// used before.
    ///
    /// # Panics
    /// If there is none.
    pub async fn code(&self, login: &str) -> String {
        self.browser.forget();
        let consent = self.ask().await;
        let people = self.agree(&consent).await;
        let back = self.sign_in(&people, login).await;
        back.parameter("code")
            .unwrap_or_else(|| panic!("no code in {back:?}"))
    }

    /// From the first request to tokens.
    pub async fn tokens(&self, login: &str) -> Tokens {
        let code = self.code(login).await;
        Tokens::read(&self.client.exchange(&self.web, &code).await)
    }
}
