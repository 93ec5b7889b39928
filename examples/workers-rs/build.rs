//! Lists what the application is made of, for its events.

fn main() {
    tailcone::build::modules();
}
