// Watches over the rule that no job of a simulation may leave its hosts.
//
// The Swift runtime asks a global hook before it hands a job to the shared thread pool, to a delayed queue or to the main executor. 
// The hooks here count such hand-overs on threads that are running a simulation, and drop the job; on every other thread they pass it on, so that the rest of the process works as usual.

#ifndef EXECUTOR_HOOKS_H
#define EXECUTOR_HOOKS_H

#include <stdint.h>

enum executor_escape {
  executor_escape_none = 0,
  executor_escape_global = 1,
  executor_escape_delayed = 2,
  executor_escape_main = 3,
};

/// Installs the hooks; later calls do nothing.
void executor_hooks_install(void);

/// Marks the calling thread as running (token is not 0) or no longer running (0) a simulation; forgets its escapes.
void executor_hooks_set_running(uint64_t token);

/// The token that the calling thread was marked with, 0 on a foreign thread.
uint64_t executor_hooks_running(void);

/// The first kind of escape seen on the calling thread since it was marked.
int executor_hooks_escape(void);

#endif
