//! Link options of the command line.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Relocations in their packed form (glibc 2.36): a tenth of the size, all of which
    // is read, and stays in memory, at every start.
    println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
}
