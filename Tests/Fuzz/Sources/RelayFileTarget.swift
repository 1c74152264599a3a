import Impairment

@testable import Plans

/// The file of the relay verb; what it says is done to datagrams.
enum RelayFileTarget {
    static func test(_ octets: [UInt8], _ findings: Findings) {
        do throws(PlanError) {
            let file = try RelayFile.read(octets, path: PlanTarget.path)
            RelayTarget.relay(
                file.impairments.forward, file.impairments.backward, seed: file.seed ?? 1,
                steps: steps, streams: [], findings)
        } catch {
            PlanTarget.check(error, octets, findings)
        }
    }

    /// Twelve datagrams of two clients.
    private static let steps = (0..<12).map { number in
        WireStep(
            octets: [UInt8](repeating: UInt8(number), count: 20 * number), source: number % 2,
            pauseNs: 1_000_000)
    }
}
