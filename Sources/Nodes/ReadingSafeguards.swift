/// The checks on which readers and their groups rest.
extension Safeguards {
  /// A consumer reads by no list of segments that is older than its objects are sure to be there.
  public static let manifestIsFresh = Safeguards(rawValue: 1 << 36)
  /// A consumer that finds an object gone looks for its row again before it calls it a hole.
  public static let missingObjectIsSoughtAgain = Safeguards(rawValue: 1 << 37)
  /// A consumer calls an offset that no segment holds a hole, and not the end of the log.
  public static let holesAreErrors = Safeguards(rawValue: 1 << 38)
  /// A consumer stores its position whenever it is another one, also after it went back.
  public static let rewindsAreStored = Safeguards(rawValue: 1 << 39)

  /// The metadata service takes a member that it does not hear of for dead.
  public static let sessionsExpire = Safeguards(rawValue: 1 << 21)
  /// The metadata service gives a partition to a member only when no other one owns it any more.
  public static let givenBackBeforeTaken = Safeguards(rawValue: 1 << 22)
  /// The metadata service takes no commit that is older than the latest one of its sender.
  public static let commitIsNewest = Safeguards(rawValue: 1 << 23)
  /// The metadata service aborts a transaction whose time is over.
  public static let transactionsTimeOut = Safeguards(rawValue: 1 << 34)
}

/// The parts of a consumer whose behaviour is chosen when the cluster is built.
public struct ConsumerBehaviour: Sendable, Hashable {
  /// What a commit that a poll makes by itself counts as handled.
  public var commitPoint = CommitPoint.behindEarlierPolls
  /// By what an object is known to the cache.
  public var cacheKey = CacheIdentity.object
  /// How the cache's files come to be.
  public var cacheFill = CacheFill.wholeOrNot
  /// What becomes of the files that an earlier incarnation left.
  public var cacheAdoption = CacheAdoption.counted

  /// The protocol's own behaviour.
  public init() {}
}

/// What a commit that a poll makes by itself counts as handled.
public enum CommitPoint: Sendable, Hashable {
  /// What earlier polls have handed out.
  case behindEarlierPolls
  /// As the original does it, see `Original/`.
  case original
}

/// By what an object is known to a cache.
public enum CacheIdentity: Sendable, Hashable {
  /// By the object's key, its size and its writer's epoch, which never stand for anything else.
  case object
  /// As the original does it, see `Original/`.
  case original
}

/// How a cache's files come to be.
public enum CacheFill: Sendable, Hashable {
  /// Under another name until they are whole; what is read is compared with its checksum.
  case wholeOrNot
  /// As the original does it, see `Original/`.
  case original
}

/// What becomes of the files that an earlier incarnation left in a cache's folder.
public enum CacheAdoption: Sendable, Hashable {
  /// They are served, and count toward the bound.
  case counted
  /// As the original does it, see `Original/`.
  case original
}
