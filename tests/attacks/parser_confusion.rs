//! Parser confusion. The attacker sends bytes that two readers take for different things, or more of
//! them than anybody should read; they want one reader to check what another uses, or none to answer.
//!
//! *Invariant:* a body is read as what its type says, once, and a parameter that came twice counts
//! as neither.

use harness::client::{Tokens, VERIFIER, body, call, message};
use harness::{Web, World};
use serde_json::{Value, json};

use super::{FORM, assert_refused, assert_unharmed, encoded, post, verdict};

super::everywhere!(on_a_patient_host:
    a_form_is_read_as_a_form_alone,
    a_parameter_that_comes_twice_is_neither,
    a_registration_is_read_as_json_alone,
    a_message_is_read_once,
);

async fn a_form_is_read_as_a_form_alone(world: World<impl Web>) {
    let code = world.code("ada").await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", world.client.id.as_str()),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ];
    let form = encoded(&fields);
    let as_json = json!({"grant_type": "authorization_code", "client_id": world.client.id, "code": code, "code_verifier": VERIFIER}).to_string();
    let multipart =
        format!("--x\r\ncontent-disposition: form-data; name=\"code\"\r\n\r\n{code}\r\n--x--\r\n");
    for (kind, body) in [
        ("application/json", &form),
        ("application/json", &as_json),
        ("text/plain", &form),
        ("multipart/form-data; boundary=x", &multipart),
        ("application/x-www-form-urlencoded-not", &form),
        ("application/xml; application/x-www-form-urlencoded", &form),
        ("", &form),
    ] {
        let answer = post(
            &world.web,
            "/token",
            &[("content-type", kind)],
            body.clone(),
        )
        .await;
        assert_refused(&answer, 400, "invalid_request", kind);
    }
    // Bytes in another charset or coding are other bytes: nothing undoes them before they are read.
    let wide: Vec<u8> = form.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let gzip = [
        0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b, 4, 0, 0x43, 0xbe, 0xb7, 0xe8, 1, 0, 0, 0,
    ];
    for (kind, coding, body) in [
        (
            "application/x-www-form-urlencoded; charset=utf-16",
            "identity",
            wide.clone(),
        ),
        (FORM, "gzip", gzip.to_vec()),
        (FORM, "deflate, gzip, br", gzip.to_vec()),
        (FORM, "identity", as_json.clone().into_bytes()),
        (
            FORM,
            "identity",
            [b"\xef\xbb\xbf", form.as_bytes()].concat(),
        ),
        (FORM, "identity", form.replace('&', ";").into_bytes()),
        (FORM, "identity", b"\xff\xfe=\xc3\x28".to_vec()),
        (FORM, "identity", Vec::new()),
    ] {
        let headers = [("content-type", kind), ("content-encoding", coding)];
        let answer = post(&world.web, "/token", &headers, body).await;
        let (status, error) = verdict(&answer);
        assert!(
            [(400, "invalid_request"), (401, "invalid_client")].contains(&(status, error.as_str())),
            "{kind} {coding}: {status} {error}"
        );
    }
    // In the query it is not read at all, and the code is whole.
    let answer = post(
        &world.web,
        &format!("/token?{form}"),
        &[("content-type", FORM)],
        "",
    )
    .await;
    assert_refused(&answer, 401, "invalid_client", "in the query");
    let kind = "Application/X-WWW-Form-URLEncoded ; charset=UTF-8";
    Tokens::read(&post(&world.web, "/token", &[("content-type", kind)], form).await);
}

async fn a_parameter_that_comes_twice_is_neither(world: World<impl Web>) {
    let code = world.code("ada").await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", world.client.id.as_str()),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ];
    let form = encoded(&fields);
    for (name, value) in fields {
        let encoded_name: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for more in [
            format!("{name}={value}"),
            format!("{name}=other"),
            format!("{encoded_name}={value}"),
            format!("{}={value}", name.replace('_', "%5f")),
        ] {
            for body in [format!("{form}&{more}"), format!("{more}&{form}")] {
                let answer = post(&world.web, "/token", &[("content-type", FORM)], body).await;
                assert_refused(&answer, 400, "invalid_request", &more);
            }
        }
        // Another spelling is another parameter, and arrays are no parameters at all.
        for other in [
            name.to_ascii_uppercase(),
            format!("{name}[]"),
            format!("{name}[0]"),
            format!(" {name}"),
            format!("{name}\0"),
        ] {
            let only: Vec<_> = fields
                .iter()
                .filter(|(known, _)| *known != name)
                .map(|(name, value)| (name.to_string(), (*value).to_owned()))
                .collect();
            let body = encoded(&[only, vec![(other.clone(), value.to_owned())]].concat());
            let answer = post(&world.web, "/token", &[("content-type", FORM)], body).await;
            let (status, _) = verdict(&answer);
            assert!([400, 401].contains(&status), "{other}");
        }
    }
    let many: String = (0..3000)
        .map(|number| format!("&x{number}={number}"))
        .collect();
    let answer = post(
        &world.web,
        "/token",
        &[("content-type", FORM)],
        format!("{form}{many}"),
    )
    .await;
    Tokens::read(&answer);
}

