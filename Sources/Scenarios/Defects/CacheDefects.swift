import Nodes

extension Defect {
  static let cacheFilesAreTorn = Defect(
    name: .cacheFilesAreTorn,
    original:
      "The cache writes a file in place; whoever finds it takes it for whole.",
    breaks: .cachesAreTrue,
    interleaving:
      "A consumer dies while its cache writes a file; after its restart it is served what there is of it.",
    scenario: "careless-readers", removes: [], swap: { $0.changeReaders { $0.behaviour.cacheFill = .original } })

  static let cacheKnowsNamesOnly = Defect(
    name: .cacheKnowsNamesOnly,
    original:
      "The cache's keys are made of the topic's name, the partition and the base offset.",
    breaks: .cachesAreTrue,
    interleaving:
      "A topic is deleted and made again under the same name; its reader is served the earlier topic's records from its disk.",
    scenario: "topic-lifecycle", removes: [], swap: { $0.changeReaders { $0.behaviour.cacheKey = .original } })

  static let cacheForgetsItsFiles = Defect(
    name: .cacheForgetsItsFiles,
    original:
      "The cache begins with a size of 0 at every start, although its files are there.",
    breaks: .cachesAreTrue,
    interleaving:
      "A consumer dies again and again; each incarnation fills the disk anew, and nothing of the earlier ones is ever evicted.",
    scenario: "careless-readers", removes: [], swap: { $0.changeReaders { $0.behaviour.cacheAdoption = .original } })
}
