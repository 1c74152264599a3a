import Datagrams
import Glibc
import Loops

/// A chat server: delivers every message to the members of its room, and notices members that have
/// left.
package struct ChatServer: ~Copyable {
    package enum Event {
        case message(from: SocketAddress, octets: UnsafeRawBufferPointer, members: Int)
        case joined(SocketAddress, members: Int)
        case left(SocketAddress, Leaving, members: Int)
        /// The room is full: the message is not delivered.
        case turnedAway(SocketAddress)
        case refused(AnswerRule.Refusal, SocketAddress?)
    }

    package enum Leaving: Sendable {
        case portClosed
        /// The member was silent for longer than the room's limit.
        case silent
    }

    package struct Counts: Sendable, Equatable {
        package var messages = 0
        package var deliveries = 0
        package var failed = 0
        package var turnedAway = 0
        package var left = 0
        package var refused = RefusalCounts()
    }

    /// The maximum number of error-queue entries read before the next datagram.
    private static let errorsInTurn = 256

    private var kernel: LinuxResponderKernel
    private let rule: AnswerRule
    private var room: ChatRoom
    private var fanOut = FanOut()
    private let clock = LinuxClock()
    private let incoming = ReceiveBatch(
        slots: 1, slotBytes: ProbeLayout.maximumBytes + 1, withAddresses: true, withControl: true)
    private let errors = ErrorQueueReader()
    private var failures = ReceiveErrors()
    /// The failed receive calls by the errno's name, without resets.
    package var receiveErrors: [String: Int] { failures.byName }
    package private(set) var counts = Counts()

    /// - Parameters:
    ///   - members: The maximum number of members.
    ///   - idleNs: The maximum silence of a member.
    /// - Throws: If `address` cannot be bound.
    package init(
        address: SocketAddress, members: Int, idleNs: Int64, allowed: [AddressRange] = []
    ) throws(SystemFailure) {
        kernel = try LinuxResponderKernel.open(
            at: address, receiveBufferAsked: LinuxKernel.bufferBytesAsked,
            // A member's closed port is detected by the error that its delivery causes.
            kind: .unconnectedRecverr)
        AnswerMark.apply(to: kernel.socket)
        rule = AnswerRule(bound: kernel.address, allowed: allowed)
        room = ChatRoom(capacity: members, idleNs: idleNs)
    }

    package var address: SocketAddress { kernel.address }
    package var allowed: [AddressRange] { rule.allowed }
    package var joined: Int { room.joined }
    package var members: Int { room.count }

    /// Returns the datagrams dropped by the full receive buffer so far; `nil` if the kernel does
    /// not report drops.
    package mutating func drops() -> Int? { kernel.drops() }

    /// Serves until `isRunning` returns false, which is checked about 20 times a second.
    /// - Throws: If this host fails every receive call.
    package mutating func serve(
        while isRunning: () -> Bool, show: (Event) -> Void
    ) throws(HostFault) {
        while isRunning() {
            if try kernel.receive(incoming, counting: &failures, leavingEntries: true) > 0 {
                take(show)
            }
            forgetTheSilent(clock.nowNs(), show)
            forgetTheGone(show)
        }
    }

    private mutating func take(_ show: (Event) -> Void) {
        let source = incoming.source(0)
        if let refusal = rule.refusal(of: 0, in: incoming) {
            _ = counts.refused.add(refusal)
            return show(.refused(refusal, source))
        }
        guard let source, let raw = incoming.rawSource(0) else { return }
        let nowNs = clock.nowNs()
        forgetTheSilent(nowNs, show)
        let hearing = room.heard(
            from: raw, bytes: incoming.rawSourceBytes(0), atNs: nowNs)
        switch hearing {
        case .full:
            counts.turnedAway += 1
            return show(.turnedAway(source))
        case .joined: show(.joined(source, members: room.count))
        case .member: break
        }
        // An empty datagram is a join: it makes a member, and there is nothing to deliver.
        guard incoming.length(0) > 0 else { return }
        counts.messages += 1
        let octets = UnsafeRawBufferPointer(start: incoming.slot(0), count: incoming.length(0))
        show(.message(from: source, octets: octets, members: room.count))
        // The error of an earlier delivery that a call returns is in the error queue too, and is
        // read later.
        let round = fanOut.send(
            incoming.slot(0), bytes: incoming.length(0), to: room, over: &kernel
        ) { _ in }
        counts.deliveries += round.sent
        counts.failed += round.failed
    }

    private mutating func forgetTheSilent(_ nowNs: Int64, _ show: (Event) -> Void) {
        var silent: [SocketAddress] = []
        room.expire(atNs: nowNs) { raw in
            if let member = SocketAddress(raw: raw) { silent.append(member) }
        }
        for (index, member) in silent.enumerated() {
            show(.left(member, .silent, members: room.count + silent.count - 1 - index))
        }
    }

    /// Reads the error queue: a closed port is a member that has left.
    private mutating func forgetTheGone(_ show: (Event) -> Void) {
        for _ in 0..<Self.errorsInTurn {
            guard let entry = errors.next(on: kernel.socket.descriptor) else { return }
            guard entry.isICMP, entry.errno == .connectionRefused, let gone = errors.destination
            else { continue }
            let hasLeft = errors.withDestination { room.leave($0) }
            guard hasLeft else { continue }
            counts.left += 1
            show(.left(gone, .portClosed, members: room.count))
        }
    }
}
