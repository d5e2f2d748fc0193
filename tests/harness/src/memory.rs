//! The whole application in memory: `spin.toml` says which flow answers which path.
//!
//! *Invariant:* routes come from the manifest and the flows are the product's own.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use authorization_server::{
    SettingsRefused, authorize, callback, client_documents, login, metadata, register, token,
};
use bytes::Bytes;
use fixtures::Fixtures;
use gateway::streams;
use host::Clock as _;
use host::Streamed;
use host_memory::{MemoryForwarded, MemoryHost, MemoryInlet, MemoryOutlet};
use http::{HeaderValue, Request, Response, StatusCode, header};
use oauth::grant::Lifetimes;
use oauth::{Identities, IdentityRefused, Timestamp};

use crate::events::Events;
use crate::product;
use crate::registered;
use crate::routes::Routes;
use crate::tools::tools;
use crate::web::{Streaming, Web};

const ISSUER: &str = "http://localhost:3000";

/// The application, and the host it stands on.
pub struct MemoryWeb {
    application: Rc<Application>,
}

struct Application {
    host: MemoryHost,
    routes: Routes,
    metadata: metadata::Settings,
    register: register::Settings,
    authorize: authorize::Settings,
    client_documents: client_documents::Settings,
    callback: callback::Settings,
    /// Of the providers that are on, by their components.
    logins: BTreeMap<String, login::Settings>,
    token: token::Settings,
    gateway: gateway::Settings,
    streams: streams::Settings<MemoryOutlet>,
    /// The server behind the gateway, for who mounts it.
    fixtures: server::Settings<Fixtures>,
    home: Result<Identities, IdentityRefused>,
}

impl MemoryWeb {
    /// A development server in memory.
    ///
    /// # Panics
    /// If its settings are refused.
    pub async fn new() -> Self {
        Self::operated(&[], include_str!("../../../postern.toml")).await
    }

    /// A development server in memory with these variables, and this `postern.toml`.
    ///
    /// # Panics
    /// If its settings are refused.
    pub async fn operated(variables: &[(&str, &str)], configuration: &str) -> Self {
        let web = Self::set(variables, configuration).await;
        web.unwrap_or_else(|reason| panic!("{reason}"))
    }

    /// The same, or why a component cannot serve.
    pub async fn set(variables: &[(&str, &str)], configuration: &str) -> Result<Self, String> {
        let host = MemoryHost::at(Timestamp::from_seconds(1_800_000_000));
        for (name, value) in product::keys() {
            host.set_variable(&name, &value);
        }
        host.set_variable(registered::VARIABLE, &registered::variable());
        // As runtime-config.toml announces it; connections are what the test makes of them.
        host.set_variable("outbound_guard", "on");
        for (name, value) in variables {
            host.set_variable(name, value);
        }
        host.set_tools(tools());
        host.set_file("/postern.toml", configuration);
        let application = Application::read(host).await?;
        let application = Rc::new(application);
        let weak = Rc::downgrade(&application);
        application
            .host
            .dispatch_to(Rc::new(move |component, request| {
                let application = weak.upgrade();
                let component = component.to_owned();
                Box::pin(async move { application?.answer(&component, request).await })
            }));
        for component in ["streams", fixtures::COMPONENT] {
            let weak = Rc::downgrade(&application);
            let answer = Rc::new(move |request| {
                let application = weak.upgrade();
                let answer = async move { Some(application?.streamed(component, request).await) };
                Box::pin(answer) as Pin<Box<_>>
            });
            application.host.set_component(component, answer);
        }
        Ok(Self { application })
    }

    /// The host, to watch it or to trip it.
    #[must_use]
    pub fn host(&self) -> &MemoryHost {
        &self.application.host
    }
}

/// What a component says that refuses its settings.
fn refused(component: &str) -> impl Fn(SettingsRefused) -> String {
    move |reason| format!("{component}: {reason}")
}

impl Application {
    async fn read(host: MemoryHost) -> Result<Self, String> {
        let gateway = gateway::Settings::read(&host).await;
        let streams = streams::Settings::read(&host).await;
        let fixtures = server::Settings::read(&host, fixtures::COMPONENT, Fixtures).await;
        Ok(Self {
            routes: Routes::read(include_str!("../../../spin.toml")),
            metadata: metadata::Settings::read(&host)
                .await
                .map_err(refused("metadata"))?,
            register: register::Settings::read(&host)
                .await
                .map_err(refused("register"))?,
            authorize: authorize::Settings::read(&host)
                .await
                .map_err(refused("authorize"))?,
            client_documents: client_documents::Settings::read(&host)
                .await
                .map_err(refused("client-documents"))?,
            callback: callback::Settings::read(&host)
                .await
                .map_err(refused("callback"))?,
            logins: logins(&host).await?,
            token: token::Settings::read(&host)
                .await
                .map_err(refused("token"))?,
            home: Ok(Identities::Loopback),
            gateway: gateway.map_err(|reason| format!("gateway: {reason}"))?,
            streams: streams.map_err(|reason| format!("streams: {reason}"))?,
            fixtures: fixtures.map_err(|reason| format!("fixtures: {reason}"))?,
            host,
        })
    }

