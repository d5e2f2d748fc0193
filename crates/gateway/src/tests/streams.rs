//! Streams that are held, watched in told time.

use std::time::Duration;

use bytes::Bytes;
use host::{Address, Clock as _, Mail, Mailbox as _, Mailed, Streamed};
use host_memory::{MemoryHost, MemoryInlet, MemoryOutlet};
use http::{Request, StatusCode};
use jose::SigningKeys;
use oauth::assertion::Assertion;
use serde_json::{Value, json};

use super::world::{ORIGIN, block_on, host, keys};
use crate::streams::{Settings, handle};

type Instance = Settings<MemoryOutlet>;

fn application() -> MemoryHost {
    let host = host();
    host.set_variable("assertion_public_key", &keys("assertion").1);
    host
}

fn instance(host: &MemoryHost) -> Instance {
    block_on(Settings::read(host)).unwrap()
}

fn assertion(otherwise: &Value) -> String {
    let mut claims = json!({
        "iss": ORIGIN, "sub": "dev:ada", "aud": "streams", "client_id": "client",
        "scope": "mcp:tools", "iat": 1_000_000, "exp": 1_000_060,
    });
    for (name, value) in otherwise.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let claims: Assertion = serde_json::from_value(claims).unwrap();
    let keys = SigningKeys::parse("assertion_key", &keys("assertion").0).unwrap();
    keys.sign(&claims).unwrap()
}

fn opening(assertion: &str, session: &str) -> Request<Bytes> {
    let body = json!({
        "session": session, "milliseconds": 600_000, "endpoint": "/messages?sessionId=x",
    });
    Request::post("/")
        .header("authorization", format!("Bearer {assertion}"))
        .body(Bytes::from(body.to_string()))
        .unwrap()
}

/// A stream that has told where to post.
fn open(host: &MemoryHost, instance: &Instance, session: &str) -> MemoryInlet {
    let request = opening(&assertion(&json!({})), session);
    let Streamed::Open(_, inlet) = block_on(handle(host, instance, request)) else {
        panic!("no stream");
    };
    host.settle();
    let first = inlet.read().unwrap();
    assert_eq!(
        first,
        "event: endpoint\ndata: /messages?sessionId=x\n\n".as_bytes()
    );
    inlet
}

fn address(session: &str, subject: &str) -> Address {
    Address {
        session: session.to_owned(),
        subject: subject.to_owned().try_into().unwrap(),
    }
}

fn mail(host: &MemoryHost, to: &Address, message: &str) -> Mailed {
    let deadline = host.now().plus(Duration::from_mins(1));
    block_on(host.mail(to, Mail::until(deadline, message))).unwrap()
}

/// Lets time pass, in steps shorter than any pause.
fn pass(host: &MemoryHost, seconds: u64) {
    for _ in 0..seconds * 20 {
        host.advance(Duration::from_millis(50));
        host.settle();
    }
}

fn read(inlet: &MemoryInlet) -> String {
    let chunks: Vec<u8> = std::iter::from_fn(|| inlet.read()).flatten().collect();
    String::from_utf8(chunks).unwrap()
}

#[test]
fn nobody_but_the_gateway_opens_a_stream() {
    let host = application();
    let instance = instance(&host);
    let theirs = SigningKeys::parse("k", &keys("another").0).unwrap();
    let claims: Assertion = serde_json::from_value(json!({
        "iss": ORIGIN, "sub": "dev:ada", "aud": "streams", "client_id": "client",
        "scope": "", "iat": 1_000_000, "exp": 1_000_060,
    }))
    .unwrap();
    let mut bare = opening("x", "s");
    bare.headers_mut().clear();
    let mut vague = opening(&assertion(&json!({})), "s");
    *vague.body_mut() = Bytes::from_static(b"{}");
    for (request, status) in [
        (bare, StatusCode::FORBIDDEN),
        (opening("x", "s"), StatusCode::FORBIDDEN),
        (
            opening(&theirs.sign(&claims).unwrap(), "s"),
            StatusCode::FORBIDDEN,
        ),
        (
            opening(&assertion(&json!({"aud": "tools"})), "s"),
            StatusCode::FORBIDDEN,
        ),
        (
            opening(&assertion(&json!({"exp": 1_000_000})), "s"),
            StatusCode::FORBIDDEN,
        ),
        (vague, StatusCode::BAD_REQUEST),
    ] {
        let Streamed::Made(answer) = block_on(handle(&host, &instance, request)) else {
            panic!("a stream");
        };
        assert_eq!(answer.status(), status);
    }
    assert_eq!(host.work_count(), 0);
}

