//! What a person sees who asks `postern` for help, or for something it cannot do.
//! It never serves: the end-to-end tests do that.
#![expect(clippy::unwrap_used, reason = "a step that fails here fails its test")]

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const MANIFEST: &str = r#"
spin_manifest_version = 2
[application]
name = "t"
[variables]
dev_key = { default = "" }
[[trigger.http]]
route = "/..."
component = "home"
[component.home]
source = "target/wasm32-wasip2/release/home.wasm"
"#;

/// A folder with a manifest whose one component does not compile.
fn application() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let package = "[package]\nname = 'home'\nedition = '2024'\n[lib]\ncrate-type = ['cdylib']\n";
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("spin.toml"), MANIFEST).unwrap();
    fs::write(folder.path().join("Cargo.toml"), package).unwrap();
    fs::write(folder.path().join("src/lib.rs"), "fn unfinished( {").unwrap();
    folder
}

fn postern(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_postern"))
        .args(arguments)
        .current_dir(folder)
        .env("RUST_BACKTRACE", "1")
        .env_remove("SPIN_VARIABLE_DEV_KEY")
        .env_remove("SPIN_VARIABLE_PUBLIC_URL")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// Asserts the exit code, and that stderr names each of `parts` and shows no backtrace.
fn assert_refused(folder: &Path, arguments: &[&str], code: i32, parts: &[&str]) {
    let output = postern(folder, arguments);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
    for part in parts {
        assert!(
            stderr.contains(part),
            "{arguments:?} does not say `{part}`: {stderr}"
        );
    }
    assert!(!stderr.contains("backtrace"), "{arguments:?}: {stderr}");
}

#[test]
fn every_command_explains_itself_with_an_example() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&[&str], &[&str]); 10] = [
        (&["--help"], &["Examples:", "postern init --dev", "3000"]),
        (
            &["up", "--help"],
            &["Examples:", ".postern/dev.env", "--listen", "--skip-build"],
        ),
        (&["init", "--help"], &["Examples:", ".env", "--force"]),
        (&["keys", "--help"], &["Examples:", "rotate", "distrust"]),
        (&["keys", "show", "--help"], &["Example:", "--env-file"]),
        (
            &["keys", "rotate", "--help"],
            &[
                "Examples:",
                "1. `add`",
                "Wait",
                "access_token_seconds",
                "180 days",
            ],
        ),
        (
            &["keys", "rotate", "add", "--help"],
            &["Example:", "--purpose"],
        ),
        (
            &["keys", "rotate", "promote", "--help"],
            &["Example:", "`add`"],
        ),
        (
            &["keys", "rotate", "retire", "--help"],
            &["Examples:", "--now"],
        ),
        (
            &["keys", "distrust", "--help"],
            &["Example:", "KID", "restart"],
        ),
    ];
    for (arguments, parts) in cases {
        let output = postern(folder.path(), arguments);
        let help = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success());
        for part in parts {
            assert!(
                help.contains(part),
                "{arguments:?} does not say `{part}`:\n{help}"
            );
        }
    }
    let version = postern(folder.path(), &["--version"]).stdout;
    assert_eq!(
        String::from_utf8(version).unwrap(),
        concat!("postern ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn a_wrong_command_line_is_a_usage_error() {
    let folder = application();
    let cases: [(&[&str], &str); 9] = [
        (&["--lisen", "127.0.0.1:1"], "--listen"),
        (&["upp"], "up"),
        (&["--listen", "3000"], "127.0.0.1:3000"),
        (&["--listen", "127.0.0.1:65536"], "ADDRESS:PORT"),
        (&["up", "--variable", "public_url"], "KEY=VALUE"),
        (&["up", "--variable", "Public=1"], "`Public`"),
        (&["keys", "rotate", "add", "--purpose", "cod"], "person/dev"),
        (&["keys", "rotate"], "promote"),
        (&["init", "--dev", "--from", "x"], "--from"),
    ];
    for (arguments, part) in cases {
        assert_refused(folder.path(), arguments, 2, &[part]);
    }
}

#[test]
fn outside_a_project_every_command_says_how_to_name_one() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["up"][..],
        &[],
        &["init", "--dev"],
        &["init", "--from", "-"],
        &["keys", "rotate", "add"],
    ] {
        assert_refused(folder.path(), arguments, 1, &["spin.toml", "--manifest"]);
    }
    for flag in ["--manifest", "--from", "-f"] {
        assert_refused(folder.path(), &[flag, "other.toml"], 1, &["other.toml"]);
    }
}

