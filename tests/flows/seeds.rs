//! The five servers that are replaced: their settings, their sign-ins, their tools.
//!
//! *Invariant:* a server starts on what `postern init --from` made of the other's file, and on
//! nothing else but where the fake vendor is.

mod calculator;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use harness::client::{Tokens, body, call};
use harness::host::Host;
use harness::{HttpWeb, World, product};
use serde_json::{Value, json};
use tempfile::TempDir;
use vendors::{Kind, Person, Vendor};

use super::providers::stage::by_way_of;
use crate::POSTERN;

/// As long as `openssl rand -hex 32` makes it.
const COOKIE_ENCRYPTION_KEY: &str =
    "9c1f0e7ab35d2846f1e09d7c6b5a43289c1f0e7ab35d2846f1e09d7c6b5a4328";

/// A server that was set up from another's file.
struct Moved {
    host: Host,
    said: String,
    _folder: TempDir,
}

impl Moved {
    /// Takes `settings` over, changes what was written about rules, and starts.
    fn start(settings: &str, rules: Option<&str>, at: Option<(&Vendor, &[&str])>) -> Self {
        let folder = TempDir::new().unwrap();
        let shipped = include_str!("../../postern.toml");
        let manifest = product::project(folder.path(), shipped);
        let said = init(folder.path(), settings);
        let written = folder.path().join("postern.toml");
        if let Some(rules) = rules {
            let text = std::fs::read_to_string(&written).unwrap();
            assert!(text.contains(FOR_EVERYBODY), "{text}");
            std::fs::write(&written, text.replace(FOR_EVERYBODY, rules)).unwrap();
        }
        let mut options = product::options_with_keys(manifest, folder.path().join(".env"));
        if let Some((vendor, hosts)) = at {
            options = options.runtime_config(trusting(folder.path(), vendor));
            for host in hosts {
                options = options.variable(*host, vendor.authority());
            }
        }
        Self {
            host: super::start(&options),
            said,
            _folder: folder,
        }
    }

    async fn world(&self) -> World<HttpWeb> {
        World::new(super::web(&self.host)).await
    }
}

/// `postern init --from`, in the project's folder.
fn init(folder: &Path, settings: &str) -> String {
    std::fs::write(folder.join(".dev.vars"), settings).unwrap();
    let output = Command::new(POSTERN)
        .args(["init", "--from", ".dev.vars"])
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{said}");
    said
}

fn trusting(folder: &Path, vendor: &Vendor) -> String {
    let certificate = folder.join("vendor.pem");
    std::fs::write(&certificate, vendor.certificate()).unwrap();
    let mut trust = String::new();
    write!(
        trust,
        "[[client_tls]]\ncomponent_ids = [\"login-{}\"]\nhosts = [\"localhost\"]\n\
         ca_roots_file = {certificate:?}\n",
        vendor.kind().id()
    )
    .unwrap();
    trust
}

/// The lines of a file for these of a vendor's variables.
fn lines(vendor: &Vendor, names: &[&str]) -> String {
    let variables = vendor.variables();
    let mut text = String::new();
    for name in names {
        let variable = name.to_ascii_lowercase();
        let value = variables.iter().find(|(known, _)| *known == variable);
        let (_, value) = value.expect("a variable of the vendor's");
        writeln!(text, "{name}={value}").unwrap();
    }
    writeln!(text, "COOKIE_ENCRYPTION_KEY={COOKIE_ENCRYPTION_KEY}").unwrap();
    text
}

/// The access token of whoever the vendor lets in.
async fn signed_in(world: &World<HttpWeb>, vendor: &Vendor, person: Person) -> String {
    vendor.person(person);
    world.browser.forget();
    let back = by_way_of(world, vendor, vendor.kind().id()).await;
    let code = back.parameter("code").expect("a code");
    Tokens::read(&world.client.exchange(&world.web, &code).await).access
}

async fn tool(world: &World<HttpWeb>, token: &str, name: &str, arguments: Value) -> Value {
    let asked = json!({"name": name, "arguments": arguments});
    body(&call(&world.web, token, "tools/call", asked).await)
}

/// What a tool says, as text.
async fn said(world: &World<HttpWeb>, token: &str, name: &str, arguments: Value) -> String {
    let answer = tool(world, token, name, arguments).await;
    let text = answer["result"]["content"][0]["text"].as_str();
    text.expect("a tool's text").to_owned()
}

async fn listed(world: &World<HttpWeb>, token: &str) -> Vec<String> {
    let answer = body(&call(&world.web, token, "tools/list", json!({})).await);
    let tools = answer["result"]["tools"].as_array().unwrap();
    tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap().to_owned())
        .collect()
}

async fn does_sums(world: &World<HttpWeb>, token: &str) {
    assert_eq!(
        said(world, token, "add", json!({"a": 23, "b": 19})).await,
        "42"
    );
    let product = json!({"operation": "multiply", "a": 6, "b": 7});
    assert_eq!(said(world, token, "calculate", product).await, "42");
}

#[tokio::test]
async fn cloudflare_access_in_front_of_a_server() {
    let vendor = Vendor::start(Kind::Access);
    let settings = lines(
        &vendor,
        &[
            "ACCESS_CLIENT_ID",
            "ACCESS_CLIENT_SECRET",
            "ACCESS_TOKEN_URL",
            "ACCESS_AUTHORIZATION_URL",
            "ACCESS_JWKS_URL",
        ],
    );
    let moved = Moved::start(&settings, None, Some((&vendor, &[])));
    let world = moved.world().await;
    let token = signed_in(&world, &vendor, Person::default()).await;
    does_sums(&world, &token).await;
    let who: Value =
        serde_json::from_str(&said(&world, &token, "userInfo", json!({})).await).unwrap();
    assert_eq!(
        (&who["userId"], &who["email"]),
        (&json!("1001"), &json!("ada@example.com"))
    );
}