async fn a_registration_is_read_as_json_alone(world: World<impl Web>) {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let long = "x".repeat(30_000);
    for (kind, body) in [
        ("application/json", "redirect_uris=https://a.example/".to_owned()),
        ("application/json", String::new()),
        ("application/json", "null".to_owned()),
        ("application/json", "[]".to_owned()),
        ("application/json", "{\"redirect_uris\":\"https://a.example/\"}".to_owned()),
        ("application/json", "{\"redirect_uris\":[\"https://a.example/\"],\"redirect_uris\":[\"https://b.example/\"]}".to_owned()),
        ("application/json", "{\"redirect_uris\":[\"https://a.example/\"]} {}".to_owned()),
        ("application/json", format!("{{\"redirect_uris\":{deep}}}")),
        ("application/json", deep),
        ("application/json", format!("{{\"client_name\":\"{long}\",\"redirect_uris\":[\"https://a.example/\"]}}")),
        ("application/json", "{\"redirect_uris\":[\"https://a.example/\"],\"client_name\":\"\\ud800\"}".to_owned()),
        (FORM, "{\"redirect_uris\":[\"https://a.example/\"]}".to_owned()),
        ("text/plain", "{\"redirect_uris\":[\"https://a.example/\"]}".to_owned()),
        ("application/json-patch+json", "{\"redirect_uris\":[\"https://a.example/\"]}".to_owned()),
    ] {
        let answer = post(&world.web, "/register", &[("content-type", kind)], body.clone()).await;
        assert_refused(&answer, 400, "invalid_client_metadata", &body.chars().take(80).collect::<String>());
    }
    assert_unharmed(&world).await;
}

async fn a_message_is_read_once(world: World<impl Web>) {
    let token = world.tokens("ada").await.access;
    let good = message(
        &token,
        "tools/call",
        json!({"name": "add", "arguments": {"a": 23, "b": 19}}),
    );
    let text = String::from_utf8_lossy(good.body()).into_owned();
    // The policy must not see one tool and the server another.
    for bad in [
        text.replace("\"name\":\"add\"", "\"name\":\"userInfo\",\"name\":\"add\""),
        text.replace(
            "\"method\":\"tools/call\"",
            "\"method\":\"tools/list\",\"method\":\"tools/call\"",
        ),
        text.replace("\"params\"", "\"params\":{},\"params\""),
        text.replace("\"add\"", "\"userInfo\""),
        text.replace("\"add\"", "\"ADD\""),
        text.replace("\"add\"", "[\"add\"]"),
        format!("{text}{text}"),
        format!("[{text}]"),
        String::new(),
        "[".repeat(100_000),
    ] {
        let mut request = message(
            &token,
            "tools/call",
            json!({"name": "add", "arguments": {}}),
        );
        *request.body_mut() = bad.clone().into();
        let answer = world.web.send(request).await;
        let said: Value = body(&answer);
        let shown: String = bad.chars().take(400).collect();
        assert!(said.get("result").is_none(), "{shown}: {said}");
        assert!(said.get("error").is_some(), "{shown}: {said}");
    }
    for kind in ["text/plain", FORM, "application/jsonp", ""] {
        let mut request = message(&token, "tools/list", json!({}));
        request
            .headers_mut()
            .insert("content-type", kind.parse().unwrap());
        assert_eq!(world.web.send(request).await.status(), 415, "{kind}");
    }
    let answer = call(&world.web, &token, "tools/list", json!({})).await;
    assert!(body(&answer)["result"]["tools"].is_array());
}
