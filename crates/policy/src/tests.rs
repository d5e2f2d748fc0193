//! The decision against a table of examples, and against its words read literally.

use proptest::prelude::*;

use super::*;

fn rule(roles: Option<&[&str]>, tools: &[&str]) -> Rule {
    let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let text = RuleText {
        roles: roles.map(own),
        tools: own(tools),
    };
    text.try_into().unwrap()
}

#[test]
fn the_first_allow_rule_closes_everything_else_and_forbid_wins() {
    let admin: Option<&[&str]> = Some(&["admin"]);
    let open = Policy::default();
    let closed = Policy::new(
        vec![rule(None, &["add", "get*"]), rule(admin, &["*"])],
        vec![rule(Some(&["intern"]), &["get_secret"])],
    );
    let forbidding = Policy::new(vec![], vec![rule(admin, &["add"])]);
    for (policy, roles, tool, expected) in [
        (&open, vec![], "anything", Decision::Allowed),
        (&closed, vec![], "add", Decision::Allowed),
        (&closed, vec![], "get_secret", Decision::Allowed),
        (&closed, vec![], "image", Decision::NotAllowed),
        (&closed, vec!["admin"], "image", Decision::Allowed),
        (&closed, vec!["intern"], "get_secret", Decision::Forbidden),
        (
            &closed,
            vec!["admin", "intern"],
            "get_secret",
            Decision::Forbidden,
        ),
        (&closed, vec!["Admin"], "image", Decision::NotAllowed),
        (&forbidding, vec![], "add", Decision::Allowed),
        (&forbidding, vec!["admin"], "add", Decision::Forbidden),
        (&forbidding, vec!["admin"], "other", Decision::Allowed),
    ] {
        let roles: Vec<String> = roles.into_iter().map(str::to_owned).collect();
        let decision = policy.decide(Caller { roles: &roles }, tool);
        assert_eq!(decision, expected, "{roles:?} {tool}");
    }
}

#[test]
fn a_rule_with_an_empty_list_is_refused() {
    let refused = |roles: Option<Vec<String>>, tools: Vec<String>| {
        Rule::try_from(RuleText { roles, tools }).unwrap_err()
    };
    let star = || vec!["*".to_owned()];
    assert_eq!(refused(Some(vec![]), star()), RuleRefused::NoRoles);
    assert_eq!(refused(None, vec![]), RuleRefused::NoTools);
    assert!(matches!(
        refused(None, vec!["[".to_owned()]),
        RuleRefused::Pattern(_)
    ));
}

const ROLES: [&str; 3] = ["admin", "premium", "intern"];
const TOOLS: [&str; 5] = ["add", "calculate", "files_read", "files_delete", "userInfo"];

fn some_roles() -> impl Strategy<Value = Vec<String>> {
    proptest::sample::subsequence(ROLES.map(str::to_owned).to_vec(), 0..=3)
}

fn some_rule() -> impl Strategy<Value = (Option<Vec<String>>, Vec<String>)> {
    let patterns = ["add", "*", "files_*", "*e", "cal?ulate", "nothing"].map(str::to_owned);
    let roles = proptest::sample::subsequence(ROLES.map(str::to_owned).to_vec(), 1..=3);
    let tools = proptest::sample::subsequence(patterns.to_vec(), 1..=3);
    (proptest::option::of(roles), tools)
}

/// `*` and `?` by definition, without a library.
fn literally(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), None) => literally(rest, name),
        (Some((b'*', rest)), Some((_, tail))) => literally(rest, name) || literally(pattern, tail),
        (Some((b'?', rest)), Some((_, tail))) => literally(rest, tail),
        (Some((left, rest)), Some((right, tail))) => left == right && literally(rest, tail),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

proptest! {
    #[test]
    fn a_tool_is_listed_exactly_where_a_call_to_it_may_be_allowed(
        allow in proptest::collection::vec(some_rule(), 0..3),
        forbid in proptest::collection::vec(some_rule(), 0..3),
        roles in some_roles(),
    ) {
        let read = |rules: &[(Option<Vec<String>>, Vec<String>)]| -> Vec<Rule> {
            rules
                .iter()
                .map(|(roles, tools)| {
                    let text = RuleText { roles: roles.clone(), tools: tools.clone() };
                    Rule::try_from(text).unwrap()
                })
                .collect()
        };
        let policy = Policy::new(read(&allow), read(&forbid));
        let speaks = |(wanted, tools): &(Option<Vec<String>>, Vec<String>), tool: &str| {
            let person = wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|role| roles.contains(role)));
            person && tools.iter().any(|pattern| literally(pattern.as_bytes(), tool.as_bytes()))
        };
        for tool in TOOLS {
            let caller = Caller { roles: &roles };
            let expected = !forbid.iter().any(|rule| speaks(rule, tool))
                && (allow.is_empty() || allow.iter().any(|rule| speaks(rule, tool)));
            prop_assert_eq!(policy.lists(caller, tool), expected, "{}", tool);
            prop_assert_eq!(policy.decide(caller, tool) == Decision::Allowed, expected, "{}", tool);
        }
    }
}
