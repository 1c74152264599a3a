/// Four times of a probe and its answer: two of this host's clock, two of the other one's.
package struct TimeExchange: BitwiseCopyable, Sendable, Equatable, Codable {
    package var sentNs: Int64
    package var farReceivedNs: Int64
    package var farSentNs: Int64
    package var receivedNs: Int64

    package init(sentNs: Int64, farReceivedNs: Int64, farSentNs: Int64, receivedNs: Int64) {
        self.sentNs = sentNs
        self.farReceivedNs = farReceivedNs
        self.farSentNs = farSentNs
        self.receivedNs = receivedNs
    }

    /// Whether the other clock contradicts itself: it sent the answer before it had the probe, or
    /// took longer for it than the whole exchange.
    package var isAbsurd: Bool {
        let (turnNs, isBeyond) = farSentNs.subtractingReportingOverflow(farReceivedNs)
        return isBeyond || turnNs < 0 || turnNs > receivedNs &- sentNs
    }
}

/// A bounded number of a stream's exchanges, evenly spread over it: every 2^k-th, k growing as they
/// come. Nothing is allocated after `init`.
package struct ExchangeSamples: ~Copyable {
    package static let capacity = 4_096

    private let samples: CheckedMemory<TimeExchange>
    package private(set) var count = 0
    private var seen = 0
    private var step = 1
    /// The exchanges whose times contradict each other.
    package private(set) var absurd = 0

    /// - Parameter capacity: An even number; 0 keeps nothing.
    package init(capacity: Int = ExchangeSamples.capacity) {
        precondition(capacity.isMultiple(of: 2), "an even number of exchanges")
        samples = .allocate(capacity: capacity)
    }

    deinit { samples.deallocate() }

    /// Counts an exchange whose times are none.
    package mutating func recordAbsurd() { absurd += 1 }

    package mutating func record(_ exchange: TimeExchange) {
        guard samples.count > 0 else { return }
        if exchange.isAbsurd { absurd += 1 }
        defer { seen += 1 }
        guard seen.isMultiple(of: step) else { return }
        if count == samples.count {
            count /= 2
            for index in 0..<count { samples[index] = samples[2 * index] }
            step *= 2
            guard seen.isMultiple(of: step) else { return }
        }
        (samples + count).initialize(to: exchange)
        count += 1
    }

    /// The exchanges in the order in which they were recorded.
    package var all: [TimeExchange] { (0..<count).map { samples[$0] } }
}
