import Datagrams

/// Whom a stand-alone responder answers: sources of its allow-list, loopback alone unless told
/// otherwise, from a port of 1024 or above, and never an answer.
///
/// A responder answers whoever a datagram says that it is from, and that can be forged: without
/// these rules it would send what a stranger likes to whom the stranger likes.
package struct AnswerRule: Sendable {
    package enum Refusal: Int, Sendable, CaseIterable {
        /// Below 1024, 0 among them: the ports of services such as echo (7) or chargen (19), which
        /// would answer in turn.
        case sourcePort
        /// Outside the allow-list.
        case notAllowed
        /// This very socket.
        case ownAddress
        /// What another responder of udplab answered: see `AnswerMark`.
        case answer
    }

    static let lowestPort: UInt16 = 1024

    package let allowed: [AddressRange]
    private let own: [AddressRange]
    private let ownPort: UInt16

    /// - Parameters:
    ///   - bound: Where the responder is bound.
    ///   - allowed: Whom it may answer; loopback when empty.
    package init(bound: SocketAddress, allowed: [AddressRange] = []) {
        self.allowed = allowed.isEmpty ? AddressRange.loopback : allowed
        ownPort = bound.port
        let addresses = bound.isUnspecified ? HostAddresses.own() : [bound]
        own = addresses.compactMap { try? AddressRange($0.with(scope: 0).host) }
    }

    /// Why message `index` of the last receive gets no answer; `nil` when it gets one.
    @inline(__always)
    package func refusal(of index: Int, in batch: borrowing ReceiveBatch) -> Refusal? {
        guard let source = RawSource(batch, index) else { return .notAllowed }
        if source.port < AnswerRule.lowestPort { return .sourcePort }
        guard allowed.contains(where: { source.isIn($0) }) else { return .notAllowed }
        if source.port == ownPort, own.contains(where: { source.isIn($0) }) { return .ownAddress }
        return AnswerMark.isOn(batch, index) ? .answer : nil
    }
}

/// Datagrams that got no answer, by the rule that says so.
package struct RefusalCounts: Sendable, Equatable {
    private var counts = [Int](repeating: 0, count: AnswerRule.Refusal.allCases.count)

    package init() {}

    package subscript(_ refusal: AnswerRule.Refusal) -> Int { counts[refusal.rawValue] }
    package var total: Int { counts.reduce(0, +) }

    /// - Returns: Whether it is the first of its kind.
    mutating func add(_ refusal: AnswerRule.Refusal) -> Bool {
        counts[refusal.rawValue] += 1
        return counts[refusal.rawValue] == 1
    }
}
