//! Instances: how many requests share one, and what they share.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use futures::future::join_all;
use harness::host::{Host, probes};
use reqwest::StatusCode;
use tokio::{task::JoinSet, time::timeout};

use super::{Reply, SHARED, client, eventually, get, get_by, start, steady};

/// Long enough for an answer that is on its way.
const MOMENT: Duration = Duration::from_millis(50);

fn assert_500_and_empty(reply: &Reply) {
    assert_eq!(
        (reply.status, reply.text.as_str()),
        (StatusCode::INTERNAL_SERVER_ERROR, "")
    );
}

/// Requests that wait until another request of their instance wakes them.
fn waiting(client: &reqwest::Client, host: &Host, requests: usize) -> JoinSet<Reply> {
    let url = host.url("/host/wait");
    (0..requests)
        .map(|_| {
            let request = client.get(&url);
            async { Reply::of(request.send().await.expect("the host answers")).await }
        })
        .collect()
}

/// By a stream of the component model; a waker made in Rust alone cannot cross requests.
#[tokio::test]
async fn one_request_wakes_another_in_the_same_instance() {
    let client = steady();
    let mut waiting = waiting(&client, &SHARED, 1);
    let woken = eventually("nobody was woken", || async {
        let woken = get_by(&client, &SHARED, "/host/wake").await;
        (woken.text != "0").then_some(woken.text)
    });
    assert_eq!(woken.await, "1");
    let reply = waiting.join_next().await.unwrap().unwrap();
    assert_eq!(
        (reply.status, reply.text.as_str()),
        (StatusCode::OK, "woken")
    );
}

#[tokio::test]
async fn a_panic_is_500_for_everybody_in_its_instance_and_for_nobody_later() {
    let host = start(&probes());
    let client = steady();
    let mut waiting = waiting(&client, &host, 4);
    let mut panics = 0;
    while !waiting.is_empty() {
        let panicked = get_by(&client, &host, "/host/panic-beside").await;
        if panicked.status != StatusCode::OK {
            assert_500_and_empty(&panicked);
            panics += 1;
        }
        while let Ok(Some(beside)) = timeout(MOMENT, waiting.join_next()).await {
            assert_500_and_empty(&beside.unwrap());
        }
    }
    assert!((1..=4).contains(&panics));
    assert_eq!(get(&host, "/host/count").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_instance_serves_many_requests_and_never_more_than_128() {
    let host = start(&probes());
    let mut served = BTreeMap::new();
    for _ in 0..300 {
        let count = get(&host, "/host/count").await.json();
        let instance = count["instance"].as_str().unwrap().to_owned();
        let number = count["served"].as_u64().unwrap();
        assert!((1..=128).contains(&number), "{count}");
        let before = served.insert(instance, number);
        assert_eq!(
            before.unwrap_or_default() + 1,
            number,
            "an instance lost count"
        );
    }
    assert!(
        served.len() >= 3 && served.values().any(|number| *number > 1),
        "{served:?}"
    );
}

#[tokio::test]
async fn an_instance_serves_sixteen_at_once_and_never_more() {
    let host = start(&probes());
    let client = steady();
    let together = || get_by(&client, &host, "/host/together?ms=600");
    let requests = join_all(std::iter::repeat_with(together).take(40)).await;
    let replies: Vec<_> = requests.iter().map(Reply::json).collect();
    let instances: HashSet<_> = replies
        .iter()
        .map(|reply| reply["instance"].to_string())
        .collect();
    let most = replies
        .iter()
        .filter_map(|reply| reply["in_flight"].as_u64())
        .max()
        .unwrap();
    assert!(
        (2..=16).contains(&most),
        "{most} at once in {} instances",
        instances.len()
    );
    assert!(instances.len() > 1, "40 requests at 16 an instance");
}

#[tokio::test]
async fn an_instance_beyond_its_memory_is_500_and_the_next_is_fine() {
    let host = start(&probes().runtime_config("max_instance_memory = 33554432\n"));
    for _ in 0..3 {
        assert_500_and_empty(&get(&host, "/host/hog?mib=64").await);
        assert_eq!(
            get(&host, "/host/hog?mib=4").await.text,
            (4 << 20).to_string()
        );
    }
}

#[tokio::test]
async fn a_sleeping_request_holds_up_nobody() {
    let slow = client().get(SHARED.url("/host/slow?ms=3000")).send();
    let quick = async {
        for _ in 0..20 {
            assert_eq!(get(&SHARED, "/host/count").await.status, StatusCode::OK);
        }
    };
    tokio::select! {
        biased;
        () = quick => {}
        _ = slow => unreachable!("twenty quick requests took longer than a sleeping one"),
    }
}
