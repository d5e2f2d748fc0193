//! `cargo fuzz run headers fuzz/corpus/headers fuzz/seeds/headers`
#![cfg_attr(fuzzing, no_main)]

fuzz::target!(headers);
