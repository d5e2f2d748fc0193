//! A body becomes messages, and each becomes an answer.
//!
//! *Invariant:* a message is judged by `mcp::rules` before anything acts on it.

use bytes::Bytes;
use host::{
    Answer, Audit, Clock, Entropy, Forwarded, Mailbox, Questions, Servers, Streams, Toolset,
};
use http::StatusCode;
use mcp::results::{Discovered, Empty, Initialized};
use mcp::{
    Admitted, Body, Era, Malformed, Message, Method, Refused, Request, RequestId, Revision, rules,
};
use oauth::Scope;

use crate::exchange::Exchange;
use crate::refusal::{Asking, HttpRefused};
use crate::relay::{self, Leg, Reply};
use crate::settings::SERVER;
use crate::{answer, conversation, features, listen, prompts, questions, resources, tools};

/// What is said to one request.
pub(crate) enum Said<F> {
    /// By a server behind us.
    Forwarded(F),
    /// By a server behind us, which may say and ask more before it answers.
    Relayed(Leg<F>),
    /// By us.
    Written(StatusCode, Vec<u8>),
}

/// No answer of a server is larger, where it has to be read.
pub(crate) const READ_LIMIT: usize = 8 << 20;

impl<F> Said<F> {
    fn refused(id: Option<RequestId<'_>>, refused: &Refused, era: Era) -> Self {
        Self::Written(refused.status(era), mcp::error(id, refused))
    }
}

/// Answers a body.
pub(crate) async fn answer<H>(
    exchange: &Exchange<'_, H>,
    body: Result<Body<'_>, Malformed<'_>>,
) -> Result<Answer<H::Forwarded>, HttpRefused>
where
    H: Audit + Clock + Entropy + Mailbox + Questions + Servers + Streams + Toolset,
{
    let headers = exchange.mcp_headers();
    let by_header = rules::revision_by_header(&headers);
    let said = match body {
        Ok(Body::Batch(messages)) if by_header.has_batches() => {
            return batch(exchange, messages).await;
        }
        Ok(Body::Batch(_)) => Said::refused(None, &Refused::BatchRemoved, by_header.era()),
        Ok(Body::Single(Message::Notification(notification))) => {
            rules::note(headers, &notification)?;
            return Ok(Answer::Made(answer::empty(StatusCode::ACCEPTED)));
        }
        Ok(Body::Single(Message::Request(request))) => one(exchange, &request).await?,
        Ok(Body::Single(Message::Response(response))) => {
            return questions::take(exchange, &response).await;
        }
        Err(malformed) => Said::refused(malformed.id, &malformed.reason, by_header.era()),
    };
    Ok(match said {
        Said::Forwarded(answer) => Answer::Forwarded(answer, http::HeaderMap::new()),
        Said::Relayed(leg) => match &exchange.reply {
            Reply::Here => relay::open(exchange, leg).await?,
            Reply::Onto(onto) => {
                relay::send(exchange.host, leg, onto.clone());
                Answer::Made(answer::empty(StatusCode::ACCEPTED))
            }
            Reply::Whole => {
                let body = relay::whole(exchange.host, leg).await;
                Answer::Made(answer::json(StatusCode::OK, body))
            }
        },
        Said::Written(status, body) => Answer::Made(answer::json(status, body)),
    })
}

/// 2025-03-26, Transports: the answers to a batch are a batch, without those to notifications.
async fn batch<H>(
    exchange: &Exchange<'_, H>,
    messages: Vec<Result<Message<'_>, Malformed<'_>>>,
) -> Result<Answer<H::Forwarded>, HttpRefused>
where
    H: Audit + Clock + Entropy + Mailbox + Questions + Servers + Streams + Toolset,
{
    let mut answers: Vec<Vec<u8>> = Vec::new();
    for message in messages {
        match message {
            Ok(Message::Notification(_)) => {}
            Ok(Message::Response(response)) => {
                questions::take(exchange, &response).await?;
            }
            Ok(Message::Request(request)) if request.method == "initialize" => {
                answers.push(mcp::error(Some(request.id), &Refused::InitializeInBatch));
            }
            Ok(Message::Request(request)) => answers.push(match one(exchange, &request).await? {
                Said::Written(_, body) => body,
                Said::Forwarded(answer) => read(answer, request.id).await,
                Said::Relayed(leg) => relay::whole(exchange.host, leg).await,
            }),
            Err(malformed) => answers.push(mcp::error(malformed.id, &malformed.reason)),
        }
    }
    Ok(Answer::Made(if answers.is_empty() {
        answer::empty(StatusCode::ACCEPTED)
    } else {
        answer::json(
            StatusCode::OK,
            [b"[".as_slice(), &answers.join(&b','), b"]"].concat(),
        )
    }))
}

