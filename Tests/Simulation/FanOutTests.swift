import Datagrams
import Glibc
import Testing

@testable import Loops

/// A round in a room, over a kernel that does what a test wants.
@Suite struct FanOutTests {
    /// Takes at most `most` messages a call, and fails where it is told to.
    private struct Kernel: ResponderKernel, ~Copyable {
        var most = Int.max
        /// Call → errno instead of a count.
        var failures: [Int: Int32] = [:]
        var calls = 0
        var waits = 0
        var reached: [SocketAddress] = []

        mutating func receive(_ batch: borrowing ReceiveBatch) -> Int { -Int(EAGAIN) }
        mutating func sendBack(_ batch: borrowing ReceiveBatch, from: Int, count: Int) -> Int {
            -Int(EOPNOTSUPP)
        }
        mutating func waitWritable(timeoutNs: Int64) { waits += 1 }
        mutating func drops() -> Int? { 0 }
        mutating func sleep(ns: Int64) {}

        mutating func send(_ outbox: borrowing Outbox, from: Int, count: Int) -> Int {
            calls += 1
            if let errno = failures[calls] { return -Int(errno) }
            let taken = min(count, most)
            for index in from..<from + taken {
                if let address = outbox.destination(index) { reached.append(address) }
            }
            return taken
        }
    }

    private static let octets: [UInt8] = [1, 2, 3]

    private static func address(_ number: Int) -> SocketAddress? {
        SocketAddress(octets: [127, 0, 0, 1], port: UInt16(5_000 + number))
    }

    /// Members 0 ..< count, of whom the last is the speaker.
    private static func room(_ count: Int) -> ChatRoom {
        var room = ChatRoom(capacity: count)
        for number in 0..<count {
            guard let address = address(number) else { continue }
            let raw = RawAddresses([address])
            _ = room.heard(from: raw[0], bytes: 16, atNs: 0)
        }
        return room
    }

    private static func goRound(
        _ members: Int, _ kernel: inout Kernel
    ) -> (round: FanOut.Round, errors: Int) {
        let room = room(members)
        var fanOut = FanOut()
        var errors = 0
        let round = octets.withUnsafeBytes { buffer -> FanOut.Round in
            guard let base = buffer.baseAddress else { return FanOut.Round() }
            return fanOut.send(base, bytes: 3, to: room, over: &kernel) { _ in errors += 1 }
        }
        return (round, errors)
    }

    @Test("every member is reached once, however few a call takes", arguments: [1, 2, 3, 63, 200])
    func partial(most: Int) {
        for members in [0, 1, 63, 64, 65, 200] {
            var kernel = Kernel(most: most)
            let (round, _) = Self.goRound(members, &kernel)
            #expect(round == FanOut.Round(sent: members, failed: 0, servesSpeaker: true))
            #expect(kernel.reached == (0..<members).compactMap(Self.address))
        }
    }

    @Test("an error about an earlier delivery costs nobody this one")
    func stale() {
        for call in 1...4 {
            var kernel = Kernel(most: 1, failures: [call: ECONNREFUSED])
            let (round, errors) = Self.goRound(4, &kernel)
            #expect(round.sent == 4)
            #expect(errors == 1)
            #expect(kernel.reached == (0..<4).compactMap(Self.address))
        }
    }

    @Test("a full send buffer is waited for, and in the end is a failure")
    func full() {
        var kernel = Kernel(failures: [1: EAGAIN, 2: EAGAIN])
        #expect(Self.goRound(3, &kernel).round.sent == 3)
        #expect(kernel.waits == 2)
        let limit = Int(FanOut.patienceNs / FanOut.lookNs)
        var stuck = Kernel(
            failures: Dictionary(uniqueKeysWithValues: (1...limit + 1).map { ($0, EAGAIN) }))
        let (round, _) = Self.goRound(3, &stuck)
        #expect(round.failed == 1)
        #expect(round.sent == 2)
    }

    @Test("a delivery that fails is one member's, and whether it was the speaker's is known")
    func failed() {
        for member in 0..<3 {
            var kernel = Kernel(most: 1, failures: [member + 1: EPERM])
            let (round, _) = Self.goRound(3, &kernel)
            #expect(round.sent == 2)
            #expect(round.failed == 1)
            #expect(round.servesSpeaker == (member != 2))
        }
    }

    @Test("each delivery is counted once, for the member that got it")
    func matrix() {
        var matrix = DeliveryMatrix(rows: 2, speakers: 3, messages: 70)
        for (row, speaker, number) in [(0, 0, 0), (0, 2, 69), (1, 0, 0), (0, 0, 0), (0, 0, 64)] {
            let isSaid = matrix.record(
                row: row, speaker: speaker, number: number, delayNs: 10, timeoutNs: 5)
            #expect(isSaid)
        }
        #expect(matrix.delivered == 4)
        #expect(matrix.duplicates == 1)
        #expect(matrix.late == 4)
        #expect(matrix.deliveredByMember == [3, 1])
        let isSaid = matrix.record(row: 0, speaker: 0, number: 70, delayNs: 1, timeoutNs: 5)
        #expect(!isSaid)
        #expect(matrix.delivered == 4)
    }
}
