//! Keys change while two processes serve, and nobody is signed out.
//!
//! *Invariant:* the file of keys is changed by the `postern` command alone, as an operator does.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use harness::client::{Client, Tokens, body, call};
use harness::host::{Host, Options};
use harness::{HttpWeb, Web, World, product};
use http::{Request, Response, StatusCode};
use oauth::Timestamp;
use oauth::grant::Lifetimes;
use serde_json::json;
use tempfile::TempDir;

use crate::POSTERN;

const ISSUER: &str = "http://localhost:3000";

/// Two hosts that share their stores and a file of keys, behind a balancer.
struct Pair {
    folder: TempDir,
    options: Options,
    hosts: RefCell<[Option<Host>; 2]>,
    /// The hosts that get requests.
    webs: RefCell<[Option<Rc<HttpWeb>>; 2]>,
    turn: Cell<usize>,
}

impl Pair {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let manifest = "[variables]\ndev_key = {}\n";
        std::fs::write(folder.path().join("spin.toml"), manifest).unwrap();
        postern(folder.path(), "init --dev");
        let options = product::options_with_keys_in(folder.path().join(".env"))
            .state_dir(folder.path().join("state"))
            // A slow machine needs time between a code and its exchange.
            .variable("code_seconds", "600")
            // And who refreshes all the time is told to wait, but for a second only.
            .variable("refresh_window_seconds", "1");
        let pair = Self {
            folder,
            options,
            hosts: RefCell::default(),
            webs: RefCell::default(),
            turn: Cell::new(0),
        };
        pair.restart_both().await;
        pair
    }

    fn web(&self) -> Balanced<'_> {
        Balanced(self)
    }

    /// Runs `postern keys …` on the file of keys.
    fn keys(&self, arguments: &str) -> String {
        postern(self.folder.path(), &format!("keys {arguments}"))
    }

    /// The ids of the keys in a variable.
    fn kids(&self, variable: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.path().join(".env")).unwrap();
        let name = format!("SPIN_VARIABLE_{}=", variable.to_uppercase());
        let value = text.lines().find_map(|line| line.strip_prefix(&name));
        let kid = |entry: &str| entry.split_once(':').unwrap().0.to_owned();
        value.unwrap().split(',').map(kid).collect()
    }

    /// Takes a host out of the balancer, and lets what it is doing end.
    async fn drain(&self, index: usize) -> Option<Host> {
        let web = self.webs.borrow_mut()[index].take();
        while web.as_ref().is_some_and(|web| Rc::strong_count(web) > 1) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.hosts.borrow_mut()[index].take()
    }

    /// Starts a host with the keys that the file holds now, in place of the one that was there.
    async fn restart(&self, index: usize) {
        let old = self.drain(index).await;
        let options = self.options.clone();
        let started = tokio::task::spawn_blocking(move || {
            if let Some(old) = old {
                old.stop().unwrap();
            }
            super::start(&options)
        });
        let host = started.await.unwrap();
        let web = web(&host);
        self.hosts.borrow_mut()[index] = Some(host);
        self.webs.borrow_mut()[index] = Some(Rc::new(web));
    }

    async fn restart_both(&self) {
        self.restart(0).await;
        self.restart(1).await;
    }

    /// Stops both, forgets everything that was stored, and starts both.
    async fn lose_the_database(&self) {
        for index in 0..2 {
            if let Some(host) = self.drain(index).await {
                host.stop().unwrap();
            }
        }
        std::fs::remove_dir_all(self.folder.path().join("state")).unwrap();
        self.restart_both().await;
    }
}

/// A host, asked by the name that both have.
fn web(host: &Host) -> HttpWeb {
    HttpWeb::at(host.url("").trim_end_matches('/'), ISSUER)
}

/// What an operator types, and what they read; no secret of the file is in it.
fn postern(folder: &Path, arguments: &str) -> String {
    let output = Command::new(POSTERN)
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "postern {arguments}: {said}");
    let file = std::fs::read_to_string(folder.join(".env")).unwrap();
    let lists = file.lines().filter_map(|line| line.split_once('='));
    for entry in lists.flat_map(|(_, list)| list.split(',')) {
        let (_, secret) = entry.split_once(':').unwrap();
        assert!(!said.contains(secret), "postern {arguments}: {said}");
    }
    said
}

