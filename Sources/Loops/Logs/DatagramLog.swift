import Datagrams
import Glibc

/// The log of `--log-datagrams`: one row per event at the sender, for audit.
///
/// If the ring is full the data thread waits: an audit log costs speed instead of rows, and the
/// slots that pass meanwhile are `skipped`. Rows that cannot be written (a full disk, a limit on
/// the file's size) are counted, without other effects.
package final class DatagramLog: Sendable {
    package static let header = "flow,seq,event,time_ns,bytes\n"

    /// The number of rows that may wait to be written.
    static let capacity = RowLog<Record>.capacity

    struct Record: LogRow {
        var sequence: UInt64
        var timeNs: Int64
        var flow: Int32
        var bytes: Int32
        var isReceived: Bool

        func append(to text: inout [UInt8], prefix: String) {
            let event = isReceived ? "received" : "sent"
            let row = "\(prefix)\(flow),\(sequence),\(event),\(timeNs),\(bytes)\n"
            text.append(contentsOf: row.utf8)
        }
    }

    private let rows: RowLog<Record>

    /// Opens `path` for appending. Rows name flows by `flowPrefix` and the flow's number.
    package convenience init(path: String, flowPrefix: String) throws(SystemFailure) {
        try self.init(path: path, flowPrefix: flowPrefix, write: LogFiles.write)
    }

    init(path: String, flowPrefix: String, write: @escaping LogWrite) throws(SystemFailure) {
        rows = try RowLog(path: path, name: "datagram-log", prefix: flowPrefix, write: write)
    }

    @inline(__always)
    package func add(sequence: UInt64, timeNs: Int64, flow: Int, bytes: Int, isReceived: Bool) {
        let record = Record(
            sequence: sequence, timeNs: timeNs, flow: Int32(flow), bytes: Int32(bytes),
            isReceived: isReceived)
        while !rows.add(record) { sched_yield() }
    }

    /// Writes the remaining rows and ends the writer.
    /// - Returns: The rows that could not be written.
    package func finish() -> LostRows { rows.finish() }
}
