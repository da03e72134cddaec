import Foundation

/// How much processor time a piece of work takes on its thread: unlike the time on the wall it does not depend on what else the machine does.
func processorTime(_ work: () throws -> Void) rethrows -> Duration {
  func now() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
  }
  let begin = now()
  try work()
  return now() - begin
}
