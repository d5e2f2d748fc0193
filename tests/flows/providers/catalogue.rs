//! No provider of the catalogue is without a sign-in that shows it.

use std::collections::BTreeSet;

use vendors::Kind;

use super::stage::{self, Vendors, by_way_of};
use super::{EXPECTED, ada, who};

/// Both kinds of Descope application share a variable that turns this one off, so it cannot be
/// staged beside the others.
const ALONE: &str = "descope-federated";

#[test]
fn every_provider_of_the_catalogue_is_signed_in_with() {
    let shown = EXPECTED.iter().map(|(id, ..)| *id).chain([ALONE]);
    let shown: BTreeSet<_> = shown.collect();
    let known: BTreeSet<_> = providers::CATALOGUE.iter().map(|one| one.id).collect();
    let odd: Vec<_> = known.symmetric_difference(&shown).collect();
    assert!(
        odd.is_empty(),
        "A line of EXPECTED says who the fakes' Ada is at {odd:?}"
    );
}

#[tokio::test]
async fn a_person_signs_in_with_a_federated_descope_application() {
    let vendors = Vendors::of([Kind::DescopeFederated]);
    let (world, vendors) = stage::in_memory(vendors, "", &[]).await;
    let vendor = vendors.at(ALONE);
    vendor.person(ada(ALONE));
    let back = by_way_of(&world, vendor, ALONE).await;
    assert!(back.parameter("iss").is_some(), "{back:?}");
    let who = who(&world, &back).await;
    assert_eq!(who["sub"], "descope-federated:1001", "{who}");
    assert_eq!(who["roles"], serde_json::json!(["editor", "read"]), "{who}");
}
