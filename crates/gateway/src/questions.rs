//! Questions of a server's to a client of the legacy era: requests on its stream, and responses that
//! it posts, to whichever instance.
//!
//! *Invariant:* only who was asked answers, once and in time; and whoever hears the last answer makes
//! the call anew by every rule that it was made by, with what was answered.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use host::{
    Address, Answer, Asked, Audit, Clock, Entropy, Forwarded as _, Heard, Mailbox, Questions,
    Servers, Streams, Toolset, Unavailable,
};
use http::StatusCode;
use mcp::{Body, InputMethod, InputRequired, Message, Refused, Reply, RequestId, Response};
use oauth::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::answer;
use crate::exchange::Exchange;
use crate::message::{self, READ_LIMIT, Said};
use crate::refusal::HttpRefused;
use crate::relay::{self, Asking, Onto, Reply as Where};

/// People take their time, and leave.
const PATIENCE: Duration = Duration::from_mins(10);

/// A server that asks more often will never answer.
const MOST_ROUNDS: u8 = 16;

/// What going on with a call needs.
#[derive(Serialize, Deserialize)]
struct Pending<'a> {
    id: String,
    /// The client's own request.
    #[serde(borrow)]
    request: &'a RawValue,
    /// What the server wants to see again.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    state: Option<&'a RawValue>,
    /// What was asked, by the server's keys.
    asked: BTreeMap<String, InputMethod>,
    stream: String,
    ends: bool,
    kept: bool,
    round: u8,
    until: Timestamp,
}

/// An answer, as it waits for the others.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Given<'a> {
    #[serde(borrow)]
    Error(&'a RawValue),
    #[serde(borrow)]
    Result(&'a RawValue),
}

/// What a call is made anew with.
#[derive(Clone, Debug)]
pub(crate) struct Resumed {
    /// The client's answers, by the server's keys.
    pub(crate) responses: BTreeMap<String, Box<RawValue>>,
    /// What the server wanted to see again.
    pub(crate) state: Option<Box<RawValue>>,
    /// How often the client has been asked.
    pub(crate) round: u8,
}

/// Asks a client what a server wants to know. What cannot be asked is an error of the call's.
pub(crate) async fn ask<H>(
    host: &H,
    onto: &Onto,
    (server, id): (&str, RequestId<'_>),
    required: InputRequired<'_>,
) -> Result<Result<(), Refused>, Unavailable>
where
    H: Clock + Entropy + Mailbox + Questions,
{
    let asking = match may_ask(onto, &required) {
        Ok(asking) => asking,
        Err(reason) => {
            let server = server.to_owned();
            return Ok(Err(Refused::ServerFailed { server, reason }));
        }
    };
    let Ok(request) = serde_json::from_slice(&asking.request) else {
        return Ok(Err(Refused::IdMalformed));
    };
    let pending = Pending {
        id: unguessable(host),
        request,
        state: required.state,
        asked: required
            .requests
            .iter()
            .map(|(key, question)| (key.clone(), question.method))
            .collect(),
        stream: onto.stream.session.clone(),
        ends: onto.ends,
        kept: onto.kept,
        round: asking.round + 1,
        until: asking.until,
    };
    let now = host.now();
    let deadline = now.plus(PATIENCE).min(asking.until);
    let questions: Vec<(String, String)> = required
        .requests
        .keys()
        .map(|key| (unguessable(host), key.clone()))
        .collect();
    let asked = Asked {
        of: &asking.session,
        id: &pending.id,
        call: &serde_json::to_string(&pending).map_err(|_| Unavailable)?,
        questions: &questions,
        deadline,
    };
    host.ask(asked).await?;
    let silent = Refused::ClientSilent {
        method: first(&pending.asked),
        seconds: deadline.since(now).as_secs(),
    };
    let silent = mcp::error(Some(id), &silent);
    onto.say_last_unless(host, (&pending.id, deadline), &silent)
        .await?;
    for ((question, _), request) in questions.iter().zip(required.requests.values()) {
        onto.say(host, &request.write(question)).await?;
    }
    Ok(Ok(()))
}

/// Whether all of it can be asked.
fn may_ask<'a>(onto: &'a Onto, required: &InputRequired<'_>) -> Result<&'a Asking, &'static str> {
    let asking = onto.asking.as_ref();
    let asking = asking.ok_or("asks for input, and this client has no session to be asked in")?;
    if required.requests.is_empty() {
        return Err("wants to be asked again, without asking anything");
    }
    if asking.round >= MOST_ROUNDS {
        return Err("asks again and again");
    }
    let mut questions = required.requests.values();
    if questions.all(|question| question.is_for(&asking.client)) {
        Ok(asking)
    } else {
        Err("asks for input that this client did not say it can give")
    }
}

fn unguessable(host: &impl Entropy) -> String {
    jose::encode(host.random::<16>())
}

fn first(asked: &BTreeMap<String, InputMethod>) -> &'static str {
    asked.values().next().map_or("", |method| method.as_str())
}

