//! Lets the recorder give the stack back that panics take with them.

fn main() {
    tailcone::build::stack_pointer();
}
