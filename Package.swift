// swift-tools-version: 6.2
import PackageDescription

/// Set by the checks that guard main; a newcomer's build shows warnings without failing on them.
let warningsAreErrors = Context.environment["STREAMHOUSE_WARNINGS_AS_ERRORS"] == "1"

let settings: [SwiftSetting] =
  [
    // A nonisolated async function stays on its caller's executor: a simulated host must never lose a job to the pool.
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // Release builds run seeds by the thousand: debug builds run the same with exclusive access checked.
    .unsafeFlags(["-enforce-exclusivity=unchecked", "-cross-module-optimization"], .when(configuration: .release)),
  ] + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])

let package = Package(
  name: "streamhouse-simulator",
  products: [
    .executable(name: "streamhouse-sim", targets: ["streamhouse-sim"]),
    .library(name: "StreamHouseStorage", targets: ["Storage"]),
    .library(name: "StreamHouseSimulation", targets: ["Simulation"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
  ],
  targets: [
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
    .systemLibrary(name: "CMessageDigest", pkgConfig: "libmd", providers: [.apt(["libmd-dev"])]),
    .target(name: "CExecutorHooks"),
    .target(name: "CReferenceCounts"),
    .target(
      name: "Storage",
      dependencies: ["CLZ4", "CZlib", "CXXHash", "CMessageDigest"],
      swiftSettings: settings
    ),
    .target(
      name: "Benchmarking", dependencies: ["Nodes", "Scenarios", "Simulation", "Storage", "CLZ4", "CZlib"],
      swiftSettings: settings),
    .target(
      name: "Simulation",
      dependencies: [
        "CExecutorHooks", "CXXHash",
        .product(name: "DequeModule", package: "swift-collections"),
      ],
      swiftSettings: settings
    ),
    .target(
      name: "Nodes",
      dependencies: [
        "Simulation", "Storage",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "OrderedCollections", package: "swift-collections"),
      ],
      swiftSettings: settings
    ),
    .target(
      name: "Scenarios",
      dependencies: [
        "Nodes", "Simulation", "Storage", "Yams",
        .product(name: "Histogram", package: "hdrhistogram-swift"),
        .product(name: "OrderedCollections", package: "swift-collections"),
      ],
      swiftSettings: settings
    ),
    .target(
      name: "Report", dependencies: ["Nodes", "Scenarios", "Simulation"], swiftSettings: settings),
    .executableTarget(
      name: "streamhouse-sim",
      dependencies: [
        "Benchmarking", "CReferenceCounts", "Report", "Scenarios", "Nodes", "Simulation", "Storage",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "StorageTests", dependencies: ["Benchmarking", "Storage", "CMessageDigest"],
      resources: [.copy("Fixtures")], swiftSettings: settings),
    .testTarget(
      name: "SimulationTests", dependencies: ["Benchmarking", "CReferenceCounts", "Simulation"],
      swiftSettings: settings),
    .testTarget(
      name: "NodesTests", dependencies: ["Nodes", "Simulation", "Storage"], swiftSettings: settings),
    .testTarget(name: "ScenariosTests", dependencies: ["Scenarios"], swiftSettings: settings),
    .testTarget(
      name: "ReportTests", dependencies: ["Nodes", "Report", "Scenarios", "Simulation"],
      swiftSettings: settings),
    .testTarget(
      name: "CommandLineTests", dependencies: ["streamhouse-sim"], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
