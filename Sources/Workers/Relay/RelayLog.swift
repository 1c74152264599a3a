import Datagrams
import Impairment

/// `--log` of a relay: one row per datagram that came, with what was decided about it.
///
/// When the writer does not keep up a row is lost and counted: the log must not hold up what it
/// is about.
package final class RelayLog: Sendable {
    package static let header = "time_ns,direction,flow,n,bytes,decision,delay_ns\n"

    /// What can be true of one datagram: words of the column `decision`, joined by `+`.
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
        /// Bit 8 + i stands for `Alteration.all[i]`.
        private static let alterationsStart: UInt16 = 8

        private static let words = [
            "lost", "blackholed", "tail_dropped", "no_memory", "delayed", "held_back",
            "duplicated", "hop_limit",
        ] + Alteration.all.map(\.count.key)

        init(rawValue: UInt16) { self.rawValue = rawValue }

        init(_ set: AlterationSet) {
            rawValue = Alteration.all.indices.filter(set.contains).reduce(0) {
                $0 | 1 << (Self.alterationsStart + UInt16($1))
            }
        }

        /// `forwarded` when nothing else is true.
        var text: String {
            let set = Self.words.indices.filter { rawValue >> UInt16($0) & 1 == 1 }
            return set.isEmpty ? "forwarded" : set.map { Self.words[$0] }.joined(separator: "+")
        }
    }

    struct Row: LogRow {
        var timeNs: Int64
        var flow: Int
        var number: UInt64
        /// Until it was due to leave; of the last copy that fitted.
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

    /// Opens `path`, which exists, to append to it.
    package init(path: String) throws(SystemFailure) {
        rows = try RowLog(path: path, name: "relay-log", prefix: "")
    }

    /// - Returns: Whether there was room.
    @inline(__always)
    func add(_ row: Row) -> Bool { rows.add(row) }

    /// Writes what is left and ends the writer.
    /// - Returns: What could not be written.
    package func finish() -> LostRows { rows.finish() }
}
