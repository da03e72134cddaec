#include "executor_hooks.h"

#include <pthread.h>
#include <stdatomic.h>

// The runtime's variables are linked by name: looking them up at run time finds nothing in a static binary.
#define SWIFT_CC __attribute__((swiftcall))

typedef void job;
typedef SWIFT_CC void (*enqueue_original)(job *);
typedef SWIFT_CC void (*delay_original)(unsigned long long, job *);
typedef SWIFT_CC void (*deadline_original)(long long, long long, long long, long long, int, job *);

extern SWIFT_CC void (*swift_task_enqueueGlobal_hook)(job *, enqueue_original);
extern SWIFT_CC void (*swift_task_enqueueMainExecutor_hook)(job *, enqueue_original);
extern SWIFT_CC void (*swift_task_enqueueGlobalWithDelay_hook)(unsigned long long, job *, delay_original);
extern SWIFT_CC void (*swift_task_enqueueGlobalWithDeadline_hook)(
    long long, long long, long long, long long, int, job *, deadline_original);

// Two words, as the runtime passes a reference to a serial executor.
typedef struct {
  void *identity;
  uintptr_t implementation;
} executor_reference;
typedef SWIFT_CC executor_reference (*main_original)(void);
extern SWIFT_CC executor_reference (*swift_task_getMainExecutor_hook)(main_original);

static _Thread_local uint64_t running = 0;
static _Thread_local int escape = executor_escape_none;

static int refuse(int kind) {
  if (running == 0) return 0;
  if (escape == executor_escape_none) escape = kind;
  return 1;
}

static SWIFT_CC void on_global(job *j, enqueue_original original) {
  if (!refuse(executor_escape_global)) original(j);
}

static SWIFT_CC void on_main(job *j, enqueue_original original) {
  if (!refuse(executor_escape_main)) original(j);
}

static SWIFT_CC void on_delay(unsigned long long delay, job *j, delay_original original) {
  if (!refuse(executor_escape_delayed)) original(delay, j);
}

static SWIFT_CC void on_deadline(long long sec, long long nsec, long long tsec, long long tnsec, int clock,
                                 job *j, deadline_original original) {
  if (!refuse(executor_escape_delayed)) original(sec, nsec, tsec, tnsec, clock, j);
}

// A hop to the main actor asks for its executor first; the job itself then goes past all hooks.
static SWIFT_CC executor_reference on_get_main(main_original original) {
  refuse(executor_escape_main);
  return original();
}

static void install(void) {
  swift_task_getMainExecutor_hook = on_get_main;
  swift_task_enqueueGlobal_hook = on_global;
  swift_task_enqueueMainExecutor_hook = on_main;
  swift_task_enqueueGlobalWithDelay_hook = on_delay;
  swift_task_enqueueGlobalWithDeadline_hook = on_deadline;
}

void executor_hooks_install(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, install);
}

void executor_hooks_set_running(uint64_t token) {
  running = token;
  escape = executor_escape_none;
}

uint64_t executor_hooks_running(void) { return running; }

int executor_hooks_escape(void) { return escape; }
