import Datagrams
import Glibc

/// The stand-alone echo responder (RFC 862): returns every datagram as it came, to whoever sent
/// it, and keeps no state about anyone.
package struct EchoServer: ~Copyable {
    static let batch = 64

    package struct Counts: Sendable, Equatable {
        package var received = 0
        package var returned = 0
        package var failed = 0
    }

    private var kernel: LinuxResponderKernel
    private let incoming = ReceiveBatch(
        slots: EchoServer.batch, slotBytes: ProbeLayout.maximumBytes + 1, withAddresses: true,
        withControl: false)
    package private(set) var counts = Counts()

    /// - Throws: When `address` cannot be bound.
    package init(address: SocketAddress) throws(SystemFailure) {
        kernel = try LinuxResponderKernel.open(
            at: address, receiveBufferAsked: LinuxKernel.bufferBytesAsked)
    }

    package var address: SocketAddress { kernel.address }

    /// Datagrams that the full receive buffer refused so far.
    package mutating func drops() -> Int { kernel.drops() }

    /// Answers until `isStopping` says so, which is looked at about 20 times a second.
    package mutating func serve(while isRunning: () -> Bool) {
        while isRunning() {
            let count = kernel.receive(incoming)
            guard count > 0 else { continue }
            counts.received += count
            incoming.turnAround(count: count)
            var index = 0
            while index < count {
                let result = kernel.sendBack(incoming, from: index, count: count - index)
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
}
