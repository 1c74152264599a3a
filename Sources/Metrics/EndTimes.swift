/// The times of sampled probes at one end of a stream with answers: at the sender when a probe left
/// and when its answer arrived (T1 and T4 of RFC 8762 §4), at the responder when it arrived and
/// when its answer left (T2 and T3).
///
/// Both ends take every 2^k-th probe by the same rule, which depends on session and sequence number
/// alone, so that ``ByProbe`` finds the same probes on both without a byte on
/// the wire. k begins with 0 and grows whenever the memory is full; nothing is allocated after the
/// start.
package struct EndTimes: Sendable, Equatable {
    /// The number of probes of a stream that has the memory for itself.
    package static let capacity = 4_096

    package struct Entry: Sendable, Equatable {
        package var session: UInt16
        package var sequence: UInt64
        /// T1 or T2.
        package var earlierNs: Int64
        /// T4 or T3.
        package var laterNs: Int64

        package init(session: UInt16, sequence: UInt64, earlierNs: Int64, laterNs: Int64) {
            self.session = session
            self.sequence = sequence
            self.earlierNs = earlierNs
            self.laterNs = laterNs
        }
    }

    package private(set) var entries: [Entry] = []
    private let most: Int
    /// 2^k − 1.
    private var mask: UInt64 = 0

    /// - Parameter most: The maximum number of probes that are kept; 0 keeps none.
    package init(most: Int) {
        self.most = most
        entries.reserveCapacity(most)
    }

    /// The odd factor of the sampling rule: its products spread neighbours, so that no flow and no
    /// place in a burst is preferred.
    fileprivate static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
    /// The distance of the keys of two probes of a flow in a row: more than the sessions.
    fileprivate static let keyStep: UInt64 = 0x1_0001

    @inline(__always)
    fileprivate static func product(_ session: UInt16, _ sequence: UInt64) -> UInt64 {
        (sequence &* keyStep &+ UInt64(session)) &* factor
    }

    @inline(__always)
    fileprivate static func isSampled(_ product: UInt64, _ mask: UInt64) -> Bool {
        product >> 40 & mask == 0
    }

    /// The sampling rule at a moment.
    package struct Rule: Sendable {
        /// Nil if no times are kept.
        fileprivate let mask: UInt64?

        /// Calls `take` for each probe of a run whose times are kept. A probe costs an addition.
        @inline(__always)
        package func forEach(
            session: UInt16, first: UInt64, count: Int, _ take: (_ offset: Int) -> Void
        ) {
            guard let mask else { return }
            var product = EndTimes.product(session, first)
            for offset in 0..<count {
                if EndTimes.isSampled(product, mask) { take(offset) }
                product &+= EndTimes.keyStep &* EndTimes.factor
            }
        }
    }

    package var rule: Rule { Rule(mask: most > 0 ? mask : nil) }

    /// Keeps the times of a probe, if it is still sampled when there is room for it.
    package mutating func record(_ entry: Entry) {
        while entries.count >= most {
            guard mask < 1 << 23 else { return }
            thin(to: mask << 1 | 1)
        }
        let product = Self.product(entry.session, entry.sequence)
        guard most > 0, Self.isSampled(product, mask) else { return }
        entries.append(entry)
    }

    /// Drops the times of a probe of which a further copy came: its answer may be the copy's.
    package mutating func forget(session: UInt16, sequence: UInt64) {
        let place = entries.lastIndex { $0.session == session && $0.sequence == sequence }
        if let place { entries.remove(at: place) }
    }

    private mutating func thin(to mask: UInt64) {
        self.mask = mask
        entries.removeAll { !Self.isSampled(Self.product($0.session, $0.sequence), mask) }
    }

    /// Adds the times of other flows, all of them.
    package mutating func join(_ other: EndTimes) { entries += other.entries }

    /// Adds the times that another thread of the same end has kept.
    package mutating func merge(_ other: EndTimes) {
        thin(to: mask | other.mask)
        for entry in other.entries { record(entry) }
    }
}

extension EndTimes {
    /// The delays of one probe on its way there and of its answer on the way back, on one clock.
    package struct Ways: Sendable, Equatable {
        package var forwardNs: Int64
        package var backwardNs: Int64
    }

    /// The times of one end by probe.
    package struct ByProbe: Sendable {
        private struct Probe: Hashable {
            let session: UInt16
            let sequence: UInt64
        }

        private var entries: [Probe: Entry] = [:]

        /// Of an answer that had to be sent twice, the second time counts.
        package init(_ list: [Entry]) {
            entries.reserveCapacity(list.count)
            for entry in list {
                entries[Probe(session: entry.session, sequence: entry.sequence)] = entry
            }
        }

        /// Returns the delays of the probes whose times the responder has kept as well.
        /// - Parameter aheadNs: By how much the responder's clock was ahead of the sender's.
        package func ways(
            responder: ByProbe, responderAheadNs aheadNs: Int64
        ) -> [Ways] {
            responder.entries.compactMap { probe, answer in
                guard let sent = entries[probe] else { return nil }
                return Ways(
                    forwardNs: answer.earlierNs &- aheadNs &- sent.earlierNs,
                    backwardNs: sent.laterNs &- (answer.laterNs &- aheadNs))
            }
        }
    }
}

/// The entries column by column: a third of the text of one object per entry.
extension EndTimes: Codable {
    private enum Column: String, CodingKey {
        case sessions, sequences, earlierNs, laterNs
    }

    package init(from decoder: any Decoder) throws {
        let columns = try decoder.container(keyedBy: Column.self)
        let sessions = try columns.decode([UInt16].self, forKey: .sessions)
        let sequences = try columns.decode([UInt64].self, forKey: .sequences)
        let earlier = try columns.decode([Int64].self, forKey: .earlierNs)
        let later = try columns.decode([Int64].self, forKey: .laterNs)
        guard Set([sessions.count, sequences.count, earlier.count, later.count]).count == 1 else {
            throw DecodingError.dataCorruptedError(
                forKey: .sessions, in: columns, debugDescription: "columns of different lengths")
        }
        self.init(most: sessions.count)
        entries = sessions.indices.map {
            Entry(
                session: sessions[$0], sequence: sequences[$0], earlierNs: earlier[$0],
                laterNs: later[$0])
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var columns = encoder.container(keyedBy: Column.self)
        try columns.encode(entries.map(\.session), forKey: .sessions)
        try columns.encode(entries.map(\.sequence), forKey: .sequences)
        try columns.encode(entries.map(\.earlierNs), forKey: .earlierNs)
        try columns.encode(entries.map(\.laterNs), forKey: .laterNs)
    }
}
