import Datagrams
import Load
import Plans

/// The parts of a run that are on other hosts.
extension RunLayout {
    /// The time between the start order and the first slot over lines that may be slow.
    static let startAheadOfHostsNs: Int64 = 250_000_000
    /// The same as a multiple of the longest time of a question to a host and back.
    static let startAheadRoundTrips: Int64 = 4

    /// Returns the address that a host has on the run's path between hosts, with port 0.
    /// - Parameter host: Its name; nil for the runner's own.
    func end(of host: String?) -> SocketAddress? {
        identity.network.hostPath?.address(of: host).flatMap {
            SocketAddress(numericHost: $0.hostText, port: 0)
        }
    }

    /// Returns the largest error between the clocks of a part's sender and of its responder.
    func clockErrorNs(ofPart part: Int) -> Int64 {
        guard identity.crossesHosts else { return 0 }
        let sendingNs = scenario.senders[parts[part].sender].expectedEndNs ?? 0
        return hosts.clockErrorNs(
            sendingHost(ofPart: part), host(ofInstance: parts[part].instance),
            forNs: Int64(scenario.warmUpNs + sendingNs + scenario.timeoutNs))
    }
}

extension RunIdentity {
    /// Whether the datagrams go to another host that runs a worker of the run, or come from one.
    var crossesHosts: Bool { network.hostPath != nil }
}