/// The bytes of a server's answer, for a place where it cannot be passed on as it is.
async fn read<F: Forwarded>(answer: F, id: RequestId<'_>) -> Vec<u8> {
    let failed = || Refused::ServerFailed {
        server: "behind this tool".to_owned(),
        reason: "gave no answer that could be read",
    };
    let bytes = answer.read(READ_LIMIT).await;
    bytes.map_or_else(|_| mcp::error(Some(id), &failed()), Bytes::into)
}

/// Answers one request.
pub(crate) async fn one<H>(
    exchange: &Exchange<'_, H>,
    request: &Request<'_>,
) -> Result<Said<H::Forwarded>, HttpRefused>
where
    H: Audit + Clock + Questions + Servers + Streams + Toolset,
{
    let headers = exchange.mcp_headers();
    let said = match rules::admit(headers, request) {
        Ok(admitted) => {
            let scopes = &exchange.caller.caller.scopes;
            if admitted.method.reaches_servers() && !scopes.contains(Scope::McpTools) {
                let asking = Asking::new(exchange.server, exchange.resource);
                return Err(HttpRefused::InsufficientScope(asking));
            }
            dispatch(exchange, admitted, request).await
        }
        Err(refused) => Err(refused),
    };
    let era = rules::era(&headers, &request.method, &request.params);
    Ok(said.unwrap_or_else(|refused| Said::refused(Some(request.id), &refused.in_era(era), era)))
}

async fn dispatch<H>(
    exchange: &Exchange<'_, H>,
    admitted: Admitted,
    request: &Request<'_>,
) -> Result<Said<H::Forwarded>, Refused>
where
    H: Audit + Clock + Questions + Servers + Streams + Toolset,
{
    let era = admitted.revision.era();
    let body = match admitted.method {
        Method::Complete => return prompts::complete(exchange, era, request).await,
        Method::Discover => {
            let capabilities = features::told(exchange, era).await;
            mcp::result(request.id, &Discovered::new(SERVER, capabilities))
        }
        Method::Initialize => {
            let revision = negotiated(request)?;
            let capabilities = features::told(exchange, era).await;
            mcp::result(
                request.id,
                &Initialized::new(revision, SERVER, capabilities),
            )
        }
        Method::Listen => return listen::listen(exchange, request).await,
        Method::Ping => mcp::result(request.id, &Empty {}),
        Method::SetLevel => {
            features::offering(exchange, admitted.method).await?;
            conversation::set_level(exchange, request).await?;
            mcp::result(request.id, &Empty {})
        }
        Method::PromptsGet => return prompts::get(exchange, era, request).await,
        Method::PromptsList => prompts::list(exchange, era, request).await?,
        Method::ResourcesList | Method::TemplatesList => {
            resources::list(exchange, (admitted.method, era), request).await?
        }
        Method::ResourcesRead => return resources::read(exchange, era, request).await,
        Method::ToolsCall => return tools::call(exchange, era, request).await,
        Method::ToolsList => tools::list(exchange, era, request).await?,
    };
    Ok(Said::Written(StatusCode::OK, body))
}

fn negotiated(request: &Request<'_>) -> Result<Revision, Refused> {
    let wanted = request.params.protocol_version();
    let wanted = wanted.ok_or(Refused::ParamMissing("protocolVersion"))?;
    Ok(Revision::negotiate(&wanted))
}
