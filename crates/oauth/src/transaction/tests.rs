use super::*;
use crate::client::{Client, ClientId, Credential, Service};
use crate::dev;
use crate::identity::Identities;
use crate::parameters::Parameters;
use jose::SealKeys;

/// What the browser may be asked to keep of one sign-in.
const LONGEST_COOKIE: usize = 1500;

fn client(name: &str, redirect: &str) -> Client {
    Client {
        id: ClientId::new("c".repeat(2000)),
        kind: ClientKind::Document {
            host: "h".repeat(LONGEST_HOST),
        },
        name: Some(name.to_owned()),
        redirect_uris: vec![RedirectUri::parse(redirect).unwrap()],
        methods: vec![],
        credential: Credential::None,
        grant_types: vec![crate::grant_type::GrantType::AuthorizationCode],
        service: Service::default(),
    }
}

fn asked(issuer: &str, more: &[(&str, &str)]) -> (AuthorizationRequest, Issuer) {
    let Ok(Identities::Public(server)) = Identities::read(Some(issuer), None) else {
        panic!("{issuer}")
    };
    let redirect = "https://client.example/callback";
    let resources = ["/mcp", "/sse"].map(|path| server.url(path));
    let usual = [
        ("response_type", "code"),
        ("code_challenge_method", "S256"),
        (
            "code_challenge",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ),
        ("scope", "mcp:tools profile offline_access"),
        ("resource", &resources[0]),
        ("resource", &resources[1]),
    ];
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(usual.iter().chain(more))
        .finish();
    let parameters = Parameters::parse(query.as_bytes()).unwrap();
    let client = client(&"\u{1}\"ä".repeat(100), redirect);
    let asked = crate::authorize::check(&parameters, Ok(client), &server);
    (asked.unwrap(), server.issuer().clone())
}

fn transaction(asked: &AuthorizationRequest, issuer: &Issuer, before: &Person) -> Transaction {
    let agreed = Agreed {
        request: asked,
        scopes: asked.scopes.clone(),
        before: Some(before),
    };
    let (id, provider) = (TransactionId::new([1; 16]), Source::parse(&"p".repeat(32)));
    let now = Timestamp::from_seconds(4_000_000_000);
    Transaction::consented(
        agreed,
        id,
        provider.unwrap(),
        issuer.clone(),
        ([2; 16], now),
    )
}

fn sealed(transaction: &Transaction) -> usize {
    let keys = SealKeys::parse(
        "tx",
        "0123456789abcdef:nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    );
    let keys = keys.unwrap();
    let sealed = keys
        .seal(transaction, [3; 24], &transaction.context())
        .unwrap();
    let opened = keys.open(&sealed, &transaction.context());
    assert_eq!(opened.as_ref(), Ok(transaction), "it comes back whole");
    sealed.len()
}

#[test]
fn the_longest_sign_in_still_fits_into_its_cookie() {
    let issuer = format!("https://{}.example", "i".repeat(60));
    let redirect = "https://client.example/callback";
    let room = 600 - issuer.len() - redirect.len();
    let (hint, plain) = ("\u{e4}".repeat(255), "s".repeat(room));
    let escaped = "\"".repeat(room / 2);
    for state in [&plain, &escaped] {
        let (asked, issuer) = asked(
            &issuer,
            &[
                ("state", state),
                ("prompt", "login consent select_account"),
                ("max_age", "4294967295"),
                ("login_hint", &hint),
            ],
        );
        let ada = dev::person("ada").unwrap();
        let transaction = transaction(&asked, &issuer, &ada);
        assert!(
            sealed(&transaction) > LONGEST_COOKIE,
            "the hint is what is too much"
        );
        let fits = sealed(&transaction.without_hint());
        assert!(fits <= LONGEST_COOKIE, "{fits}");
    }
}

#[test]
fn only_who_agreed_before_is_expected_and_whoever_agrees_is_not_asked_again() {
    let (asked, issuer) = asked("https://a.example", &[("login_hint", "x")]);
    let (ada, grace) = (dev::person("ada").unwrap(), dev::person("grace").unwrap());
    let transaction = transaction(&asked, &issuer, &ada);
    assert!(transaction.expects(&ada.subject) && !transaction.expects(&grace.subject));
    assert_eq!(transaction.login_hint.as_deref(), Some("x"));
    let resources = transaction.resources().unwrap();
    assert_eq!(resources, asked.resources);
    let kind = transaction.client_kind();
    assert_eq!(&kind, asked.client.kind());
    let agreed = transaction.agreed_by_whoever_came(Scopes::known("profile"));
    assert!(agreed.expects(&grace.subject));
    assert_eq!(agreed.scopes, Scopes::known("profile"));
}
