/// A plan that is inside the program: one of `Scenarios/`.
///
/// `UDPLAB_RECORD=1` and the test `ShippedPlanTests` write the files `ShippedPlan+….swift` from
/// `Scenarios/`. Resources of SwiftPM are not used: a bundle would lie beside the one file that the
/// program is, and `embedInCode` takes no files of another folder.
package struct ShippedPlan: Sendable {
    /// The mark of a shipped plan's name in the place of a file's path.
    package static let mark: Character = ":"

    package let name: String
    package let text: String

    init(_ name: String, _ text: String) {
        self.name = name
        self.text = text
    }

    package static let all: [ShippedPlan] = [
        quickstart, applications, blackout, bothWays, bufferbloat, capacity, chatRoom, coapPings,
        dnsLookups, dnsUnderLoad, echoResilience,
        killAndRestart, lossAcrossNetworks, marks, ntpClients, oneWay, partialOutage, payloadSizes,
        reordering, resetStorm, retryPolicies, saturation, slurmTwoNodes, soak, stunBinding,
        syslogMessages, throughput, unix, windows10054,
    ]

    /// Returns the name in a path that means a shipped plan: `:quickstart`.
    package static func name(in path: String) -> String? {
        path.first == mark ? String(path.dropFirst()) : nil
    }

    package static func named(_ name: String) -> ShippedPlan? { all.first { $0.name == name } }
}
