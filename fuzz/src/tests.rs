use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;

/// A small change of a seed.
#[derive(Clone, Debug)]
enum Edit {
    Flip(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<Index>;
    let telling =
        prop::sample::select(b"\0\t\n\r \"#%&'+,-./019:;=?@[\\]^_{|}~\x7f\xc3\xff".to_vec());
    let bytes = prop::collection::vec(prop_oneof![telling, any::<u8>()], 1..4);
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, by)| Edit::Flip(at, by)),
        (at(), bytes).prop_map(|(at, bytes)| Edit::Insert(at, bytes)),
        (at(), 1_usize..20).prop_map(|(at, length)| Edit::Remove(at, length)),
        (at(), 1_usize..40).prop_map(|(at, length)| Edit::Repeat(at, length)),
    ]
}

fn edited(seed: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for edit in edits {
        let (Edit::Flip(at, _) | Edit::Insert(at, _) | Edit::Remove(at, _) | Edit::Repeat(at, _)) =
            edit;
        let at = at.index(bytes.len() + 1);
        let end = |length: &usize| (at + length).min(bytes.len());
        match edit {
            Edit::Flip(_, by) => bytes
                .iter_mut()
                .skip(at)
                .take(1)
                .for_each(|byte| *byte ^= by),
            Edit::Insert(_, more) => drop(bytes.splice(at..at, more.iter().copied())),
            Edit::Remove(_, length) => drop(bytes.drain(at..end(length))),
            Edit::Repeat(_, length) => {
                let part = bytes[at..end(length)].to_vec();
                drop(bytes.splice(at..at, part));
            }
        }
    }
    bytes
}

/// Runs a law on the seeds of its target, and on what edits make of them.
fn holds(target: &str, law: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("seeds")
        .join(target);
    let paths = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let seeds: Vec<Vec<u8>> = paths.map(|path| std::fs::read(path).unwrap()).collect();
    assert!(!seeds.is_empty());
    for seed in &seeds {
        law(seed);
    }
    let defaults = ProptestConfig::default();
    let config = ProptestConfig {
        cases: defaults.cases * 4,
        failure_persistence: None,
        ..defaults
    };
    let edits = prop::collection::vec(edit(), 0..6);
    proptest!(config, |(seed in prop::sample::select(seeds), edits in edits)| {
        law(&edited(&seed, &edits));
    });
}

macro_rules! laws {
    ($($target:ident: $sentence:ident,)*) => {
        $(#[test]
        fn $sentence() {
            holds(stringify!($target), crate::$target);
        })*
    };
}

laws! {
    authorize: nobody_is_redirected_but_to_what_their_client_registered,
    client_document: a_document_speaks_of_itself_alone,
    configuration: a_refused_file_names_the_line_and_an_unknown_key_is_refused,
    consent: a_form_comes_back_as_it_was_shown_or_not_at_all,
    cookies: what_other_sites_set_opens_no_sign_in_and_hides_none,
    envelope: another_parser_reads_the_same_message,
    event_stream: a_stream_is_read_as_a_browser_does_however_it_is_torn,
    foreign: no_edit_of_what_others_sign_verifies,
    handle: no_edit_of_a_handle_verifies,
    headers: what_is_admitted_says_in_its_headers_what_its_body_says,
    jwt: no_edit_of_a_token_verifies,
    parameters: what_reads_prints_back_to_what_reads,
    provider: a_provider_sends_nobody_astray_and_speaks_for_its_own_people,
    redirect_uri: what_matches_was_registered,
    registration: registering_what_was_answered_is_answered_alike,
    request_state: a_state_is_taken_from_whom_it_was_given_to_and_for_that_call_alone,
    seal: no_edit_of_a_seal_opens,
    session: no_session_is_made_up,
}
