// swift-tools-version: 6.2
// udplab: a load-testing and reliability lab for UDP. CONTRIBUTING.md says why each
// dependency is here and which way the arrows between the targets point.

import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
]

/// Whether `./lab` builds the program that it runs itself, which nobody has to wait for long: there
/// the size of what no datagram passes does not count.
let isQuick = Context.environment["UDPLAB_QUICK"] != nil

/// Where no datagram passes, the size of the program counts more than speed.
let small =
    strict + [.unsafeFlags([isQuick ? "-Onone" : "-Osize"], .when(configuration: .release))]

/// The tests calculate with these targets so much that they are optimized for them too.
let quick = strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

/// Whether `./lab fuzz` asks, which builds with other flags than everybody else. Its program has
/// the simulated kernels of the tests, and needs `@testable`.
let isFuzzing = Context.environment["UDPLAB_FUZZ"] != nil

/// Shipping targets on top, then the one test target per folder of Tests/.
let package = Package(
    name: "udplab",
    products: [.executable(name: "udplab", targets: ["udplab"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        .systemLibrary(
            name: "CJSONC", pkgConfig: "json-c", providers: [.apt(["libjson-c-dev"])]),
        .target(name: "CLinuxUDP"),
        .target(
            name: "Metrics",
            dependencies: [.product(name: "Histogram", package: "hdrhistogram-swift")],
            swiftSettings: quick),
        .target(name: "JSON", dependencies: ["CJSONC"], swiftSettings: quick),
        .target(name: "Datagrams", dependencies: ["CLinuxUDP", system], swiftSettings: strict),
        .target(name: "Impairment", swiftSettings: quick),
        .target(name: "Load", dependencies: ["STAMP"], swiftSettings: strict),
        .target(name: "STAMP", swiftSettings: quick),
        .target(name: "Shipped", swiftSettings: small),
        .target(
            name: "Plans",
            dependencies: ["Impairment", "JSON", "Load", "Reports", "Shipped", "STAMP"],
            swiftSettings: small),
        .target(
            name: "Reports", dependencies: ["Impairment", "JSON", "Metrics", "STAMP", system],
            swiftSettings: small),
        .target(
            name: "Pictures", dependencies: ["JSON", "Metrics", "Plans", "Reports"],
            swiftSettings: small),
        .target(
            name: "Watch", dependencies: ["Datagrams", "Pictures", "Reports"],
            swiftSettings: small),
        .target(
            name: "Exports", dependencies: ["JSON", "Metrics", "Pictures", "Reports"],
            swiftSettings: small),
        .target(
            name: "Loops", dependencies: ["Datagrams", "Impairment", "Load", "Metrics", "STAMP"],
            swiftSettings: strict),
        .target(
            name: "Workers",
            dependencies: ["Datagrams", "JSON", "Load", "Loops", "Metrics", "Terminal"],
            swiftSettings: small),
        .target(
            name: "Terminal", dependencies: ["Datagrams", "Load", "Loops", "STAMP"],
            swiftSettings: strict),
        .target(
            name: "Lab",
            dependencies: [
                "Loops", "Workers", "Plans", "Reports", "Datagrams", "Impairment", "JSON", "Load",
                "Metrics",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"), system,
            ],
            swiftSettings: small),
        .executableTarget(
            name: "udplab",
            dependencies: [
                "Exports", "Pictures", "Shipped", "Watch",
                "Impairment", "Lab", "Load", "Loops", "Terminal", "Workers", "Plans", "Reports",
                "Datagrams", "JSON",
                "Metrics", "STAMP", system,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: small),
        .executableTarget(
            name: "udplab-bench",
            dependencies: [
                "Lab", "Loops", "Workers", "Reports", "Datagrams", "JSON", "Metrics", system,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "MetricsTests", dependencies: ["Harness", "Metrics"], path: "Tests/Metrics",
            swiftSettings: strict),
        .testTarget(
            name: "ImpairmentTests", dependencies: ["Impairment", "JSON"],
            path: "Tests/Impairment", swiftSettings: strict),
        .testTarget(
            name: "STAMPTests", dependencies: ["Harness", "STAMP"], path: "Tests/STAMP",
            swiftSettings: strict),
        .testTarget(
            name: "JSONTests", dependencies: ["Harness", "JSON"], path: "Tests/JSON",
            swiftSettings: strict),
        .testTarget(
            name: "PlansTests",
            dependencies: [
                "Harness", "Impairment", "Load", "Plans", "JSON", "Reports", "STAMP", "Shipped",
            ],
            path: "Tests/Plans", exclude: ["Corpus"], swiftSettings: strict),
        .testTarget(
            name: "ReportsTests", dependencies: ["Harness", "Reports", "JSON", "Metrics", "STAMP"],
            path: "Tests/Reports", exclude: ["Corpus"], swiftSettings: strict),
        .testTarget(
            name: "ExportsTests",
            dependencies: ["Exports", "Harness", "JSON", "Metrics", "Reports"],
            path: "Tests/Exports", exclude: ["junit.xsd"], swiftSettings: strict),
        .testTarget(
            name: "PicturesTests",
            dependencies: ["Harness", "JSON", "Metrics", "Pictures", "Reports"],
            path: "Tests/Pictures", exclude: ["Goldens"], swiftSettings: strict),
        .testTarget(
            name: "WatchTests",
            dependencies: ["Harness", "JSON", "Metrics", "Pictures", "Reports", "Watch"],
            path: "Tests/Watch", swiftSettings: strict),
        .testTarget(
            name: "FuzzTests",
            dependencies: [
                "Exports",
                "Harness", "Load", "Loops", "Workers", "Plans", "Reports", "Datagrams",
                "Impairment",
                "JSON", "Metrics", "STAMP",
            ],
            path: "Tests/Fuzz", exclude: ["Corpus", "Sources/Main.swift"],
            swiftSettings: strict),
        .testTarget(
            name: "LabTests",
            dependencies: [
                "Harness", "lab-fixture", "Lab", "Load", "Loops", "Workers", "Plans", "Reports",
                "Impairment",
                "JSON", "Metrics", "Datagrams",
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            path: "Tests/Lab", exclude: ["Fixture"], swiftSettings: strict),
        .testTarget(
            name: "JudgingTests",
            dependencies: [
                "Harness", "Lab", "Load", "Loops", "Workers", "Plans", "Reports", "Datagrams",
                "Impairment",
                "JSON", "Metrics",
            ],
            path: "Tests/Judging", exclude: ["outcomes.txt"], swiftSettings: strict),
        .executableTarget(
            name: "lab-fixture", dependencies: ["Lab"], path: "Tests/Lab/Fixture",
            swiftSettings: strict),
        .testTarget(
            name: "Simulation",
            dependencies: [
                "Harness", "Load", "Loops", "Workers", "Reports", "Datagrams", "Impairment",
                "Metrics", "STAMP",
            ],
            path: "Tests/Simulation", swiftSettings: strict),
        .testTarget(
            name: "Loopback",
            dependencies: [
                "Harness", "Load", "Loops", "Workers", "Datagrams", "Impairment", "Metrics",
                "STAMP", "Terminal",
            ],
            path: "Tests/Loopback", swiftSettings: strict),
        .target(
            name: "Harness", dependencies: ["JSON"], path: "Tests/Harness",
            swiftSettings: strict),
        .testTarget(
            name: "Process",
            dependencies: ["Datagrams", "Harness", "JSON", "Plans", "Reports", "STAMP", "udplab"],
            path: "Tests/Process", swiftSettings: strict),
        .testTarget(
            name: "BenchTests",
            dependencies: ["udplab-bench", "Lab", "Plans", "Reports", "Datagrams", "JSON"],
            path: "Tests/Bench", swiftSettings: strict),
        .testTarget(
            name: "Allocations", dependencies: ["Harness", "JSON", "udplab"],
            path: "Tests/Allocations", exclude: ["counter.c", "wasteful.c"],
            swiftSettings: strict),
        .testTarget(
            name: "Tidy", dependencies: ["Harness"], path: "Tests/Tidy", swiftSettings: strict),
        .testTarget(
            name: "Peers", dependencies: ["Harness", "JSON", "udplab"], path: "Tests/Peers",
            exclude: ["Programs"], swiftSettings: strict),
    ]
)

if isFuzzing {
    package.targets.removeAll(where: \.isTest)
    package.targets.append(
        .executableTarget(
            name: "udplab-fuzz",
            dependencies: [
                "Exports",
                "Harness", "Load", "Loops", "Workers", "Plans", "Reports", "Datagrams",
                "Impairment",
                "JSON", "Metrics", "STAMP",
            ],
            path: "Tests/Fuzz/Sources",
            // libFuzzer's runtime has `main`.
            swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]))
}
