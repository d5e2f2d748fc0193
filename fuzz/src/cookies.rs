//! The `Cookie` header, as a browser with many sites on one host sends it.
//!
//! *Invariant:* any bytes are an input, and the law holds for each of them.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use authorization_server::login;
use bytes::Bytes;
use host_memory::MemoryHost;
use http::{HeaderValue, Request, StatusCode, header};
use jose::{SealKeys, Secret, derive};
use oauth::authorize::check;
use oauth::{
    Agreed, Identities, Parameters, Source, Timestamp, Transaction, TransactionId, WhoAsked,
};

use crate::clients::named;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const REQUEST: &[u8] = include_bytes!("../seeds/authorize/inspector");

struct Site {
    host: MemoryHost,
    settings: login::Settings,
    id: TransactionId,
    sealed: String,
}

thread_local! {
    static SITE: Site = site();
}

/// The host in memory never waits.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// A site at which somebody just agreed.
fn site() -> Site {
    let host = MemoryHost::at(NOW);
    let master = Secret::new(jose::sha256(b"the master of the fuzz targets"));
    for name in ["tx_dev", "person_dev", "dev_key"] {
        host.set_variable(name, &derive::symmetric(&master, name));
    }
    let settings = now(login::Settings::of(&host, "dev")).and_then(Result::ok);
    let who = WhoAsked::read(request("").headers(), None);
    let server = Identities::Loopback.reached_by(&who).expect("this machine");
    let text = String::from_utf8_lossy(REQUEST).replace(
        "https%3A%2F%2Fmcp.example.com",
        "http%3A%2F%2Flocalhost%3A3000",
    );
    let parameters = Parameters::parse(text.trim().as_bytes()).expect("a query");
    let client = named(parameters.value("client_id").unwrap_or_default()).expect("a client");
    let asked = check(&parameters, Ok(client), &server).expect("a real request");
    let id = TransactionId::new([5; 16]);
    let source = Source::parse("dev").expect("a source");
    let agreed = Agreed {
        scopes: asked.scopes.clone(),
        request: &asked,
        before: None,
    };
    let issuer = server.issuer().clone();
    let transaction = Transaction::consented(agreed, id.clone(), source, issuer, ([6; 16], NOW));
    let keys = SealKeys::parse("tx_dev", &derive::symmetric(&master, "tx_dev")).expect("keys");
    let sealed = keys.seal(&transaction, [7; 24], &transaction.context());
    Site {
        host,
        settings: settings.expect("settings"),
        id,
        sealed: sealed.expect("a seal"),
    }
}

fn request(query: &str) -> Request<Bytes> {
    Request::get(format!("/login/dev?{query}"))
        .header(header::HOST, "localhost:3000")
        .header("spin-client-addr", "127.0.0.1:50000")
        .body(Bytes::new())
        .expect("a request")
}

impl Site {
    /// What a browser with this header sees.
    fn shows(&self, cookies: &[u8]) -> Option<StatusCode> {
        let mut request = request(&format!("transaction={}", self.id.as_str()));
        let cookies = HeaderValue::from_bytes(cookies).ok()?;
        request.headers_mut().insert(header::COOKIE, cookies);
        now(login::handle(&self.host, &self.settings, request)).map(|answer| answer.status())
    }
}

/// What other sites put into the header opens no sign-in, and hides none, unless it bears our name.
pub fn cookies(data: &[u8]) {
    SITE.with(|site| {
        let name = format!("tx-{}", site.id.as_str());
        let Some(alone) = site.shows(data) else {
            return;
        };
        assert_eq!(
            alone,
            StatusCode::BAD_REQUEST,
            "nobody agreed in this browser"
        );
        if String::from_utf8_lossy(data).contains(&name) {
            return;
        }
        let ours = format!("; {name}={}; ", site.sealed);
        let with_ours = [data, ours.as_bytes(), data].concat();
        assert_eq!(site.shows(&with_ours), Some(StatusCode::OK));
    });
}
