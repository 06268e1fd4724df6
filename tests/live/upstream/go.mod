// What the standard library's test binaries are started with: a policy that confines nothing, so that every difference is jail's.
module example.com/witness

go 1.19
