//! A server that asks nobody who they are, because its operator wrote so.

use std::sync::LazyLock;

use harness::host::Host;
use harness::{HttpWeb, MemoryWeb, Web, product};
use serde_json::json;
use tempfile::TempDir;

use super::bearer;
use super::guarded::{Guarded, assert_is};
use super::makers::{ENV_KEY, SECRET, claims, maced};

crate::flows::everywhere!(on_an_open_host or in_an_open_memory:
    who_shows_nothing_is_nobody_in_particular,
    what_is_shown_is_verified_all_the_same,
);

const WRITTEN: &str = "authentication = \"none\"\n[[server]]\nname = \"toolbox\"\ntoolset = true\n\
     [[allow]]\ntools = [\"add\", \"userInfo\"]\n[[allow]]\nroles = [\"guest\"]\n\
     tools = [\"calculate\"]\n[anonymous]\nroles = [\"guest\"]\n";

fn variables() -> [(&'static str, &'static str); 2] {
    [("api_keys", ENV_KEY), ("jwt_secret", SECRET)]
}

static OPEN: LazyLock<(Host, TempDir)> = LazyLock::new(|| {
    let folder = TempDir::new().unwrap();
    let manifest = super::guarded::manifest_of(folder.path(), WRITTEN, None);
    let options = product::options_of(manifest);
    let set = |options: harness::host::Options, (name, value)| options.variable(name, value);
    let options = variables().into_iter().fold(options, set);
    (super::super::start(&options), folder)
});

pub(crate) async fn on_an_open_host() -> Guarded<HttpWeb> {
    Guarded {
        web: super::super::web(&OPEN.0),
        site: String::new(),
    }
}

pub(crate) async fn in_an_open_memory() -> Guarded<MemoryWeb> {
    Guarded {
        web: MemoryWeb::operated(&variables(), WRITTEN).await,
        site: String::new(),
    }
}

async fn who_shows_nothing_is_nobody_in_particular(world: Guarded<impl Web>) {
    assert_is(&world.who(&[]).await, "anonymous:anonymous");
    assert_eq!(world.tools(&[]).await, ["add", "calculate", "userInfo"]);
    let pretending = [("x-user-id", "ada"), ("cookie", "CF_Authorization=j")];
    assert_is(&world.who(&pretending).await, "anonymous:anonymous");
}

async fn what_is_shown_is_verified_all_the_same(world: Guarded<impl Web>) {
    let good = bearer(&maced(
        SECRET.as_bytes(),
        &claims(&world.web, "", &json!({})),
    ));
    let said = world.who(&[("authorization", &good)]).await;
    assert_is(&said, "jwt:alice");
    // Who is somebody is not nobody: the roles of guests are not theirs.
    assert_eq!(
        world.tools(&[("authorization", &good)]).await,
        ["add", "userInfo"]
    );
    for line in [
        ("x-api-key", "another-key-altogether"),
        ("x-api-key", ""),
        ("authorization", "Bearer x"),
        ("authorization", "Bearer "),
        ("authorization", ENV_KEY),
        ("authorization", "Basic dTpw"),
    ] {
        let answer = world.send(&[line], "tools/list", json!({})).await;
        assert_eq!(answer.status(), 401, "{line:?}");
    }
}
