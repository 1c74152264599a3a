import Datagrams
import Glibc
import Loops

/// The stand-alone echo responder (RFC 862): returns every datagram unchanged to its source, if the
/// source may be answered, and keeps no state about sources.
package struct EchoServer: ~Copyable {
    static let batch = 64

    package struct Counts: Sendable, Equatable {
        package var received = 0
        package var returned = 0
        package var failed = 0
        package var refused = RefusalCounts()
    }

    private var kernel: LinuxResponderKernel
    private let rule: AnswerRule
    private let incoming = ReceiveBatch(
        slots: EchoServer.batch, slotBytes: ProbeLayout.maximumBytes + 1, withAddresses: true,
        withControl: true)
    package private(set) var counts = Counts()
    private var errors = ReceiveErrors()
    /// The failed receive calls by the errno's name.
    package var receiveErrors: [String: Int] { errors.byName }

    /// Opens a server.
    /// - Parameter allowed: The sources that the server answers; loopback if empty.
    /// - Throws: If `address` cannot be bound.
    package init(
        address: SocketAddress, allowed: [AddressRange] = []
    ) throws(SystemFailure) {
        kernel = try LinuxResponderKernel.open(
            at: address, receiveBufferAsked: LinuxKernel.bufferBytesAsked)
        AnswerMark.apply(to: kernel.socket)
        rule = AnswerRule(bound: kernel.address, allowed: allowed)
    }

    package var address: SocketAddress { kernel.address }
    package var allowed: [AddressRange] { rule.allowed }

    /// Returns the datagrams dropped by the full receive buffer so far; `nil` if the kernel does
    /// not report drops.
    package mutating func drops() -> Int? { kernel.drops() }

    /// Answers until `isRunning` returns false, which is checked about 20 times a second.
    /// - Parameter onFirst: Called for the first datagram that each rule refuses.
    /// - Throws: If this host fails every receive call.
    package mutating func serve(
        while isRunning: () -> Bool,
        onFirst: (AnswerRule.Refusal, SocketAddress?) -> Void = { _, _ in }
    ) throws(HostFault) {
        while isRunning() {
            let count = try kernel.receive(incoming, counting: &errors)
            guard count > 0 else { continue }
            counts.received += count
            incoming.turnAround(count: count)
            var index = 0
            while index < count {
                if let refusal = rule.refusal(of: index, in: incoming) {
                    if counts.refused.add(refusal) { onFirst(refusal, incoming.source(index)) }
                    index += 1
                    continue
                }
                var end = index + 1
                while end < count, rule.refusal(of: end, in: incoming) == nil { end += 1 }
                answer(index..<end, while: isRunning)
                index = end
            }
        }
    }

    private mutating func answer(_ messages: Range<Int>, while isRunning: () -> Bool) {
        var index = messages.lowerBound
        while index < messages.upperBound {
            let result = kernel.sendBack(
                incoming, from: index, count: messages.upperBound - index)
            if result > 0 {
                counts.returned += result
                index += result
            } else if result == -Int(EAGAIN), isRunning() {
                kernel.waitWritable(timeoutNs: 20_000_000)
            } else {
                counts.failed += 1
                index += 1
            }
        }
    }
}
