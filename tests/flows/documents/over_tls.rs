//! Documents as a real site serves them, to the component that may call any host.

use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use harness::HttpWeb;
use harness::client::{body, get};
use harness::host::{Host, Options};
use harness::product;
use harness::publisher::{Page, Publisher};
use tempfile::TempDir;

use super::{document, refusal, signs_in, world};

/// A site, and a host that trusts its certificate and lists it.
struct Listed {
    publisher: Publisher,
    host: Host,
    _folder: TempDir,
}

static LISTED: LazyLock<Listed> = LazyLock::new(|| Listed::start(""));

/// What is beside the manifest.
const RUNTIME_CONFIG: &str = include_str!("../../../runtime-config.toml");

impl Listed {
    fn start(runtime_config: &str) -> Self {
        let publisher = Publisher::start();
        let folder = TempDir::new().unwrap();
        let certificate = folder.path().join("roots.pem");
        std::fs::write(&certificate, publisher.certificate()).unwrap();
        let trust = format!(
            "{runtime_config}\n[[client_tls]]\ncomponent_ids = [\"client-documents\"]\n\
             hosts = [\"localhost\"]\nca_roots_file = {certificate:?}\n"
        );
        let options = product::options_of(manifest(folder.path(), &publisher))
            .runtime_config(trust)
            .variable("client_document_hosts", publisher.authority());
        let host = super::super::start(&options);
        Self {
            publisher,
            host,
            _folder: folder,
        }
    }

    fn web(&self) -> HttpWeb {
        super::super::web(&self.host)
    }

    /// Publishes a page, and says where.
    fn publish(&self, path: &str, page: Page) -> String {
        self.publisher.publish(path, page);
        self.publisher.url(path)
    }

    /// Asks for the consent page of the client at `url`, in vain.
    async fn refused(&self, url: &str) -> (u16, String) {
        refusal(&world(self.web(), url).await.ask().await)
    }
}

/// The product, with one more port for the fetcher: a test's site has no other than a free one.
fn manifest(folder: &Path, publisher: &Publisher) -> std::path::PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = include_str!("../../../spin.toml")
        .replace(
            "[\"https://*\"]",
            &format!("[\"https://*\", \"https://{}\"]", publisher.authority()),
        )
        .replace("\"target/", &format!("\"{}/target/", root.display()));
    std::fs::copy(root.join("postern.toml"), folder.join("postern.toml")).unwrap();
    let path = folder.join("spin.toml");
    std::fs::write(&path, text).unwrap();
    path
}

#[tokio::test]
async fn a_client_of_a_document_signs_in_and_is_fetched_once() {
    let url = LISTED.publisher.url("/good.json");
    LISTED.publish("/good.json", Page::json(&document(&url)));
    let world = world(LISTED.web(), &url).await;
    let consent = world.ask().await;
    for told in [
        "<bdi>Documented</bdi> wants to connect".to_owned(),
        format!(
            "<strong>Verified</strong>: it is published by <code>{}</code>",
            LISTED.publisher.authority()
        ),
        "Any program on this computer can claim to be it".to_owned(),
        "<code>127.0.0.1</code>".to_owned(),
    ] {
        assert!(consent.page.contains(&told), "{told}: {}", consent.page);
    }
    signs_in(&world).await;
    // Asked for by the page, the answer to it, the code and the refresh: twice over.
    assert_eq!(LISTED.publisher.asked("/good.json"), 1);
}

