// swift-tools-version: 6.2
import PackageDescription

/// A program of its own, so that it can be linked statically: see scripts/escape-test.
let package = Package(
  name: "escape-probe",
  dependencies: [.package(name: "streamhouse-simulator", path: "../..")],
  targets: [
    .executableTarget(
      name: "escape-probe",
      dependencies: [.product(name: "StreamHouseSimulation", package: "streamhouse-simulator")],
      swiftSettings: [.enableUpcomingFeature("NonisolatedNonsendingByDefault")])
  ],
  swiftLanguageModes: [.v6]
)
