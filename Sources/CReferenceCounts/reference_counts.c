#include "reference_counts.h"

#include <stdint.h>

#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#define PROCESS_IS_SINGLE_THREADED (__libc_single_threaded != 0)
#else
#define PROCESS_IS_SINGLE_THREADED false
#endif

// The head of every Swift object, as `RefCount.h` of the Swift runtime describes it for 64 bits. The sign of the counts
// says that they need more care (a side table, an object that lives for ever); from bit 33 on stand the strong
// references beyond the first. An addition that ends below zero is therefore one that the runtime has to do.
typedef struct {
  const void *metadata;
  int64_t counts;
} object;

static const uint64_t one_strong_reference = UINT64_C(1) << 33;
// A reference of a bridged type has more in its other bits; one below zero refers to nothing that is counted.
static const uintptr_t address_bits = (uintptr_t)0x00fffffffffffff8;

// The runtime's own, atomic functions: variables of it, because their names are what is replaced here.
extern void *(*_swift_retain)(void *);
extern void (*_swift_release)(void *);

static inline bool adds(object *object, uint64_t references) {
  int64_t counts = (int64_t)((uint64_t)object->counts + references);
  if (__builtin_expect(counts < 0, 0)) return false;
  object->counts = counts;
  return true;
}

static inline void *retain(void *reference, bool single_threaded) {
  if ((intptr_t)reference <= 0) return reference;
  object *counted = (object *)((uintptr_t)reference & address_bits);
  if (!single_threaded || !adds(counted, one_strong_reference)) _swift_retain(counted);
  return reference;
}

static inline void release(void *reference, bool single_threaded) {
  if ((intptr_t)reference <= 0) return;
  if (!single_threaded || !adds(reference, -one_strong_reference)) _swift_release(reference);
}

void *reference_counts_retain(void *reference, bool single_threaded) { return retain(reference, single_threaded); }

void reference_counts_release(void *reference, bool single_threaded) { release(reference, single_threaded); }

// The names by which the linker's option `--wrap` knows the replacements.
void *__wrap_swift_retain(void *reference) { return retain(reference, PROCESS_IS_SINGLE_THREADED); }

void __wrap_swift_release(void *reference) { release(reference, PROCESS_IS_SINGLE_THREADED); }