#[tokio::test]
async fn microsoft_entra_in_front_of_tools() {
    let vendor = Vendor::start(Kind::Microsoft);
    let names = [
        "MICROSOFT_CLIENT_ID",
        "MICROSOFT_CLIENT_SECRET",
        "MICROSOFT_TENANT_ID",
    ];
    let settings = format!(
        "{}PANDADOC_CLIENT_ID=a\nPANDADOC_CLIENT_SECRET=b\nHUBSPOT_CLIENT_ID=c\n\
         HUBSPOT_CLIENT_SECRET=d\n",
        lines(&vendor, &names)
    );
    let hosts = ["microsoft_host", "microsoft_graph_host"];
    let moved = Moved::start(&settings, None, Some((&vendor, &hosts)));
    assert!(moved.said.contains("PANDADOC_CLIENT_ID"), "{}", moved.said);
    let world = moved.world().await;
    let token = signed_in(&world, &vendor, Person::default()).await;
    does_sums(&world, &token).await;
    let who = said(&world, &token, "getUserInfo", json!({})).await;
    assert!(
        who.contains("ada@example.com") && who.contains(".1001"),
        "{who}"
    );
}

/// What is written for whoever comes from Clerk's template, beside all tools for administrators.
const FOR_EVERYBODY: &str = "tools = [\"add\", \"calculate\", \"userInfo\", \"getUserInfo\"]";

#[expect(clippy::too_many_lines, reason = "a table of cases")]
#[tokio::test]
async fn clerk_with_a_tool_for_administrators() {
    let vendor = Vendor::start(Kind::Clerk);
    let settings = format!(
        "CLERK_SECRET_KEY=sk_test_0123456789abcdef\n{}",
        lines(
            &vendor,
            &[
                "CLERK_CLIENT_ID",
                "CLERK_CLIENT_SECRET",
                "CLERK_FRONTEND_API"
            ]
        )
    );
    let moved = {
        // One tool less for everybody, as generateImage was.
        let rules = "tools = [\"add\", \"userInfo\"]";
        Moved::start(&settings, Some(rules), Some((&vendor, &[])))
    };
    let world = moved.world().await;
    let admin = Person {
        public_metadata: json!({"role": "admin"}),
        ..Person::default()
    };
    let token = signed_in(&world, &vendor, admin).await;
    does_sums(&world, &token).await;
    let who: Value =
        serde_json::from_str(&said(&world, &token, "userInfo", json!({})).await).unwrap();
    let fields: Vec<_> = who
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let mut eight = [
        "userId",
        "sessionId",
        "email",
        "firstName",
        "lastName",
        "imageUrl",
        "role",
        "metadata",
    ];
    eight.sort_unstable();
    let mut found = fields.clone();
    found.sort_unstable();
    assert_eq!(found, eight);
    for (field, value) in [
        ("userId", json!("1001")),
        ("email", json!("ada@example.com")),
        ("firstName", json!("Ada")),
        ("lastName", json!("Lovelace")),
        ("role", json!("admin")),
        ("metadata", json!({"role": "admin"})),
    ] {
        assert_eq!(who[field], value, "{who}");
    }
    let everybody = signed_in(&world, &vendor, Person::default()).await;
    assert_eq!(listed(&world, &everybody).await, ["add", "userInfo"]);
    assert!(
        listed(&world, &token)
            .await
            .contains(&"calculate".to_owned())
    );
    let sum = json!({"operation": "add", "a": 1, "b": 1});
    let refused = tool(&world, &everybody, "calculate", sum).await;
    let unknown = tool(&world, &everybody, "no-such-tool", json!({})).await;
    assert_eq!(
        refused["error"]["code"], unknown["error"]["code"],
        "{refused}"
    );
    assert!(refused.get("result").is_none(), "{refused}");
}

#[tokio::test]
async fn descope_whose_management_key_is_no_secret_of_a_client() {
    let vendor = Vendor::start(Kind::DescopeFederated);
    let settings = format!(
        "DESCOPE_MANAGEMENT_KEY=K2nobodys-management-key-0123456789\n{}",
        lines(&vendor, &["DESCOPE_PROJECT_ID"])
    );
    let moved = Moved::start(&settings, None, Some((&vendor, &["descope_host"])));
    assert!(
        moved.said.contains("DESCOPE_MANAGEMENT_KEY"),
        "{}",
        moved.said
    );
    assert!(!moved.said.contains("K2nobodys"), "{}", moved.said);
    let world = moved.world().await;
    let token = signed_in(&world, &vendor, Person::default()).await;
    assert_eq!(
        said(&world, &token, "add", json!({"a": 23, "b": 19})).await,
        "42"
    );
    let who = said(&world, &token, "getUserInfo", json!({})).await;
    assert!(
        who.contains("Ada Lovelace") && who.contains("1001"),
        "{who}"
    );
    let shown = said(&world, &token, "getToken", json!({})).await;
    assert!(shown.starts_with("User's token: Bearer "), "{shown}");
    let (_, signature) = token.rsplit_once('.').unwrap();
    assert!(!shown.contains(signature) && shown.len() < 120, "{shown}");
}