#[test]
fn a_state_folder_that_cannot_be_written_is_named() {
    let folder = application();
    let arguments = ["--state-dir", "spin.toml/state"];
    assert_refused(
        folder.path(),
        &arguments,
        1,
        &["spin.toml/state", "--state-dir DIR"],
    );
}

#[test]
fn a_taken_port_that_was_asked_for_is_final_and_another_is_suggested() {
    let folder = application();
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = holder.local_addr().unwrap();
    let port = format!("port {}", address.port());
    let parts = [port.as_str(), "--listen 127.0.0.1:"];
    assert_refused(
        folder.path(),
        &["--listen", &address.to_string()],
        1,
        &parts,
    );
}

#[test]
fn development_sign_in_is_not_offered_to_other_machines() {
    let folder = application();
    let parts = ["0.0.0.0:0", "anyone can be anyone", "public_url"];
    assert_refused(folder.path(), &["--listen", "0.0.0.0:0"], 1, &parts);
    assert!(!folder.path().join(".postern/dev.env").exists());
}

/// A manifest with two providers, whose component sees postern.toml.
fn with_providers() -> TempDir {
    let folder = application();
    let variables = "github_client_id = { default = \"\" }\n\
                     github_client_secret = { default = \"\", secret = true }\n\
                     google_client_id = { default = \"\" }\n\
                     google_client_secret = { default = \"\", secret = true }\n\
                     hosted_domain = { default = \"\" }\n";
    let files = "files = [{ source = \"postern.toml\", destination = \"/postern.toml\" }]\n";
    let manifest = MANIFEST.replace("[variables]\n", &format!("[variables]\n{variables}"));
    fs::write(folder.path().join("spin.toml"), manifest + files).unwrap();
    folder
}

#[test]
fn a_provider_that_is_open_to_the_world_does_not_start_and_says_why() {
    let folder = with_providers();
    let server = "[[server]]\nname = \"toolbox\"\ntoolset = true\n";
    let configuration = folder.path().join("postern.toml");
    fs::write(&configuration, server).unwrap();
    let env = "SPIN_VARIABLE_GOOGLE_CLIENT_ID=from-the-file\n\
               SPIN_VARIABLE_GOOGLE_CLIENT_SECRET=hunter2\n";
    fs::write(folder.path().join(".env"), env).unwrap();
    let github = ["--variable", "github_client_id=from-the-command"];
    let arguments = [&["--listen", "127.0.0.1:0"][..], &github].concat();
    let output = postern(folder.path(), &arguments);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    let lines: Vec<_> = stderr
        .lines()
        .skip_while(|line| !line.starts_with("postern:"))
        .collect();
    let expected = [
        "postern: 3 things are in the way:",
        "the variable `github_client_secret` is not set, and `github_client_id` is",
        "anybody can have an account at the provider `google`: say in postern.toml who may sign in",
        "several identity providers are on (github, google): say in postern.toml which of them",
    ];
    assert_eq!(lines.len(), expected.len(), "{stderr}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{stderr}");
    }
    // Nothing was built, and no value is repeated.
    for silent in ["unclosed delimiter", "hunter2", "from-the"] {
        assert!(!stderr.contains(silent), "{silent}: {stderr}");
    }

    // With a rule, what is left is that the code does not compile.
    let rule = "[provider.google]\nallow = { domains = [\"example.com\"] }\n";
    fs::write(&configuration, format!("{rule}{server}")).unwrap();
    assert_refused(
        folder.path(),
        &["--listen", "127.0.0.1:0"],
        1,
        &["unclosed delimiter"],
    );
}

