//! `cargo fuzz run configuration fuzz/corpus/configuration fuzz/seeds/configuration`
#![cfg_attr(fuzzing, no_main)]

fuzz::target!(configuration);
