//! `cargo fuzz run authorize fuzz/corpus/authorize fuzz/seeds/authorize`
#![cfg_attr(fuzzing, no_main)]

fuzz::target!(authorize);
