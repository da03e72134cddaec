import Scenarios
import Simulation
import Nodes
import Foundation
let args = CommandLine.arguments
let loaded = try ScenarioLoader().load(args[1])
var o = RunOptions()
o.seed = UInt64(args[2])
o.wallClock = { DispatchTime.now().uptimeNanoseconds }
if args.count > 3 { let h = fopen(args[3], "w"); o.trace = { fputs($0.json + "\n", h) } }
let r = try ScenarioRun(loaded.scenario, preloaded: loaded.preloaded, options: o).run()
print(r.verdict, r.reasons, String(r.digest, radix: 16), "events", r.events, "messages", r.messages, "virtual", r.virtualSeconds, "wall", r.wallSeconds)
for v in r.violations { print(v.invariant.rawValue, v.summary) }
print(r.records, r.produceLatency, r.endToEndLatency, r.cache, r.objectStore)
print(r.faults, r.probes)
for t in r.timeline.prefix(40) { print(t.at, t.text) }
