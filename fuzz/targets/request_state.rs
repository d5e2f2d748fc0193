//! `cargo fuzz run request_state fuzz/corpus/request_state fuzz/seeds/request_state`
#![cfg_attr(fuzzing, no_main)]

fuzz::target!(request_state);
