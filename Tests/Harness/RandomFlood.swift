import Glibc

/// Random datagrams to an echo, each answer held against what was sent, byte by byte.
///
/// No more is on its way than a socket buffer of any host takes, so nothing is lost to the test
/// itself, and answers come in the order of the questions.
package struct RandomFlood: ~Copyable {
    package struct Outcome: Sendable, Equatable {
        package var sent = 0
        package var verbatim = 0
        package var altered = 0
        package var missing = 0

        package init() {}
    }

    /// The largest payload of UDP over IPv4.
    package static let largestBytes = 65_507
    private static let poolBytes = 1 << 20
    /// 16 datagrams of a kernel's overhead each, and 32 KiB of payload, fit 208 KiB.
    private static let onTheWayMost = 16
    private static let bytesOnTheWayMost = 1 << 15
    private static let patienceMs: Int32 = 20_000

    private let descriptor: Int32
    private let pool: [UInt8]
    private var random: SeededGenerator
    package private(set) var outcome = Outcome()

    /// - Parameter address: `127.0.0.1:7788`.
    package init(to address: String, seed: UInt64) throws {
        let parts = address.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1]) else {
            throw HarnessError("\(address) is no address")
        }
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = port.bigEndian
        inet_pton(AF_INET, String(parts[0]), &target.sin_addr)
        let result = withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw HarnessError("connect \(address): \(errno)") }
        self.descriptor = descriptor
        var random = SeededGenerator(seed: seed)
        pool = (0..<Self.poolBytes).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        self.random = random
    }

    deinit { close(descriptor) }

    /// Sends datagrams of these sizes, and takes their answers.
    package mutating func send(sizes: [Int]) {
        var waiting: [(offset: Int, bytes: Int)] = []
        var bytes = 0
        for size in sizes {
            if waiting.count == Self.onTheWayMost || bytes + size > Self.bytesOnTheWayMost {
                take(waiting)
                waiting.removeAll(keepingCapacity: true)
                bytes = 0
            }
            let offset = Int.random(in: 0...Self.poolBytes - Self.largestBytes, using: &random)
            let taken = pool.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + offset }, size, 0)
            }
            outcome.sent += 1
            guard taken == size else {
                outcome.missing += 1
                continue
            }
            waiting.append((offset, size))
            bytes += size
        }
        take(waiting)
    }

    private mutating func take(_ waiting: [(offset: Int, bytes: Int)]) {
        var buffer = [UInt8](repeating: 0, count: Self.largestBytes + 1)
        for (index, question) in waiting.enumerated() {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            var count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count < 0, poll(&entry, 1, Self.patienceMs) > 0 {
                count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            }
            guard count >= 0 else {
                outcome.missing += waiting.count - index
                return
            }
            let isSame = pool.withUnsafeBytes { pool in
                pool.baseAddress.map { memcmp($0 + question.offset, buffer, count) == 0 } ?? false
            }
            if count == question.bytes, isSame {
                outcome.verbatim += 1
            } else {
                outcome.altered += 1
            }
        }
    }

    /// So many sizes: each one from 0 to the largest once, all others small, in a seeded order.
    package static func sizes(count: Int, seed: UInt64) -> [Int] {
        var random = SeededGenerator(seed: seed)
        var sizes = Array(0...largestBytes)
        while sizes.count < count { sizes.append(Int.random(in: 0..<512, using: &random)) }
        sizes.shuffle(using: &random)
        return sizes
    }
}