/// Each request goes to the next host that takes any.
struct Balanced<'a>(&'a Pair);

impl Web for Balanced<'_> {
    fn issuer(&self) -> &str {
        ISSUER
    }

    async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let up: Vec<_> = self.0.webs.borrow().iter().flatten().cloned().collect();
        let turn = self.0.turn.get();
        self.0.turn.set(turn + 1);
        let web = Rc::clone(&up[turn % up.len()]);
        drop(up);
        web.send(request).await
    }

    fn lifetimes(&self) -> Lifetimes {
        Lifetimes::read(|_| None).unwrap()
    }

    fn now(&self) -> Timestamp {
        let web = self.0.webs.borrow().iter().flatten().next().cloned();
        web.unwrap().now()
    }

    async fn pass(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

async fn add(web: &impl Web, access: &str) -> StatusCode {
    let params = json!({"name": "add", "arguments": {"a": 23, "b": 19}});
    call(web, access, "tools/call", params).await.status()
}

/// People who use the server without a pause, and notice whatever fails.
struct Load<'a> {
    pair: &'a Pair,
    world: &'a World<Balanced<'a>>,
    /// How often each of them did everything.
    rounds: [Cell<usize>; 4],
    over: Cell<bool>,
}

impl Load<'_> {
    /// Somebody who is signed in, and whose client calls and refreshes.
    async fn stays(&self, rounds: &Cell<usize>) {
        let Self { pair, world, .. } = self;
        let mut tokens = world.tokens("ada").await;
        while !self.over.get() {
            for web in [pair.web(), pair.web()] {
                assert_eq!(add(&web, &tokens.access).await, StatusCode::OK);
            }
            tokens = Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await);
            rounds.set(rounds.get() + 1);
            // A grant may be refreshed 32 times in a second.
            world.web.pass(Duration::from_millis(35)).await;
        }
    }

    /// People who come for the first time, one after the other.
    async fn come(&self, rounds: &Cell<usize>) {
        while !self.over.get() {
            let world = World::new(self.pair.web()).await;
            let tokens = world.tokens("grace").await;
            assert_eq!(add(&world.web, &tokens.access).await, StatusCode::OK);
            rounds.set(rounds.get() + 1);
        }
    }

    /// Waits until each of them did everything once more, from its beginning.
    async fn goes_on(&self) {
        let before = self.rounds.each_ref().map(Cell::get);
        let behind = |(now, before): (&Cell<usize>, &usize)| now.get() < before + 2;
        while self.rounds.iter().zip(&before).any(behind) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Restarts one host after the other, each while the other one serves.
    async fn roll_out(&self) {
        for index in 0..2 {
            self.goes_on().await;
            self.pair.restart(index).await;
            self.goes_on().await;
        }
    }
}

