import Metrics
import STAMP

/// The numbers and times of the answers to a sender's STAMP packets, flow by flow. All memory is
/// allocated in `init`.
struct StampTracker: ~Copyable {
    /// The most probes of a flow at the end.
    static let closingsMost = 4

    let numbers: CheckedMemory<ReflectedNumbers>
    /// The counters of Direct Measurement, which are recorded if they are asked for.
    let counters: CheckedMemory<ReflectedCounters>
    /// The number of the first answer to each probe in the sequence window.
    private let firstNumbers: CheckedMemory<UInt32>
    /// The counter of sent packets in that answer.
    private let firstCounters: CheckedMemory<UInt32>
    /// The send times of each flow's probes at the end.
    private let closingSentNs: CheckedMemory<Int64>
    let closingsSent: CheckedMemory<Int>
    let isClosed: CheckedMemory<Bool>
    private let flows: Int
    private let window: Int
    var samples: ExchangeSamples
    var facts = ReflectedFacts()
    /// Whether an answer had its session's identifier.
    var hasIdentifiers = false
    /// The largest error that an answer stated; -1 before the first answer.
    private(set) var farErrorNs: Int64 = -1
    private(set) var isFarUnsynchronized = false

    /// - Parameters:
    ///   - flows: 0 for probes that are no STAMP packets.
    ///   - hasCounters: Whether the reflector is asked for its counters.
    init(flows: Int, window: Int, hasCounters: Bool) {
        self.flows = flows
        self.window = window
        numbers = .allocate(capacity: flows)
        numbers.initialize(repeating: ReflectedNumbers(), count: flows)
        counters = .allocate(capacity: flows)
        counters.initialize(repeating: ReflectedCounters(), count: flows)
        let counted = hasCounters ? flows * window : 0
        firstCounters = .allocate(capacity: counted)
        firstCounters.initialize(repeating: 0, count: counted)
        firstNumbers = .allocate(capacity: flows * window)
        firstNumbers.initialize(repeating: 0, count: flows * window)
        closingSentNs = .allocate(capacity: flows * Self.closingsMost)
        closingSentNs.initialize(repeating: 0, count: flows * Self.closingsMost)
        closingsSent = .allocate(capacity: flows)
        closingsSent.initialize(repeating: 0, count: flows)
        isClosed = .allocate(capacity: flows)
        isClosed.initialize(repeating: false, count: flows)
        samples = ExchangeSamples(capacity: flows > 0 ? ExchangeSamples.capacity : 0)
    }

    deinit {
        numbers.deallocate()
        counters.deallocate()
        firstNumbers.deallocate()
        firstCounters.deallocate()
        closingSentNs.deallocate()
        closingsSent.deallocate()
        isClosed.deallocate()
    }

    /// Records the first answer to a probe.
    mutating func record(
        flow: Int, sequence: UInt64, number: UInt32, estimate: ErrorEstimate,
        exchange: TimeExchange?
    ) {
        numbers[flow].record(sequence: sequence, number: number)
        firstNumbers[place(flow, sequence)] = number
        if let errorNs = estimate.errorNs {
            farErrorNs = max(farErrorNs, errorNs)
        } else {
            isFarUnsynchronized = true
        }
        if let exchange { samples.record(exchange) } else { samples.recordAbsurd() }
    }

    mutating func recordCopy(flow: Int, sequence: UInt64, number: UInt32) {
        numbers[flow].recordCopy(
            sequence: sequence, number: number, first: firstNumbers[place(flow, sequence)])
    }

    /// Records the counters in the first answer to a probe.
    mutating func record(
        flow: Int, sequence: UInt64, _ told: ReturnedExtensions.Counters
    ) {
        counters[flow].record(sequence: sequence, received: told.received, sent: told.sent)
        firstCounters[place(flow, sequence)] = told.sent
    }

    mutating func recordCopy(
        flow: Int, sequence: UInt64, _ told: ReturnedExtensions.Counters
    ) {
        guard told.sent != firstCounters[place(flow, sequence)] else { return }
        counters[flow].recordForwardCopy()
    }

    private func place(_ flow: Int, _ sequence: UInt64) -> Int {
        flow * window + Int(truncatingIfNeeded: sequence) & (window - 1)
    }

    // MARK: - At the end

    mutating func sentClosing(flow: Int, atNs: Int64) {
        closingSentNs[flow * Self.closingsMost + closingsSent[flow]] = atNs
        closingsSent[flow] += 1
    }

    /// Records an answer to a probe at the end.
    /// - Parameters:
    ///   - place: The place among them, from 0.
    ///   - stampNs: The send time in the answer.
    ///   - told: The counters in the answer.
    /// - Returns: Whether the answer belongs to one of them.
    mutating func tookClosing(
        flow: Int, place: Int, sequence: UInt64, number: UInt32, stampNs: Int64,
        _ told: ReturnedExtensions.Counters?
    ) -> Bool {
        guard place >= 0, place < closingsSent[flow],
            closingSentNs[flow * Self.closingsMost + place] == stampNs
        else { return false }
        numbers[flow].recordClosing(sequence: sequence, number: number, unanswered: place)
        if let told {
            counters[flow].recordClosing(
                sequence: sequence, received: told.received, sent: told.sent, unanswered: place)
        }
        isClosed[flow] = true
        return true
    }
}
