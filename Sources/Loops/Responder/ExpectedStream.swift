import Datagrams
import Load
import Metrics

/// The expected probes of one phase of a sender, as a responder knows them.
package struct ExpectedStream: Sendable {
    /// The first session: the stream has the sessions `firstSession ..< firstSession + flows`.
    package var firstSession: UInt16
    package var flows: Int
    package var payloadBytes: Int
    /// The sizes of the probes, if they differ.
    package var sizes: PayloadSizes?
    package var firstSequence: UInt64
    package var statistics: StreamConfiguration
    package var windowCapacity: Int
    /// Whether the datagrams come from changing ports: those of an ephemeral-port sender.
    package var peersChange: Bool
    /// The maximum number of datagrams that the sender can have sent by a time; `nil` for no limit.
    package var bound: SendingBound?
    /// The source address of each flow; empty if unknown beforehand.
    package var sources: [SocketAddress]
    /// Whether the fill of each payload is checked as well as the header.
    package var verifies: Bool
    /// The traffic class with which the probes are sent, and their answers too; nil if marks are
    /// not counted.
    package var trafficClass: UInt8?
    /// The largest error between the clocks of both ends.
    package var clockErrorNs: Int64 = 0
    /// The maximum number of probes of which an echo keeps the times.
    package var maxEndTimes = 0
    /// Whether the datagrams are requests, which their sources tell, and nothing in them.
    package var areRequests = false

    func layout(runID: UInt64, anchorNs: Int64) -> ProbeLayout {
        ProbeLayout(payloadBytes: payloadBytes, runID: runID, anchorNs: anchorNs, sizes: sizes)
    }

    package init(
        firstSession: UInt16, flows: Int, payloadBytes: Int, firstSequence: UInt64,
        statistics: StreamConfiguration, windowCapacity: Int, peersChange: Bool = false,
        verifies: Bool = false, bound: SendingBound? = nil, sources: [SocketAddress] = []
    ) {
        self.firstSession = firstSession
        self.flows = flows
        self.payloadBytes = payloadBytes
        self.firstSequence = firstSequence
        self.statistics = statistics
        self.windowCapacity = windowCapacity
        self.peersChange = peersChange
        self.verifies = verifies
        self.bound = bound
        self.sources = sources
    }
}

extension ExpectedStream {
    func windowMemory(hasStamps: Bool) -> WindowMemory {
        .allocate(
            windows: flows, capacity: windowCapacity,
            words: ArrivalWindow.words(hasStamps: hasStamps))
    }

    /// Returns the window of flow `number`.
    func window(
        _ number: Int, hasStamps: Bool, in memory: WindowMemory
    ) -> ArrivalWindow {
        ArrivalWindow(
            capacity: windowCapacity, firstSequence: firstSequence,
            timeoutNs: statistics.timeoutNs, hasStamps: hasStamps, flow: number,
            delayBiasNs: clockErrorNs, in: memory, at: number)
    }

    /// Whether the send time of each datagram is in it.
    func hasStamps(toEcho echoes: Bool) -> Bool { !echoes && !areRequests }
}