    async fn answer(&self, component: &str, request: Request<Bytes>) -> Option<Response<Bytes>> {
        let host = &self.host;
        Some(match component {
            "metadata" => metadata::handle(host, &self.metadata, request).await,
            "register" => register::handle(host, &self.register, request).await,
            "authorize" => authorize::handle(host, &self.authorize, request).await,
            "client-documents" => {
                client_documents::handle(host, &self.client_documents, request).await
            }
            "callback" => made(callback::handle(host, &self.callback, request).await),
            "token" => token::handle(host, &self.token, request).await,
            "gateway" => self.gateway(request).await.0,
            "home" => pages::home::handle(host.now(), &self.home, &request),
            login => login::handle(host, self.logins.get(login)?, request).await,
        })
    }

    async fn gateway(&self, request: Request<Bytes>) -> MemoryForwarded {
        match gateway::handle(&self.host, &self.gateway, request).await {
            host::Answer::Made(answer) => MemoryForwarded(answer, None),
            host::Answer::Forwarded(mut answer, headers) => {
                answer.0.headers_mut().extend(headers);
                answer
            }
        }
    }

    /// The answer of a component that may hold a stream.
    async fn streamed(&self, component: &str, request: Request<Bytes>) -> MemoryForwarded {
        let streamed: Streamed<MemoryInlet> = if component == fixtures::COMPONENT {
            server::handle(&self.host, &self.fixtures, request).await
        } else {
            streams::handle(&self.host, &self.streams, request).await
        };
        match streamed {
            Streamed::Made(answer) => MemoryForwarded(answer, None),
            Streamed::Open(headers, inlet) => {
                let mut answer = Response::new(Bytes::new());
                *answer.headers_mut() = headers;
                MemoryForwarded(answer, Some(inlet))
            }
        }
    }
}

/// A request as a host hands it on.
fn handed_on(mut request: Request<Bytes>) -> Request<Bytes> {
    let headers = request.headers_mut();
    headers
        .entry(header::HOST)
        .or_insert(HeaderValue::from_static("localhost:3000"));
    // A host appends its own word after the client's.
    headers.append(
        "spin-client-addr",
        HeaderValue::from_static("127.0.0.1:50000"),
    );
    request
}

impl Streaming for MemoryWeb {
    async fn open(&self, request: Request<Bytes>) -> Response<Events> {
        let component = self.application.routes.component(request.uri().path());
        assert_eq!(component, "gateway", "streams are the gateway's");
        let MemoryForwarded(answer, inlet) = self.application.gateway(handed_on(request)).await;
        let host = self.application.host.clone();
        answer.map(|_| Events::memory(host, inlet))
    }
}

/// The providers that are on.
async fn logins(host: &MemoryHost) -> Result<BTreeMap<String, login::Settings>, String> {
    let ids = providers::CATALOGUE.iter().map(|provider| provider.id);
    let mut logins = BTreeMap::new();
    for id in ids.chain([oauth::dev::PROVIDER]) {
        match login::Settings::of(host, id).await {
            Ok(settings) => {
                logins.insert(format!("login-{id}"), settings);
            }
            Err(SettingsRefused::ProviderOff(..)) => {}
            Err(reason) => return Err(refused(&format!("login-{id}"))(reason)),
        }
    }
    Ok(logins)
}

fn made(answer: host::Answer<MemoryForwarded>) -> Response<Bytes> {
    match answer {
        host::Answer::Made(answer) => answer,
        host::Answer::Forwarded(answer, headers) => {
            let mut answer = answer.0;
            answer.headers_mut().extend(headers);
            answer
        }
    }
}

impl Web for MemoryWeb {
    fn issuer(&self) -> &str {
        ISSUER
    }

    async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let request = handed_on(request);
        let component = self.application.routes.component(request.uri().path());
        let answer = self.application.answer(component, request).await;
        answer.unwrap_or_else(|| {
            let mut answer = Response::new(Bytes::new());
            *answer.status_mut() = StatusCode::NOT_FOUND;
            answer
        })
    }

    fn is_in_memory(&self) -> bool {
        true
    }

    fn lifetimes(&self) -> Lifetimes {
        Lifetimes::read(|_| None).expect("lifetimes have defaults")
    }

    fn now(&self) -> Timestamp {
        self.application.host.now()
    }

    async fn pass(&self, time: Duration) {
        self.application.host.advance(time);
        self.application.host.settle();
    }
}
