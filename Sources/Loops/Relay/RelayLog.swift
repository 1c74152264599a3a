import Datagrams
import Impairment

/// The log of a relay's `--log`: one row per received datagram, with the decision on it.
///
/// If the writer does not keep up a row is lost and counted: the log must not delay datagrams.
package final class RelayLog: Sendable {
    package static let header = "time_ns,direction,flow,n,bytes,decision,delay_ns\n"

    /// The properties of the decision on a datagram: words of the column `decision`, joined by `+`.
    struct Decision: OptionSet {
        let rawValue: UInt16
        static let lost = Decision(rawValue: 1 << 0)
        static let blackholed = Decision(rawValue: 1 << 1)
        static let tailDropped = Decision(rawValue: 1 << 2)
        static let noMemory = Decision(rawValue: 1 << 3)
        static let delayed = Decision(rawValue: 1 << 4)
        static let heldBack = Decision(rawValue: 1 << 5)
        static let duplicated = Decision(rawValue: 1 << 6)
        static let hopLimit = Decision(rawValue: 1 << 7)
        /// The first bit of the alterations: bit 8 + i stands for `Alteration.all[i]`.
        private static let alterationsStart: UInt16 = 8

        private static let words =
            [
                "lost", "blackholed", "tail_dropped", "no_memory", "delayed", "held_back",
                "duplicated", "hop_limit",
            ] + Alteration.all.map(\.count.key)

        init(rawValue: UInt16) { self.rawValue = rawValue }

        init(_ set: AlterationSet) { rawValue = set.bits << Self.alterationsStart }

        /// The words; `forwarded` if there are no others.
        var text: String {
            let set = Self.words.indices.filter { rawValue >> UInt16($0) & 1 == 1 }
            return set.isEmpty ? "forwarded" : set.map { Self.words[$0] }.joined(separator: "+")
        }
    }

    struct Row: LogRow {
        var timeNs: Int64
        var flow: Int
        var number: UInt64
        /// The delay until the datagram was due, of the last copy that fitted.
        var delayNs: Int64
        var bytes: Int32
        var decision: Decision
        var isForward: Bool

        func append(to text: inout [UInt8], prefix: String) {
            let row =
                "\(timeNs),\(isForward ? "forward" : "backward"),\(flow),\(number),"
                + "\(bytes),\(decision.text),\(delayNs)\n"
            text.append(contentsOf: row.utf8)
        }
    }

    private let rows: RowLog<Row>

    /// Opens the existing file `path` for appending.
    package init(path: String) throws(SystemFailure) {
        rows = try RowLog(path: path, name: "relay-log", prefix: "")
    }

    /// Adds a row.
    /// - Returns: Whether the ring had a free place.
    @inline(__always)
    func add(_ row: Row) -> Bool { rows.add(row) }

    /// Writes the remaining rows and ends the writer.
    /// - Returns: The rows that could not be written.
    package func finish() -> LostRows { rows.finish() }
}
