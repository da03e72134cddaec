// Counts references without atomic operations for as long as the process has one thread.
//
// `scripts/build-release` lets the linker put these in the place of the runtime's own functions (docs/decisions/0034).

#ifndef REFERENCE_COUNTS_H
#define REFERENCE_COUNTS_H

#include <stdbool.h>

/// Does what `swift_retain` does. Without atomic operations if `single_threaded`: then no other thread may exist.
void *reference_counts_retain(void *reference, bool single_threaded);

/// Does what `swift_release` does. Without atomic operations if `single_threaded`: then no other thread may exist.
void reference_counts_release(void *reference, bool single_threaded);

#endif
