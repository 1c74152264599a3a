/// Tells outages from losses in one flow, fed with its probes in sequence order.
///
/// An outage is a run of at least ``leastProbes`` consecutive probes without an answer in time:
/// one or two are what any network loses. It begins when the first of them was sent and ends when
/// the first probe after it was that has an answer; so its ends are known to one interval between
/// probes, and nothing is known between the probes.
struct OutageTracker {
    /// Fewer losses in a row are no outage.
    static let leastProbes = 3

    private var startNs: Int64 = 0
    private(set) var probes = 0

    @inline(__always)
    var isOpen: Bool { probes > 0 }

    /// The next probe has no answer in time.
    mutating func recordLost(sentNs: Int64) {
        if probes == 0 { startNs = sentNs }
        probes += 1
    }

    /// The next probe has one, which ends what is open.
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

    /// No probe follows.
    mutating func close(flow: Int, into outages: inout OutageList) {
        if probes >= Self.leastProbes {
            outages.add(Outage(flow: flow, startNs: startNs, probes: probes))
        }
        probes = 0
    }
}
