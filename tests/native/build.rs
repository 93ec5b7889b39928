//! Lists what these tests are made of, for the test of that.

fn main() {
    tailcone::build::modules();
}