#[test]
fn a_slip_of_the_pen_in_postern_toml_is_told_with_its_line() {
    let folder = with_providers();
    let text = "[[server]]\nname = \"toolbox\"\ntoolset = true\n\n[provider.gogle]\n";
    fs::write(folder.path().join("postern.toml"), text).unwrap();
    let arguments = ["--listen", "127.0.0.1:0"];
    let parts = ["postern: postern.toml line 5: unknown provider `gogle`: did you mean `google`?"];
    assert_refused(folder.path(), &arguments, 1, &parts);
    fs::remove_file(folder.path().join("postern.toml")).unwrap();
    assert_refused(
        folder.path(),
        &arguments,
        1,
        &["cannot read", "postern.toml"],
    );
}

#[test]
fn code_that_does_not_compile_shows_the_compilers_words_and_the_way_on() {
    let folder = application();
    let parts = ["unclosed delimiter", "src/lib.rs:1", "--skip-build"];
    assert_refused(folder.path(), &["--listen", "127.0.0.1:0"], 1, &parts);
}

#[test]
fn skipping_the_build_needs_a_build_to_serve() {
    let folder = application();
    let arguments = ["--skip-build", "--listen", "127.0.0.1:0"];
    assert_refused(
        folder.path(),
        &arguments,
        1,
        &["home.wasm", "without --skip-build"],
    );
}

#[test]
fn init_writes_keys_that_only_the_owner_can_read_and_prints_none() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = application();
    assert_refused(folder.path(), &["init"], 1, &["postern init --dev"]);
    let output = postern(folder.path(), &["init", "--dev"]);
    assert!(output.status.success());
    let env = folder.path().join(".env");
    assert_eq!(
        fs::metadata(&env).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8(printed).unwrap();
    let text = fs::read_to_string(&env).unwrap();
    let values: Vec<&str> = text
        .lines()
        .filter_map(|line| Some(line.split_once('=')?.1))
        .collect();
    assert!(
        values.len() > 9 && values.iter().all(|value| !printed.contains(value)),
        "{printed}"
    );
    assert_refused(folder.path(), &["init", "--dev"], 1, &[".env", "--force"]);
    assert_eq!(fs::read_to_string(&env).unwrap(), text);
}

#[test]
fn init_takes_settings_from_standard_input_and_prints_no_value_of_them() {
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;

    let folder = application();
    let settings = "export CLERK_CLIENT_ID='client-of-clerk'\r\nCLERK_CLIENT_SECRET=\"secret$of\"\r\n\
        COOKIE_ENCRYPTION_KEY=0123456789abcdef0123456789abcdef\r\nCLERK_SECRET_KEY=sk_test_123456\r\n";
    let mut command = Command::new(env!("CARGO_BIN_EXE_postern"))
        .args(["init", "--from", "-", "--url", "https://mcp.example.com"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = command.stdin.take().unwrap();
    stdin.write_all(settings.as_bytes()).unwrap();
    drop(stdin);
    let output = command.wait_with_output().unwrap();
    assert!(output.status.success());
    let printed = String::from_utf8(output.stdout).unwrap();
    for value in [
        "client-of-clerk",
        "secret$of",
        "0123456789abcdef",
        "sk_test",
    ] {
        assert!(!printed.contains(value), "{printed}");
    }
    for part in [
        "CLERK_SECRET_KEY",
        "is not needed",
        "https://mcp.example.com/callback",
    ] {
        assert!(printed.contains(part), "{printed}");
    }
    let mode = |name: &str| {
        let file = fs::metadata(folder.path().join(name)).unwrap();
        file.permissions().mode() & 0o777
    };
    assert_eq!((mode(".env"), mode("postern.toml")), (0o600, 0o644));
    let env = fs::read_to_string(folder.path().join(".env")).unwrap();
    assert!(
        env.contains("\nSPIN_VARIABLE_CLERK_CLIENT_SECRET='secret$of'\n"),
        "{env}"
    );
    assert!(env.contains("\nSPIN_VARIABLE_PUBLIC_URL=https://mcp.example.com\n"));
    assert!(!env.contains("DEV_KEY"), "{env}");
}
