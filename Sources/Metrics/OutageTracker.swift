/// Tells outages from losses in one flow, fed with its probes in sequence order.
///
/// An outage is a run of at least ``leastProbes`` consecutive probes without an answer in time: any
/// network loses one or two. An outage begins at the send time of its first probe and ends at the
/// send time of the first answered probe after it, so that both ends are known to within one
/// interval between probes.
struct OutageTracker {
    /// The minimum number of consecutive losses of an outage.
    static let leastProbes = 3

    private var startNs: Int64 = 0
    private(set) var probes = 0

    @inline(__always)
    var isOpen: Bool { probes > 0 }

    /// Records that the next probe has no answer in time.
    mutating func recordLost(sentNs: Int64) {
        if probes == 0 { startNs = sentNs }
        probes += 1
    }

    /// Records that the next probe has an answer, which ends an open outage.
    mutating func recordAnswered(
        sentNs: Int64, receivedNs: Int64, flow: Int, into outages: inout OutageList
    ) {
        if probes >= Self.leastProbes {
            outages.add(
                Outage(
                    flow: flow, startNs: startNs, endNs: sentNs, recoveredNs: receivedNs,
                    probes: probes))
        }
        probes = 0
    }

    /// Ends the flow: no probe follows.
    mutating func close(flow: Int, into outages: inout OutageList) {
        if probes >= Self.leastProbes {
            outages.add(Outage(flow: flow, startNs: startNs, probes: probes))
        }
        probes = 0
    }
}
