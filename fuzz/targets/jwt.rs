//! `cargo fuzz run jwt fuzz/corpus/jwt fuzz/seeds/jwt`
#![cfg_attr(fuzzing, no_main)]

fuzz::target!(jwt);
