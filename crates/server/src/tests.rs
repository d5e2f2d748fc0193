mod door;
mod headers;
mod listening;
mod rounds;
mod schemas;
mod streams;
mod world;