/// Does `work` while people use the server.
async fn under_load<T>(
    pair: &Pair,
    world: &World<Balanced<'_>>,
    work: impl AsyncFnOnce(&Load<'_>) -> T,
) -> T {
    let load = Load {
        pair,
        world,
        rounds: Default::default(),
        over: Cell::new(false),
    };
    let work = async {
        let done = work(&load).await;
        load.over.set(true);
        done
    };
    let [stays @ .., comes] = &load.rounds;
    let stay = join_all(stays.iter().map(|rounds| load.stays(rounds)));
    let (done, _, ()) = tokio::join!(work, stay, load.come(comes));
    done
}

/// The id of the key that signed a JWT.
fn signer(token: &str) -> String {
    let header = jose::decode(token.split('.').next().unwrap()).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

fn assert_made_with(pair: &Pair, tokens: &Tokens) {
    assert_eq!(signer(&tokens.access), pair.kids("access_token_key")[0]);
    let (kid, _) = tokens.refresh.split_once('.').unwrap();
    assert_eq!(kid, pair.kids("refresh_key")[0]);
}

#[tokio::test]
async fn keys_are_rotated_under_load_and_nobody_is_signed_out() {
    let pair = Pair::start().await;
    let world = World::new(pair.web()).await;
    let first = pair.kids("access_token_key");
    let before = world.tokens("ada").await;
    let lingering = world.tokens("grace").await;
    assert_made_with(&pair, &before);

    let code = under_load(&pair, &world, async |load| {
        pair.keys("rotate add");
        load.roll_out().await;
        let code = world.code("ada").await;
        pair.keys("rotate promote");
        load.roll_out().await;
        code
    })
    .await;
    assert_eq!(pair.kids("access_token_key")[1..], first);

    // What the old keys made still works, and what follows from it is made with the new ones.
    assert_eq!(add(&world.web, &before.access).await, StatusCode::OK);
    let refreshed = Tokens::read(&world.client.refresh(&world.web, &before.refresh).await);
    assert_made_with(&pair, &refreshed);
    let exchanged = Tokens::read(&world.client.exchange(&world.web, &code).await);
    assert_made_with(&pair, &exchanged);
    assert_made_with(&pair, &world.tokens("ada").await);
    assert_eq!(signer(&world.client.id), pair.kids("registration_key")[1]);
    let newer = Client::register(&world.web).await;
    assert_eq!(signer(&newer.id), pair.kids("registration_key")[0]);

    under_load(&pair, &world, async |load| {
        pair.keys("rotate retire --now");
        load.roll_out().await;
    })
    .await;
    assert_eq!(pair.kids("refresh_key").len(), 1);
    for tokens in [&refreshed, &exchanged] {
        assert_eq!(add(&world.web, &tokens.access).await, StatusCode::OK);
        Tokens::read(&world.client.refresh(&world.web, &tokens.refresh).await);
    }
    // Who did not come in time is who the wait is for.
    assert_eq!(
        add(&world.web, &lingering.access).await,
        StatusCode::UNAUTHORIZED
    );
    let late = world.client.refresh(&world.web, &lingering.refresh).await;
    assert_eq!(body(&late)["error"], "invalid_grant");

    // The client from before the rotation is still known, even to a server that lost everything.
    assert_eq!(signer(&world.client.id), pair.kids("registration_key")[1]);
    world.tokens("ada").await;
    pair.lose_the_database().await;
    let again = world.tokens("ada").await;
    assert_eq!(add(&world.web, &again.access).await, StatusCode::OK);
}

#[tokio::test]
async fn a_key_that_is_promoted_before_everybody_knows_it_is_refused_by_the_others() {
    let pair = Pair::start().await;
    pair.keys("rotate add");
    pair.keys("rotate promote");
    pair.restart(0).await;
    let [ahead, behind] = pair
        .hosts
        .borrow()
        .each_ref()
        .map(|host| web(host.as_ref().unwrap()));
    let world = World::new(ahead).await;
    let tokens = world.tokens("ada").await;
    assert_eq!(add(&world.web, &tokens.access).await, StatusCode::OK);
    assert_eq!(
        add(&behind, &tokens.access).await,
        StatusCode::UNAUTHORIZED,
        "this is what the first wait is for"
    );
}

#[tokio::test]
async fn clients_of_a_distrusted_key_are_told_to_register_again() {
    let pair = Pair::start().await;
    let world = World::new(pair.web()).await;
    let tokens = world.tokens("ada").await;
    let said = pair.keys(&format!("distrust {}", signer(&world.client.id)));
    assert!(said.contains("register again"), "{said}");
    pair.restart_both().await;

    let refused = world.client.refresh(&world.web, &tokens.refresh).await;
    assert_eq!(
        (refused.status(), body(&refused)["error"].as_str()),
        (StatusCode::UNAUTHORIZED, Some("invalid_client"))
    );
    let page = world.ask().await;
    assert_eq!(page.status, Some(StatusCode::BAD_REQUEST));
    assert!(page.page.contains("Let it register again"), "{}", page.page);
    let world = World::new(pair.web()).await;
    let tokens = world.tokens("ada").await;
    assert_eq!(add(&world.web, &tokens.access).await, StatusCode::OK);
}