#[test]
fn mail_comes_in_order_once_and_to_its_session_and_person_alone() {
    let host = application();
    // Two instances, each with a stream.
    let instances = [instance(&host), instance(&host)];
    let one = open(&host, &instances[0], "one");
    let two = open(&host, &instances[1], "two");
    for (session, subject, message) in [
        ("one", "dev:ada", "1"),
        ("one", "dev:grace", "2"),
        ("two", "dev:ada", "3"),
        ("one", "dev:ada", "4"),
        ("three", "dev:ada", "5"),
    ] {
        let put = mail(&host, &address(session, subject), message);
        assert_eq!(put, Mailed::Waiting);
    }
    pass(&host, 2);
    assert_eq!(
        read(&one),
        "event: message\ndata: 1\n\nevent: message\ndata: 4\n\n"
    );
    assert_eq!(read(&two), "event: message\ndata: 3\n\n");
    pass(&host, 2);
    assert_eq!((read(&one), read(&two)), (String::new(), String::new()));
}

#[test]
fn mail_that_waited_too_long_is_never_handed_out_and_goes_with_the_sweep() {
    let host = application();
    let late = address("one", "dev:ada");
    assert_eq!(mail(&host, &late, "late"), Mailed::Waiting);
    host.advance(Duration::from_mins(1));
    let instance = instance(&host);
    let request = opening(&assertion(&json!({"exp": 1_000_200})), "one");
    let Streamed::Open(_, inlet) = block_on(handle(&host, &instance, request)) else {
        panic!("no stream");
    };
    pass(&host, 5);
    assert!(!read(&inlet).contains("late"));
    assert_eq!(host.mail_counts(), (1, 0));
    pass(&host, 60);
    assert_eq!(host.mail_counts(), (0, 0));
}

#[test]
fn a_silent_stream_is_kept_alive_and_a_reader_that_left_ends_its_session() {
    let host = application();
    let instance = instance(&host);
    let stays = open(&host, &instance, "stays");
    drop(open(&host, &instance, "leaves"));
    pass(&host, 22);
    assert_eq!(read(&stays), ": keep-alive\n\n");
    let left = address("leaves", "dev:ada");
    assert_eq!(mail(&host, &left, "x"), Mailed::Ended);
    let stayed = address("stays", "dev:ada");
    assert_eq!(mail(&host, &stayed, "y"), Mailed::Waiting);
    pass(&host, 1);
    assert_eq!(read(&stays), "event: message\ndata: y\n\n");
}

#[test]
fn a_reader_that_does_not_read_holds_up_nobody_and_is_given_up() {
    let host = application();
    let instance = instance(&host);
    let slow = open(&host, &instance, "slow");
    let quick = open(&host, &instance, "quick");
    for number in 0..60 {
        mail(&host, &address("slow", "dev:ada"), &number.to_string());
        mail(&host, &address("quick", "dev:ada"), &number.to_string());
        pass(&host, 1);
        let told = format!("event: message\ndata: {number}\n\n");
        assert!(read(&quick).ends_with(&told), "{number}");
    }
    let ended = mail(&host, &address("slow", "dev:ada"), "x");
    assert_eq!(ended, Mailed::Ended);
    drop(slow);
}

#[test]
fn a_loop_ends_with_the_last_stream_and_begins_with_the_next() {
    let host = application();
    let instance = instance(&host);
    for _ in 0..2 {
        let streams = [
            open(&host, &instance, "one"),
            open(&host, &instance, "two"),
            open(&host, &instance, "three"),
        ];
        assert_eq!(host.work_count(), 1, "one loop for all");
        drop(streams);
        pass(&host, 25);
        assert_eq!(host.work_count(), 0);
    }
}

#[test]
fn a_store_that_fails_for_a_while_delays_mail_and_loses_none() {
    let host = application();
    let instance = instance(&host);
    let inlet = open(&host, &instance, "one");
    mail(&host, &address("one", "dev:ada"), "1");
    host.store_is_down(true);
    pass(&host, 3);
    assert_eq!(read(&inlet), "");
    host.store_is_down(false);
    pass(&host, 1);
    assert_eq!(read(&inlet), "event: message\ndata: 1\n\n");
}

#[test]
fn what_nobody_reads_has_a_bound_and_comes_a_part_at_a_time() {
    let host = application();
    let large = "x".repeat(5 << 20);
    let streams = ["one", "two", "three"];
    for session in streams {
        let to = address(session, "dev:ada");
        assert_eq!(mail(&host, &to, &large), Mailed::Waiting);
        assert_eq!(
            mail(&host, &to, &large),
            Mailed::Waiting,
            "within the bound"
        );
        assert_eq!(mail(&host, &to, "more"), Mailed::Full);
    }
    let all = streams.map(|session| address(session, "dev:ada"));
    let now = host.now();
    let mut parts = Vec::new();
    loop {
        let collected = block_on(host.collect(&all, now)).unwrap();
        if collected.is_empty() {
            break;
        }
        parts.push(collected.len());
    }
    assert_eq!(parts, [4, 2]);
}