#[tokio::test]
async fn what_a_site_answers_must_be_the_document_itself() {
    let url = |path: &str| LISTED.publisher.url(path);
    let good = |path: &str| Page::json(&document(&url(path)));
    let moved = Page {
        status: 302,
        ..good("/moved").header("location", url("/good-elsewhere"))
    };
    LISTED.publish("/good-elsewhere", good("/good-elsewhere"));
    let large = Page {
        body: format!("{}{}", document(&url("/large")), " ".repeat(6 * 1024)),
        ..good("/large")
    };
    let html = Page {
        headers: vec![("content-type", "text/html".to_owned())],
        ..good("/html")
    };
    let binary = Page {
        headers: vec![("content-type", "application/octet-stream".to_owned())],
        ..good("/binary")
    };
    let error = Page {
        status: 500,
        ..good("/error")
    };
    for (path, page, status, sentence) in [
        ("/moved", moved, 400, "answers with status 302"),
        ("/large", large, 400, "larger than this server reads"),
        ("/html", html, 400, "content type is not application/json"),
        (
            "/binary",
            binary,
            400,
            "content type is not application/json",
        ),
        ("/error", error, 503, "answers with status 500"),
        (
            "/another",
            good("/other"),
            400,
            "`client_id` must be the very URL",
        ),
    ] {
        let url = LISTED.publish(path, page);
        let (answered, text) = LISTED.refused(&url).await;
        assert_eq!(answered, status, "{path}: {text}");
        assert!(text.contains(sentence), "{path}: {text}");
        // What is no document is not kept: it is asked for again.
        LISTED.refused(&url).await;
        assert_eq!(LISTED.publisher.asked(path), 2, "{path}");
    }
    assert_eq!(LISTED.publisher.asked("/good-elsewhere"), 0);
    let (status, text) = LISTED.refused(&url("/nowhere")).await;
    assert!(status == 400 && text.contains("status 404"), "{text}");
}

/// Each byte comes in time, and all of them would take minutes.
#[tokio::test]
async fn a_site_that_takes_its_time_is_not_waited_for() {
    let url = LISTED.publisher.url("/slow");
    let slow = Page {
        drips: Some(Duration::from_millis(500)),
        ..Page::json(&document(&url))
    };
    LISTED.publish("/slow", slow);
    #[expect(
        clippy::disallowed_methods,
        reason = "how long it takes is what is shown"
    )]
    let began = Instant::now();
    let (status, text) = LISTED.refused(&url).await;
    assert!(status == 503 && text.contains("takes too long"), "{text}");
    let took = began.elapsed();
    assert!(took > Duration::from_secs(4), "{took:?}");
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[tokio::test]
async fn only_listed_hosts_are_asked_without_a_guard_and_that_is_not_advertised() {
    let web = LISTED.web();
    let metadata = body(&get(&web, "/.well-known/oauth-authorization-server").await);
    assert_eq!(metadata["client_id_metadata_document_supported"], false);
    for (url, sentence) in [
        (
            "https://app.example.com/c",
            "does not accept documents from",
        ),
        (
            "https://token.spin.internal/c",
            "not on the public internet",
        ),
        ("https://127.0.0.1/c", "by a name, not by an address"),
        (
            "https://[::ffff:127.0.0.1]/c",
            "by a name, not by an address",
        ),
        ("https://localhost/c", "with a domain"),
    ] {
        let (status, text) = LISTED.refused(url).await;
        assert!(status == 400 && text.contains(sentence), "{url}: {text}");
    }
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_refused_where_the_guard_is_on() {
    let guarded = Listed::start(RUNTIME_CONFIG);
    let metadata = body(&get(&guarded.web(), "/.well-known/oauth-authorization-server").await);
    assert_eq!(metadata["client_id_metadata_document_supported"], true);
    let url = guarded.publisher.url("/good.json");
    guarded.publish("/good.json", Page::json(&document(&url)));
    // The operator listed the name; the address that it leads to is another matter.
    let (status, text) = guarded.refused(&url).await;
    assert!(
        status == 400 && text.contains("does not connect to"),
        "{text}"
    );
    assert_eq!(guarded.publisher.asked("/good.json"), 0);
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_no_site() {
    let publisher = Publisher::start();
    let folder = TempDir::new().unwrap();
    let options = product::options_of(manifest(folder.path(), &publisher))
        .variable("client_document_hosts", publisher.authority());
    let host: Host = super::super::start(&Options::runtime_config(options, ""));
    let url = publisher.url("/good.json");
    publisher.publish("/good.json", Page::json(&document(&url)));
    let (status, text) = refusal(&world(super::super::web(&host), &url).await.ask().await);
    assert!(
        status == 503 && text.contains("cannot be reached over https"),
        "{text}"
    );
    assert_eq!(publisher.asked("/good.json"), 0);
}
