//! `subscriptions/listen`: who listens hears of changes until the stream ends (2026-07-28,
//! Subscriptions).
//!
//! *Invariant:* the first event says what will be told, and nothing else is ever told.

mod tasks;

use std::sync::Arc;
use std::time::Duration;

use host::{Clock, Entropy, Outlet, Streamed, Streams};
use mcp::{ClientCapabilities, ClientCapability, Era, Refused, event_stream};
use serde::Serialize;
use serde_json::{Map, Value, json};

use self::tasks::Watched;
use crate::Server;
use crate::answer::Written;
use crate::keeper::Keeper;
use crate::offered::{List, Offered, Versions};
use crate::outbox::notification;
use crate::results::{Nothing, Said};
use crate::settings::Shared;
use crate::wanted::Wanted;

/// How often a server is asked whether something has changed.
const POLL: Duration = Duration::from_millis(250);
/// A stream pins its instance, so it ends in time; its client opens another.
const LIFETIME: Duration = Duration::from_mins(10);
/// A reader's leaving shows when something is written.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Nobody watches more resources.
const MOST_WATCHED: usize = 100;
/// Nor more tasks.
const MOST_TASKS: usize = 20;

/// What is told, as it is asked for and as it is acknowledged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Filter {
    #[serde(skip_serializing_if = "Option::is_none")]
    prompts_list_changed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resources_list_changed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tools_list_changed: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resource_subscriptions: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    task_ids: Vec<String>,
}

impl Filter {
    /// What is asked for, as far as it is offered.
    fn read(wanted: &Wanted, offered: Offered) -> Result<Self, Refused> {
        let asked = wanted
            .params
            .get("notifications")
            .and_then(Value::as_object);
        let asked = asked.ok_or(Refused::ParamsMalformed(
            "`params.notifications` must be an object",
        ))?;
        let list = |key: &str, offered: Option<List>| {
            let wanted = asked.get(key).and_then(Value::as_bool) == Some(true);
            (wanted && offered == Some(List::Changing)).then_some(true)
        };
        let texts = |key: &str, offered: bool, most: usize| {
            let texts = asked.get(key).and_then(Value::as_array);
            let texts = texts.filter(|_| offered).into_iter().flatten();
            let texts = texts.filter_map(|text| text.as_str().map(str::to_owned));
            texts.take(most).collect::<Vec<String>>()
        };
        let task_ids = texts("taskIds", offered.tasks, MOST_TASKS);
        let client = ClientCapabilities::read(&wanted.meta());
        if !task_ids.is_empty() && !client.has(ClientCapability::Tasks) {
            return Err(Refused::CapabilityMissing(ClientCapability::Tasks));
        }
        Ok(Self {
            prompts_list_changed: list("promptsListChanged", offered.prompts),
            resources_list_changed: list("resourcesListChanged", offered.resources),
            tools_list_changed: list("toolsListChanged", offered.tools),
            resource_subscriptions: texts("resourceSubscriptions", offered.watched, MOST_WATCHED),
            task_ids,
        })
    }

    /// What to tell, when `before` has become `after`.
    fn news(&self, before: &Versions, after: &Versions) -> Vec<(&'static str, Map<String, Value>)> {
        let lists = [
            (
                self.prompts_list_changed,
                before.prompts != after.prompts,
                "notifications/prompts/list_changed",
            ),
            (
                self.resources_list_changed,
                before.resources != after.resources,
                "notifications/resources/list_changed",
            ),
            (
                self.tools_list_changed,
                before.tools != after.tools,
                "notifications/tools/list_changed",
            ),
        ];
        let lists = lists
            .into_iter()
            .filter(|(told, new, _)| told.is_some() && *new);
        let lists = lists.map(|(_, _, method)| (method, Map::new()));
        let watched = self.resource_subscriptions.iter();
        let watched = watched.filter(|uri| before.watched.get(*uri) != after.watched.get(*uri));
        let watched = watched.map(|uri| {
            let params = Map::from_iter([("uri".to_owned(), Value::from(uri.as_str()))]);
            ("notifications/resources/updated", params)
        });
        lists.chain(watched).collect()
    }
}

/// Opens the stream.
pub(crate) async fn answer<H, S>(
    host: &H,
    shared: &Arc<Shared<S>>,
    wanted: Wanted,
) -> Streamed<H::Inlet>
where
    H: Clock + Entropy + Streams,
    S: Server<H>,
{
    match Filter::read(&wanted, shared.server.offered()) {
        Ok(filter) => {
            let (outlet, inlet) = host.stream();
            host.spawn(hold(
                host.clone(),
                Arc::clone(shared),
                (wanted, filter),
                outlet,
            ));
            Streamed::Open(event_stream::headers(), inlet)
        }
        Err(refused) => {
            let status = refused.status(Era::Modern);
            let body = wanted.id.error(&refused);
            Streamed::Made(Written { status, body }.response())
        }
    }
}

async fn hold<H, S>(
    host: H,
    shared: Arc<Shared<S>>,
    (wanted, mut filter): (Wanted, Filter),
    mut outlet: H::Outlet,
) where
    H: Clock + Entropy + Streams,
    S: Server<H>,
{
    let (server, calling) = (&shared.server, &wanted.calling);
    let keeper = Keeper::new(&*shared, &host, server.keeps(&host)).ok();
    let mut tasks = Watched::begin(keeper, &filter.task_ids, calling).await;
    filter.task_ids = tasks.ids();
    let watched = &filter.resource_subscriptions;
    let id = wanted.id.as_value();
    // Read before the first event: what changes after it is news.
    let mut before = server.versions(&host, calling, watched).await.ok();
    let told = Map::from_iter([("notifications".to_owned(), json!(filter))]);
    let mut event = tagged("notifications/subscriptions/acknowledged", told, &id);
    let (until, mut written) = (host.now().plus(LIFETIME), host.now());
    loop {
        if !event.is_empty() {
            if outlet.write(event.into()).await.is_err() {
                return;
            }
            written = host.now();
        }
        if host.now() >= until {
            let ended = Said::complete(server.implementation(), Nothing {}).of_subscription(id);
            let body = wanted.id.result(&ended);
            let last = event_stream::event("message", &String::from_utf8_lossy(&body));
            // Nobody is left to be told that nobody reads it.
            let _read = outlet.write(last.into()).await;
            return;
        }
        host.sleep(POLL).await;
        event = Vec::new();
        // A store that does not answer now may answer at the next turn.
        if let Ok(after) = server.versions(&host, calling, watched).await {
            let news = before.as_ref().map(|before| filter.news(before, &after));
            for (method, params) in news.into_iter().flatten() {
                event.extend(tagged(method, params, &id));
            }
            before = Some(after);
        }
        for told in tasks.news().await {
            event.extend(tagged("notifications/tasks", told, &id));
        }
        if event.is_empty() && host.now().since(written) >= KEEP_ALIVE {
            event = event_stream::KEEP_ALIVE.to_vec();
        }
    }
}

/// A notification of this subscription.
fn tagged(method: &str, mut params: Map<String, Value>, id: &Value) -> Vec<u8> {
    let meta = json!({ "io.modelcontextprotocol/subscriptionId": id });
    params.insert("_meta".to_owned(), meta);
    notification(method, &Value::Object(params))
}