/// Takes a response that a client posts.
pub(crate) async fn take<H>(
    exchange: &Exchange<'_, H>,
    response: &Response<'_>,
) -> Result<Answer<H::Forwarded>, HttpRefused>
where
    H: Audit + Clock + Entropy + Mailbox + Questions + Servers + Streams + Toolset,
{
    let unexpected = || HttpRefused::Message(Refused::ResponseUnexpected);
    let conversation = exchange.conversation.as_ref().ok_or_else(unexpected)?;
    let id = response
        .id
        .and_then(|id| serde_json::from_str::<String>(id.as_json()).ok());
    let id = id.ok_or_else(unexpected)?;
    let given = match response.reply {
        Reply::Error(error) => Given::Error(error),
        Reply::Result(result) => Given::Result(result),
    };
    let given = serde_json::to_string(&given).map_err(|_| unexpected())?;
    let from = conversation.session.address();
    let now = exchange.host.now();
    match exchange.host.hear(&from, &id, &given, now).await? {
        Heard::Unasked => return Err(unexpected()),
        Heard::More => {}
        Heard::All(call, answers) => go_on(exchange, &call, answers).await?,
    }
    Ok(Answer::Made(answer::empty(StatusCode::ACCEPTED)))
}

/// Makes a call anew, with what was answered.
async fn go_on<H>(
    exchange: &Exchange<'_, H>,
    call: &str,
    answers: Vec<(String, String)>,
) -> Result<(), HttpRefused>
where
    H: Audit + Clock + Entropy + Mailbox + Questions + Servers + Streams + Toolset,
{
    let host = exchange.host;
    let pending: Pending<'_> = serde_json::from_str(call).map_err(|_| Unavailable)?;
    let stream = Address {
        session: pending.stream.clone(),
        subject: exchange.caller.caller.person.subject.clone(),
    };
    host.withdraw(&stream, &pending.id).await?;
    let body = Bytes::from(pending.request.get().to_owned());
    let Ok(Body::Single(Message::Request(request))) = Body::parse(&body) else {
        return Err(Unavailable.into());
    };
    let mut onto = Onto {
        stream,
        ends: pending.ends,
        kept: pending.kept,
        asking: None,
    };
    let responses = match responses(&pending.asked, &answers) {
        Ok(responses) => responses,
        Err(refused) => {
            let error = mcp::error(Some(request.id), &refused);
            onto.say_last(host, &error).await?;
            return Ok(());
        }
    };
    let mut anew = Exchange {
        body: &body,
        reply: Where::Whole,
        resumed: Some(Resumed {
            responses,
            state: pending.state.map(ToOwned::to_owned),
            round: pending.round,
        }),
        conversation: exchange.conversation.clone(),
        ..*exchange
    };
    onto.asking = Asking::of(&anew, pending.until);
    anew.reply = Where::Onto(onto.clone());
    let response = match message::one(&anew, &request).await? {
        Said::Relayed(leg) => {
            relay::send(host, leg, onto);
            return Ok(());
        }
        Said::Written(_, response) => response,
        Said::Forwarded(answer) => answer.read(READ_LIMIT).await?.into(),
    };
    onto.say_last(host, &response).await?;
    Ok(())
}

/// The answers, as a server is told them.
fn responses(
    asked: &BTreeMap<String, InputMethod>,
    answers: &[(String, String)],
) -> Result<BTreeMap<String, Box<RawValue>>, Refused> {
    let told = answers.iter().map(|(key, given)| {
        let method = asked.get(key).copied().unwrap_or(InputMethod::Roots);
        let refused = || Refused::ClientRefused(method.as_str());
        let told = match serde_json::from_str(given).map_err(|_| refused())? {
            Given::Result(result) => result.to_owned(),
            // 2026-07-28 has no other word for it, and for the two other methods none at all.
            Given::Error(_) if method == InputMethod::Elicitation => {
                RawValue::from_string(r#"{"action":"cancel"}"#.to_owned()).map_err(|_| refused())?
            }
            Given::Error(_) => return Err(refused()),
        };
        Ok((key.clone(), told))
    });
    told.collect()
}
