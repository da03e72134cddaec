@testable import Scenarios

/// A small cluster in which every kind of fault happens within a few seconds.
let chaos = smallCluster(
  seconds: 8,
  """
  faults:
    - {at: 1s, for: 6s, kind: loss, probability: 5%}
    - {at: 1s, for: 6s, kind: duplicate, probability: 5%, mean: 20ms}
    - {at: 1s, for: 6s, kind: delay, probability: 10%, mean: 100ms}
    - {at: 1s, for: 6s, kind: objectStoreErrors, before: 10%, after: 10%}
    - {at: 1s, for: 6s, kind: objectStoreThrottle, probability: 10%}
    - {at: 1s, for: 6s, kind: objectStoreLate, probability: 5%}
    - {at: 2s, for: 1s, kind: objectStoreOutage}
    - {at: 1s, for: 6s, kind: objectStoreSlowTail, probability: 10%}
    - {at: 2s, for: 3s, kind: objectStoreSlowPrefix, prefix: data/1/0/, factor: 4, errors: 20%}
    - {every: 4s, for: 1s..2s, kind: objectStoreExpiredCredentials, host: agents}
    - {at: 4s, for: 2s, kind: objectStoreRate, left: 0.1%}
    - {at: 3s, for: 2s, kind: objectStoreSlow, factor: 5}
    - {every: 3s, for: 1s..3s, kind: crash, host: agents}
    - {every: 3s, for: 500ms..2s, kind: pause, host: clients}
    - {every: 4s, for: 1s..2s, kind: partition, from: [agents], to: [metadata]}
    - {every: 4s, for: 1s..2s, kind: clockDrift, host: agents, partsPerMillion: 5000}
    - {every: 4s, for: 1s..2s, kind: clockStep, host: all, by: -10s}
    - {every: 4s, for: 1s..2s, kind: slowCPU, host: agents, factor: 20}
  """)
