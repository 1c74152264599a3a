@testable import Plans

/// A file of delays.
enum TraceTarget {
    static func test(_ octets: [UInt8], _ findings: Findings) {
        do throws(PlanError) {
            let delaysNs = try DelayTrace.read(octets, place: "delays.txt")
            findings.require(
                PlanLimits.traceDelays.contains(delaysNs.count), "\(delaysNs.count) delays")
            for delayNs in delaysNs {
                findings.require((0...60_000_000_000).contains(delayNs), "a delay of \(delayNs) ns")
            }
        } catch {
            findings.require("\(error)".hasPrefix("delays.txt:"), "names no file: \(error)")
        }
    }
}
