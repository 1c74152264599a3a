import Impairment
import Metrics

/// The state of a flow in one direction.
struct RelayFlow {
    /// The flow's number, from which its fates are drawn.
    var number: Int
    var fates: FlowFates
    /// The NextExp of RFC 4737 §3.3, over the numbers of arrival here. A relay needs no more of
    /// that RFC: the receiver reports how far a datagram was moved, and computing that takes 40 KiB
    /// per flow (`ReorderingTracker` of Metrics), which a flood of new flows would multiply.
    var nextExpected: UInt64 = 0
    var reordered = 0
    var lastDueNs = Int64.min
    /// The datagrams that wait to be overtaken, the first to arrive first.
    var firstWaiting: Int32 = -1
    var lastWaiting: Int32 = -1
    var waitingCount = 0

    init(_ impairment: Impairment, seed: Int, direction: Direction, number: Int) {
        self.number = number
        fates = FlowFates(impairment, seed: seed, direction: direction, flow: number)
    }

    /// Records that datagram `number` was sent.
    /// - Returns: Whether the datagram is reordered.
    @inline(__always)
    mutating func left(_ number: UInt64) -> Bool {
        if number >= nextExpected {
            nextExpected = number &+ 1
            return false
        }
        reordered += 1
        return true
    }
}

/// The state of a direction.
struct RelaySide: ~Copyable {
    var impairment: Impairment
    var accounts = RelayAccounts()
    /// The number of altered datagrams, by the index in `Alteration.all`.
    private var alterations = [Int](repeating: 0, count: Alteration.all.count)
    var digest = DecisionDigest()
    var queue: BottleneckQueue?
    var isBlackholed = false
    var keepsOrder: Bool
    /// Whether the impairments delay datagrams.
    var delays: Bool
    var delaysNs = DelayHistogram()
    /// The longest possible wait for a bottleneck, of all bottlenecks so far.
    private(set) var queueNsMax: Int64

    init(_ impairment: Impairment) {
        self.impairment = impairment
        queue = impairment.bottleneck.map { BottleneckQueue($0) }
        keepsOrder = impairment.keepsOrder
        delays = Self.delays(impairment)
        queueNsMax = Self.queueNs(impairment)
    }

    private static func queueNs(_ impairment: Impairment) -> Int64 {
        impairment.bottleneck.map { $0.queueBytes * 8_000_000_000 / $0.bitsPerSecond } ?? 0
    }

    private static func delays(_ impairment: Impairment) -> Bool {
        impairment.delay != nil || impairment.jitter != nil || impairment.reorder != nil
            || impairment.bottleneck != nil
    }

    mutating func replace(_ impairment: Impairment, nowNs: Int64) {
        self.impairment = impairment
        keepsOrder = impairment.keepsOrder
        delays = delays || Self.delays(impairment)
        queueNsMax = max(queueNsMax, Self.queueNs(impairment))
        switch impairment.bottleneck {
        case nil: queue = nil
        case let bottleneck? where queue == nil: queue = BottleneckQueue(bottleneck)
        case let bottleneck?: queue?.replace(bottleneck, atNs: nowNs)
        }
    }

    /// Counts a forwarded datagram with its alterations.
    mutating func count(_ set: AlterationSet) {
        accounts.altered += 1
        for index in alterations.indices where set.contains(index) { alterations[index] += 1 }
    }

    func result(drops: Int?, streams: [RelayStreamResult]) -> RelayDirectionResult {
        RelayDirectionResult(
            accounts: accounts, delayNs: delaysNs.count > 0 || delays ? delaysNs.summary() : nil,
            drops: drops,
            alterations: Dictionary(
                uniqueKeysWithValues: zip(Alteration.all.map(\.count.key), alterations)),
            decisions: digest.text, streams: streams)
    }
}
