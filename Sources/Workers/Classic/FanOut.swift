import Datagrams
import Glibc

/// Takes a message round a room: one datagram to every member, in batches, without a copy.
struct FanOut: ~Copyable {
    /// What became of one round: a delivery for every member.
    struct Round: Equatable {
        /// Deliveries that the kernel took.
        var sent = 0
        var failed = 0
        /// Whether the speaker is among those whose delivery was taken.
        var servesSpeaker = true
    }

    static let batch = 64
    /// How long a full send buffer may hold up a delivery before it counts as failed.
    static let patienceNs: Int64 = 1_000_000_000
    static let lookNs: Int64 = 20_000_000
    /// Errors about earlier deliveries that one delivery may meet and be tried again after.
    static let errorsLimit = 64

    private let outbox: Outbox

    init() { outbox = Outbox(slots: FanOut.batch) }

    /// - Parameter onError: Called when a call failed because of an earlier delivery; the delivery
    ///   that met it is tried again.
    mutating func send<Kernel: ResponderKernel & ~Copyable>(
        _ octets: UnsafeRawPointer, bytes: Int, to room: borrowing ChatRoom,
        over kernel: inout Kernel, onError: (inout Kernel) -> Void
    ) -> Round {
        var round = Round()
        var first = 0
        while first < room.count {
            let count = min(FanOut.batch, room.count - first)
            for index in 0..<count {
                outbox.set(
                    index, octets: octets, bytes: bytes, address: room.address(first + index),
                    addressBytes: room.addressBytes(first + index))
            }
            send(first..<first + count, of: room.speaker, over: &kernel, into: &round, onError)
            first += count
        }
        return round
    }

    private mutating func send<Kernel: ResponderKernel & ~Copyable>(
        _ members: Range<Int>, of speaker: Int, over kernel: inout Kernel,
        into round: inout Round,
        _ onError: (inout Kernel) -> Void
    ) {
        var index = 0
        var waitedNs: Int64 = 0
        var errors = 0
        while index < members.count {
            let result = kernel.send(outbox, from: index, count: members.count - index)
            if result > 0 {
                round.sent += result
                index += result
                waitedNs = 0
                errors = 0
            } else if result == -Int(EAGAIN), waitedNs < FanOut.patienceNs {
                kernel.waitWritable(timeoutNs: FanOut.lookNs)
                waitedNs += FanOut.lookNs
            } else if result == -Int(ECONNREFUSED), errors < FanOut.errorsLimit {
                errors += 1
                onError(&kernel)
            } else {
                round.failed += 1
                if members.lowerBound + index == speaker { round.servesSpeaker = false }
                index += 1
                waitedNs = 0
                errors = 0
            }
        }
    }
}
