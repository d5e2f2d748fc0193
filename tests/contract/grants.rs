//! Variables, files and the environment: what the manifest gives, and nothing else.

use harness::host::probes;
use reqwest::StatusCode;

use super::{SHARED, get, start};

#[tokio::test]
async fn a_template_takes_the_values_of_the_application() {
    assert_eq!(
        get(&SHARED, "/host/variable?name=greeting").await.text,
        "hello, nobody!"
    );
    assert_eq!(
        get(&SHARED, "/host/variable?name=literal").await.text,
        "as it stands"
    );
    assert_eq!(
        get(&SHARED, "/host/variable?name=word").await.text,
        "open sesame"
    );
}

/// The command line wins over the environment, and that over the manifest.
#[tokio::test]
async fn what_stands_nearer_to_the_operator_wins() {
    let options = probes()
        .variable("person", "Ada")
        .environment("SPIN_VARIABLE_PERSON", "Grace")
        .environment("SPIN_VARIABLE_GREETING", "good morning");
    let host = start(&options);
    assert_eq!(
        get(&host, "/host/variable?name=greeting").await.text,
        "good morning, Ada!"
    );
}

#[tokio::test]
async fn a_component_sees_no_variable_but_its_own() {
    for path in ["/bare/variable?name=greeting", "/host/variable?name=person"] {
        let reply = get(&SHARED, path).await;
        assert_eq!(
            reply.status,
            StatusCode::NOT_FOUND,
            "{path}: {}",
            reply.text
        );
        assert!(reply.text.contains("Undefined"), "{path}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_file_is_readable_and_nothing_more() {
    let path = "path=/files/greeting.txt";
    assert_eq!(
        get(&SHARED, &format!("/host/read?{path}")).await.text,
        "hello from a file\n"
    );
    assert_eq!(
        get(&SHARED, &format!("/host/write?{path}")).await.status,
        StatusCode::FORBIDDEN
    );
    let made = get(&SHARED, "/host/write?path=/files/new.txt").await;
    assert_eq!(made.status, StatusCode::FORBIDDEN, "{}", made.text);
    assert_eq!(
        get(&SHARED, &format!("/host/read?{path}")).await.text,
        "hello from a file\n"
    );
}

#[tokio::test]
async fn no_file_is_there_without_a_grant() {
    for path in [
        "/bare/read?path=/files/greeting.txt",
        "/host/read?path=/etc/passwd",
        "/host/read?path=/files/../../../../../../etc/passwd",
    ] {
        assert_eq!(
            get(&SHARED, path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_environment_of_the_process_stays_outside() {
    let names = get(&SHARED, "/host/environment").await.json();
    assert_eq!(names, serde_json::json!([]));
}
