import Datagrams
import Glibc
import Synchronization
import Testing

@testable import Loops

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
        #expect(log.finish() == LostRows())
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
        #expect(log.finish() == LostRows())
        #expect(file.contents() == Array(DatagramLog.header.utf8))
    }

    @Test(
        "T12 rows that cannot be written are counted, and the others are whole",
        arguments: [1, 7, 4_096, 65_535, 65_536, 65_537, 100_000, 1 << 30])
    func t12(bytesAtMost: Int) throws {
        let file = try TemporaryFile()
        let room = Atomic(bytesAtMost)
        let log = try DatagramLog(path: file.path, flowPrefix: "") { descriptor, bytes in
            let count = min(bytes.count, room.load(ordering: .relaxed))
            guard count > 0 else {
                errno = EFBIG
                return -1
            }
            room.subtract(count, ordering: .relaxed)
            return write(descriptor, bytes.baseAddress, count)
        }
        for index in 0..<20_000 {
            log.add(
                sequence: UInt64(index), timeNs: 0, flow: 0, bytes: 64, isReceived: false)
        }
        let lost = log.finish()
        let contents = file.contents()
        let rows = contents.count { $0 == UInt8(ascii: "\n") }
        #expect(contents.count <= bytesAtMost)
        #expect(rows + lost.count == 20_000)
        #expect(lost.errno == (lost.count > 0 ? "EFBIG" : nil))
    }

    @Test("T12 once there is room again a row that was cut goes on where it ended")
    func t12Room() throws {
        let file = try TemporaryFile()
        let calls = Atomic(0)
        // Every other call fails, and every successful one takes a part.
        let log = try DatagramLog(path: file.path, flowPrefix: "") { descriptor, bytes in
            guard calls.add(1, ordering: .relaxed).newValue % 2 == 1 else {
                errno = ENOSPC
                return -1
            }
            return write(descriptor, bytes.baseAddress, min(bytes.count, 1_001))
        }
        for index in 0..<50_000 {
            log.add(
                sequence: UInt64(index), timeNs: 5, flow: 0, bytes: 64, isReceived: false)
        }
        let lost = log.finish()
        let text = String(decoding: file.contents(), as: UTF8.self)
        var rows = text.split(separator: "\n")
        if !text.hasSuffix("\n") { rows.removeLast() }
        #expect(rows.count + lost.count == 50_000)
        let sequences = rows.compactMap { row -> Int? in
            let fields = row.split(separator: ",")
            guard fields.count == 5, fields[0] == "0", fields[2...] == ["sent", "5", "64"] else {
                return nil
            }
            return Int(fields[1])
        }
        #expect(sequences.count == rows.count)
        #expect(zip(sequences, sequences.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("T12 a log that is not there, or is no regular file, is an error at the start")
    func t12Places() throws {
        let file = try TemporaryFile()
        let (link, fifo) = (file.path + ".link", file.path + ".fifo")
        try #require(symlink(file.path, link) == 0 && mkfifo(fifo, 0o600) == 0)
        defer {
            unlink(link)
            unlink(fifo)
        }
        for path in ["/nonexistent/log.csv", "/dev/full", "/dev/null", "/tmp", link, fifo] {
            #expect(throws: SystemFailure.self, "\(path)") {
                _ = try DatagramLog(path: path, flowPrefix: "")
            }
        }
    }
}
