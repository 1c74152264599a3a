import Datagrams
import Glibc

/// Sends a message to the members of a room, one datagram each, in batches, without a copy.
package struct FanOut: ~Copyable {
    /// The result of one message: a delivery for every member.
    package struct Round: Equatable {
        /// The deliveries that the kernel accepted.
        package var sent = 0
        package var failed = 0
        /// Whether the kernel accepted the speaker's own delivery.
        package var servesSpeaker = true
    }

    static let batch = 64
    /// The maximum delay of a delivery by a full send buffer before it counts as failed.
    static let patienceNs: Int64 = 1_000_000_000
    static let lookNs: Int64 = 20_000_000
    /// The maximum number of errors about earlier deliveries after which a delivery is retried.
    static let errorsLimit = 64

    private let outbox: Outbox

    package init() { outbox = Outbox(slots: FanOut.batch) }

    /// Sends a message.
    /// - Parameter onError: Called if a call failed because of an earlier delivery; the current
    ///   delivery is then retried.
    package mutating func send<Kernel: ResponderKernel & ~Copyable>(
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

extension RoomRounds {
    /// Adds the deliveries of one message to so many members.
    mutating func add(_ round: FanOut.Round, members: Int) {
        membersLeast = messages == 0 ? members : min(membersLeast, members)
        membersMost = max(membersMost, members)
        messages += 1
        expected += members
        sent += round.sent
        failed += round.failed
    }
}
