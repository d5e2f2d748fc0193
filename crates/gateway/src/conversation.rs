//! A session that is going on: its handle, and what its client has said since.
//!
//! *Invariant:* what a client said counts in its own session alone, and every instance hears of it
//! within seconds.

use std::time::Duration;

use host::{Address, Clock, Mailbox, Mailed, Questions, Unavailable};
use mcp::{Client, LogLevel, Refused, Request};
use oauth::Timestamp;
use serde::Deserialize;

use crate::exchange::Exchange;
use crate::refusal::HttpRefused;
use crate::session::{Session, SessionRefused};
use crate::settings::Settings;

/// What one instance may have heard so much later than another.
const KNOWN_FOR: Duration = Duration::from_secs(5);

/// The names under which a session's client has something noted.
const CLIENT: &str = "client";
const LEVEL: &str = "level";

/// A session, and its client.
#[derive(Clone, Debug)]
pub(crate) struct Conversation {
    pub(crate) session: Session,
    /// What the client said of itself when it began.
    pub(crate) client: Client,
    /// How much of a server's log it wants to read.
    pub(crate) level: LogLevel,
}

/// How a session stood, and when that was asked.
#[derive(Clone, Debug)]
pub(crate) struct Lately {
    standing: Standing,
    at: Timestamp,
}

#[derive(Clone, Debug)]
enum Standing {
    Ended,
    Open(Noted),
}

/// What a handle does not say.
#[derive(Clone, Debug, Default)]
struct Noted {
    client: Option<Client>,
    level: Option<LogLevel>,
}

/// What a client that never said so reads of a log (2025-11-25, Logging: the server decides).
pub(crate) const UNSAID: LogLevel = LogLevel::Info;

impl Conversation {
    /// The conversation of a session, unless that has ended.
    pub(crate) async fn of<H: Clock + Mailbox + Questions>(
        host: &H,
        settings: &Settings,
        session: Session,
    ) -> Result<Self, HttpRefused> {
        let noted = noted(host, settings, session.address()).await?;
        let noted = noted.ok_or(SessionRefused::NotFound)?;
        let client = session.client().cloned().or(noted.client);
        Ok(Self {
            session,
            client: client.unwrap_or_default(),
            level: noted.level.unwrap_or(UNSAID),
        })
    }

    /// Notes what the client of a session without its handle said of itself.
    pub(crate) async fn introduce<H: Questions>(
        &self,
        host: &H,
        settings: &Settings,
        client: &Client,
    ) -> Result<(), Unavailable> {
        let text = serde_json::to_string(client).unwrap_or_default();
        self.note(host, settings, (CLIENT, &text)).await
    }

    async fn note<H: Questions>(
        &self,
        host: &H,
        settings: &Settings,
        note: (&str, &str),
    ) -> Result<(), Unavailable> {
        let address = self.session.address();
        host.note(&address, note, self.session.until()).await?;
        settings.memory().sessions.forget(&address);
        Ok(())
    }
}

/// `logging/setLevel`: how much of a log the client of a session wants to read from now on.
pub(crate) async fn set_level<H: Questions>(
    exchange: &Exchange<'_, H>,
    request: &Request<'_>,
) -> Result<(), Refused> {
    #[derive(Deserialize)]
    struct Wanted {
        level: LogLevel,
    }
    let raw = request.params.raw.ok_or(Refused::ParamMissing("level"))?;
    let wanted: Wanted = serde_json::from_str(raw.get()).map_err(|_| Refused::LevelUnknown)?;
    let conversation = exchange.conversation.as_ref();
    // A level that nobody keeps would be a promise that nobody does.
    let conversation = conversation.ok_or(Refused::SessionNeeded)?;
    let text = serde_json::to_string(&wanted.level).unwrap_or_default();
    let noted = conversation.note(exchange.host, exchange.settings, (LEVEL, &text));
    let unavailable = |Unavailable| Refused::Failed("cannot answer right now");
    noted.await.map_err(unavailable)
}

/// Remembers that a session has ended.
pub(crate) fn over<H: Clock>(host: &H, settings: &Settings, address: Address) {
    know(host, settings, address, Standing::Ended);
}

async fn noted<H: Clock + Mailbox + Questions>(
    host: &H,
    settings: &Settings,
    address: Address,
) -> Result<Option<Noted>, HttpRefused> {
    let standing = match settings.memory().sessions.recall(&address) {
        Some(lately) if host.now().since(lately.at) < KNOWN_FOR => lately.standing,
        _ => {
            let standing = if host.accepts(&address).await? == Mailed::Ended {
                Standing::Ended
            } else {
                Standing::Open(read(&host.noted(&address).await?))
            };
            know(host, settings, address, standing.clone());
            standing
        }
    };
    Ok(match standing {
        Standing::Ended => None,
        Standing::Open(noted) => Some(noted),
    })
}

fn read(notes: &[(String, String)]) -> Noted {
    let find = |name: &str| {
        let mut notes = notes.iter();
        notes.find_map(|(noted, text)| (noted == name).then_some(text))
    };
    Noted {
        client: find(CLIENT).and_then(|text| serde_json::from_str(text).ok()),
        level: find(LEVEL).and_then(|text| serde_json::from_str(text).ok()),
    }
}

fn know<H: Clock>(host: &H, settings: &Settings, address: Address, standing: Standing) {
    let at = host.now();
    let lately = Lately { standing, at };
    settings.memory().sessions.remember(address, lately);
}
