//! `cargo fuzz run event_stream fuzz/corpus/event_stream fuzz/seeds/event_stream`
#![cfg_attr(fuzzing, no_main)]

fuzz::target!(event_stream);
