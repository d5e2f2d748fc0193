//! What a manifest may say, and what is refused by name.

use super::parse;

const LEAST: &str = r#"
spin_manifest_version = 2
application = { name = "a" }
[[trigger.http]]
route = "/..."
component = "c"
[component.c]
source = "c.wasm"
"#;

#[test]
fn everything_that_is_served_is_accepted() {
    let manifest = parse(
        r#"
        spin_manifest_version = 2
        [application]
        name = "a"
        version = "1"
        authors = ["x"]
        [variables]
        secret_key = { required = true, secret = true, description = "d" }
        host = { default = "" }
        [[trigger.http]]
        route = "/..."
        component = "c"
        executor = { type = "http" }
        [[trigger.http]]
        route = { private = true }
        component = "d"
        [component.c]
        source = "c.wasm"
        description = "d"
        allowed_outbound_hosts = ["https://{{ host }}"]
        key_value_stores = ["default"]
        sqlite_databases = ["default"]
        environment = { A = "b" }
        files = ["a.toml", "b/*", { source = "c", destination = "/d" }]
        [component.c.variables]
        key = "{{ secret_key }}"
        [component.c.dependencies]
        "x:y/z" = { component = "d", inherit_configuration = false }
        "x:w" = { path = "w.wasm", export = "x:v/u" }
        [component.c.build]
        command = ["a", "b"]
        workdir = "."
        watch = ["src/**"]
        [component.d]
        source = "d.wasm"
        "#,
    )
    .expect("a manifest that Spin serves");
    assert_eq!(
        manifest
            .trigger
            .http
            .iter()
            .filter(|t| t.route.pattern().is_some())
            .count(),
        1
    );
}

#[test]
fn what_is_not_served_is_refused_by_name() {
    for (addition, named) in [
        ("[component.c.trouble]", "trouble"),
        ("colour = 1", "colour"),
        ("profile.p.source = \"x\"", "profile"),
        ("ai_models = [\"m\"]", "ai_models"),
        ("exclude_files = [\"m\"]", "exclude_files"),
        ("allowed_http_hosts = []", "allowed_outbound_hosts"),
        (
            "dependencies_inherit_configuration = true",
            "dependencies_inherit_configuration",
        ),
        ("[component.c.dependencies]\n\"a:b\" = \"1.0\"", "a:b"),
        (
            "[component.c.dependencies]\n\"a:b\" = { path = \"x\", inherit_configuration = true }",
            "inherit_configuration",
        ),
        ("[component.c.build]\ncommand = \"x\"\nspeed = 1", "speed"),
        (
            "[component.d]\nsource = { url = \"u\", digest = \"d\" }",
            "source",
        ),
        ("[application.trigger.http]\nbase = \"/b\"", "trigger.http"),
        ("[variables]\nx = {}", "x: write required"),
        ("[variables]\nX = { default = \"\" }", "X: use lower-case"),
        (
            "[variables]\nx = { default = \"\", optional = true }",
            "optional",
        ),
        (
            "[[trigger.http]]\nroute = \"/s\"\nstatic_response = { body = \"b\" }",
            "static_response",
        ),
        (
            "[[trigger.http]]\nroute = \"/s\"\ncomponent = \"gone\"",
            "gone",
        ),
        (
            "[[trigger.http]]\nroute = { private = false }\ncomponent = \"c\"",
            "private = true",
        ),
        (
            "[[trigger.http]]\nroute = 7\ncomponent = \"c\"",
            "private = true",
        ),
        ("[[trigger.redis]]\nchannel = \"x\"", "redis"),
    ] {
        let text = if addition.starts_with("[application") {
            format!(
                "{}{addition}\n",
                LEAST.replace(
                    "application = { name = \"a\" }",
                    "[application]\nname = \"a\""
                )
            )
        } else {
            format!("{LEAST}{addition}\n")
        };
        let reason = parse(&text).expect_err(addition);
        assert!(reason.contains(named), "{addition}: {reason}");
    }
}

#[test]
fn a_mistake_is_located_without_quoting_the_line() {
    let reason =
        parse("spin_manifest_version = 2\nsecret = \"hunter2\"\n").expect_err("unknown key");
    assert!(
        reason.starts_with("line 2: ") && !reason.contains("hunter2"),
        "{reason}"
    );
}
