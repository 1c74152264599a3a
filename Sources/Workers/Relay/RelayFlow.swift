import Impairment
import Metrics

/// One flow in one direction.
struct RelayFlow {
    /// By which its fates are drawn.
    var number: Int
    var fates: FlowFates
    /// NextExp of RFC 4737 §3.3, over the numbers of arrival here. A relay needs no more of that
    /// RFC: how far a datagram was moved is for the receiver to say, and to know it takes 40 KiB a
    /// flow (`ReorderingTracker` of Metrics), which a flood of new flows would multiply.
    var nextExpected: UInt64 = 0
    var reordered = 0
    var lastDueNs = Int64.min
    /// Those that wait to be overtaken, the first to come first.
    var firstWaiting: Int32 = -1
    var lastWaiting: Int32 = -1
    var waitingCount = 0

    init(_ impairment: Impairment, seed: Int, direction: Direction, number: Int) {
        self.number = number
        fates = FlowFates(impairment, seed: seed, direction: direction, flow: number)
    }

    /// Datagram `number` has left.
    /// - Returns: Whether it is reordered.
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

/// What a relay keeps of a direction.
struct RelaySide: ~Copyable {
    var impairment: Impairment
    var accounts = RelayAccounts()
    /// By the index in `Alteration.all`.
    private var alterations = [Int](repeating: 0, count: Alteration.all.count)
    var digest = DecisionDigest()
    var queue: BottleneckQueue?
    var isBlackholed = false
    var keepsOrder: Bool
    /// Whether anything is asked for that takes time.
    var delays: Bool
    var delaysNs = DelayHistogram()
    /// The longest that a datagram has to wait for a bottleneck, of all that there were.
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

    /// A datagram was handed on altered.
    mutating func count(_ set: AlterationSet) {
        accounts.altered += 1
        for index in alterations.indices where set.contains(index) { alterations[index] += 1 }
    }

    func result(drops: Int?, streams: [RelayStreamResult]) -> RelayDirectionResult {
        RelayDirectionResult(
            accounts: accounts, delayNs: delays ? delaysNs.summary() : nil, drops: drops,
            alterations: Dictionary(
                uniqueKeysWithValues: zip(Alteration.all.map(\.count.key), alterations)),
            decisions: digest.text, streams: streams)
    }
}
