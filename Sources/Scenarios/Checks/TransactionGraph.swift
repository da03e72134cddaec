import Nodes

/// What comes before what among transactions.
struct TransactionGraph {
  /// Why one comes before another.
  enum Kind: Hashable {
    case time
    case writes(TopicPartition)
    case reads(TopicPartition)
  }

  private struct Edge {
    var to: Int
    var kind: Kind
  }

  /// One step of a circle, from transaction to transaction.
  struct Step: Hashable {
    var from: Int
    var to: Int
    var kind: Kind
  }

  /// Transactions come first; the others are moments between them.
  private let transactions: Int
  private var edges: [[Edge]]

  init(count: Int) {
    transactions = count
    edges = Array(repeating: [], count: count)
  }

  /// A point in time that transactions end before or begin after.
  mutating func addMoment() -> Int {
    edges.append([])
    return edges.count - 1
  }

  mutating func add(_ from: Int, _ to: Int, _ kind: Kind) { edges[from].append(Edge(to: to, kind: kind)) }

  /// A circle that has an edge of a kind in it, as short as can be; nil when there is none. O(edges), and once more for the circle found.
  func cycle(through isMeant: (Kind) -> Bool) -> [Step]? {
    let component = components()
    for from in edges.indices {
      for edge in edges[from] where isMeant(edge.kind) && component[from] == component[edge.to] && from != edge.to {
        return circle(from, edge, within: component)
      }
    }
    return nil
  }

  /// The shortest way back from an edge's end to its beginning, with moments left out.
  private func circle(_ from: Int, _ first: Edge, within component: [Int]) -> [Step] {
    var cameBy: [Int: (from: Int, kind: Kind)] = [first.to: (from, first.kind)]
    var queue = [first.to]
    var next = 0
    while next < queue.count, cameBy[from] == nil {
      let node = queue[next]
      next += 1
      for edge in edges[node] where component[edge.to] == component[from] && cameBy[edge.to] == nil {
        cameBy[edge.to] = (node, edge.kind)
        queue.append(edge.to)
      }
    }
    var way: [Step] = []
    var node = from
    repeat {
      guard let step = cameBy[node] else { break }
      way.append(Step(from: step.from, to: node, kind: step.kind))
      node = step.from
    } while node != from
    return joined(way.reversed())
  }

  /// Steps from transaction to transaction: a way over moments is one step of time.
  private func joined(_ way: [Step]) -> [Step] {
    var steps: [Step] = []
    var begin: Int?
    for step in way {
      if step.from < transactions { begin = step.from }
      if step.to < transactions, let from = begin { steps.append(Step(from: from, to: step.to, kind: step.kind)) }
    }
    return steps
  }

  /// The strongly connected component of each node, by Tarjan's algorithm without recursion.
  private func components() -> [Int] {
    var component = Array(repeating: -1, count: edges.count)
    var index = Array(repeating: -1, count: edges.count)
    var low = Array(repeating: 0, count: edges.count)
    var stack: [Int] = []
    var isOnStack = Array(repeating: false, count: edges.count)
    var counter = 0
    for root in edges.indices where index[root] < 0 {
      var calls: [(node: Int, next: Int)] = [(root, 0)]
      while let call = calls.last {
        let node = call.node
        if call.next == 0 {
          index[node] = counter
          low[node] = counter
          counter += 1
          stack.append(node)
          isOnStack[node] = true
        }
        if call.next < edges[node].count {
          calls[calls.count - 1].next += 1
          let to = edges[node][call.next].to
          if index[to] < 0 {
            calls.append((to, 0))
          } else if isOnStack[to] {
            low[node] = min(low[node], index[to])
          }
          continue
        }
        calls.removeLast()
        if let parent = calls.last?.node { low[parent] = min(low[parent], low[node]) }
        guard low[node] == index[node] else { continue }
        while let member = stack.popLast() {
          isOnStack[member] = false
          component[member] = node
          if member == node { break }
        }
      }
    }
    return component
  }
}
