//! `cargo fuzz run cookies fuzz/corpus/cookies fuzz/seeds/cookies`
#![cfg_attr(fuzzing, no_main)]

fuzz::target!(cookies);
