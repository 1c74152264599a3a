import Datagrams

/// The rule for the sources that a stand-alone responder answers: addresses of its allow-list, by
/// default loopback only, from a port of 1024 or above, and never an answer.
///
/// A responder answers to the source address of a datagram, which can be forged: without these
/// rules an unknown source could have it send any payload to any address.
package struct AnswerRule: Sendable {
    package enum Refusal: Int, Sendable, CaseIterable {
        /// The source port is below 1024 or 0: a port of services such as echo (7) or chargen (19),
        /// which would answer in turn.
        case sourcePort
        /// The source is outside the allow-list.
        case notAllowed
        /// The source is this socket itself.
        case ownAddress
        /// The datagram is an answer of another responder of udplab: see `AnswerMark`.
        case answer
    }

    static let lowestPort: UInt16 = 1024

    package let allowed: [AddressRange]
    private let own: [AddressRange]
    private let ownPort: UInt16

    /// Makes a rule.
    /// - Parameters:
    ///   - bound: The address to which the responder is bound.
    ///   - allowed: The sources that it may answer; loopback if empty.
    package init(bound: SocketAddress, allowed: [AddressRange] = []) {
        self.allowed = allowed.isEmpty ? AddressRange.loopback : allowed
        ownPort = bound.port
        let addresses = bound.isUnspecified ? HostAddresses.own() : [bound]
        own = addresses.compactMap { try? AddressRange($0.with(scope: 0).host) }
    }

    /// Returns the reason why message `index` of the last receive is not answered; `nil` if it is
    /// answered.
    @inline(__always)
    package func refusal(of index: Int, in batch: borrowing ReceiveBatch) -> Refusal? {
        guard let source = RawSource(batch, index) else { return .notAllowed }
        if source.port < AnswerRule.lowestPort { return .sourcePort }
        guard allowed.contains(where: { source.isIn($0) }) else { return .notAllowed }
        if source.port == ownPort, own.contains(where: { source.isIn($0) }) { return .ownAddress }
        return AnswerMark.isOn(batch, index) ? .answer : nil
    }
}

/// The datagrams that were not answered, by reason.
package struct RefusalCounts: Sendable, Equatable {
    private var counts = [Int](repeating: 0, count: AnswerRule.Refusal.allCases.count)

    package init() {}

    package subscript(_ refusal: AnswerRule.Refusal) -> Int { counts[refusal.rawValue] }
    package var total: Int { counts.reduce(0, +) }

    /// Counts a refusal.
    /// - Returns: Whether it is the first of its kind.
    package mutating func add(_ refusal: AnswerRule.Refusal) -> Bool {
        counts[refusal.rawValue] += 1
        return counts[refusal.rawValue] == 1
    }
}
