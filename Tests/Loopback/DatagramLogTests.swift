import Datagrams
import Glibc
import Testing

@testable import Workers

/// The log of every datagram: nothing is left out, nothing changes places.
@Suite struct DatagramLogTests {
    @Test("every record is a row, in order, also when the ring wraps")
    func wraps() throws {
        let file = try TemporaryFile()
        let log = try DatagramLog(path: file.path, flowPrefix: "voice.")
        let count = DatagramLog.capacity + 50_000
        for index in 0..<count {
            log.add(
                sequence: UInt64(index) << 8, timeNs: 1_000 + Int64(index), flow: index % 3,
                bytes: 64, isReceived: index % 2 == 1)
        }
        try log.finish()
        let rows = file.contents().split(separator: UInt8(ascii: "\n"))
        #expect(rows.count == count)
        let wrong = rows.enumerated().first { index, row in
            let event = index % 2 == 1 ? "received" : "sent"
            let expected = "voice.\(index % 3),\(index << 8),\(event),\(1_000 + index),64"
            return !row.elementsEqual(expected.utf8)
        }
        #expect(wrong == nil)
    }

    @Test("a log without records is an empty addition")
    func empty() throws {
        let file = try TemporaryFile(contents: DatagramLog.header)
        let log = try DatagramLog(path: file.path, flowPrefix: "")
        try log.finish()
        #expect(file.contents() == Array(DatagramLog.header.utf8))
    }

    @Test("a log that cannot be written says so at the end, and does not hold up the loop")
    func fullDevice() throws {
        let log = try DatagramLog(path: "/dev/full", flowPrefix: "")
        for index in 0..<10_000 {
            log.add(
                sequence: UInt64(index), timeNs: 0, flow: 0, bytes: 64, isReceived: false)
        }
        let failure = #expect(throws: SystemFailure.self) { try log.finish() }
        #expect(failure?.errno.name == "ENOSPC")
    }

    @Test("a log that is not there is an error at the start")
    func missing() {
        #expect(throws: SystemFailure.self) {
            _ = try DatagramLog(path: "/nonexistent/log.csv", flowPrefix: "")
        }
    }
}
