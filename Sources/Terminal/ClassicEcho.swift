import Datagrams
import Glibc
import Load
import Loops

/// A textbook echo server: one datagram, one answer, and a policy for calls that fail because a
/// peer's port is closed.
///
/// Every ICMP port unreachable fails exactly one call, as it does on Windows: after a failed call
/// one entry of the error queue is read, and as long as there is another the kernel fails the next
/// call too (sock_dequeue_err_skb, Linux 6.18). The server is for demonstration; `EchoServer` is
/// the fast one.
package struct ClassicEcho: ~Copyable {
    package enum Event {
        /// The n-th answer, counted over all peers, was sent.
        case returned(number: Int, to: SocketAddress, octets: UnsafeRawBufferPointer)
        case refused(AnswerRule.Refusal, SocketAddress?)
        case failed(to: SocketAddress, SystemErrno)
        /// A call failed because of a closed port; `port` is nil if the kernel does not report it.
        case reset(port: SocketAddress?, inRow: Int, then: RetryAction)
    }

    package enum Ending: Sendable { case stopped, endedByPolicy }

    package struct Counts: Sendable, Equatable {
        package var received = 0
        package var returned = 0
        package var failed = 0
        package var resets = 0
        package var refused = RefusalCounts()
    }

    /// The maximum delay of an answer by a full send buffer before it counts as failed.
    private static let answerPatienceNs: Int64 = 1_000_000_000
    private static let lookNs: Int64 = 20_000_000

    private var kernel: LinuxResponderKernel
    private let rule: AnswerRule
    private let replyTo: SocketAddress?
    private let clock = LinuxClock()
    private let incoming = ReceiveBatch(
        slots: 1, slotBytes: ProbeLayout.maximumBytes + 1, withAddresses: true, withControl: true)
    private let errors = ErrorQueueReader()
    private var failures = ReceiveErrors()
    /// The failed receive calls by the errno's name, without resets.
    package var receiveErrors: [String: Int] { failures.byName }
    private var state: RetryState
    package private(set) var counts = Counts()

    /// - Parameters:
    ///   - replyTo: The destination of every answer instead of its sender: a common fault of
    ///     servers.
    ///   - allowed: The sources that the server answers; loopback if empty.
    /// - Throws: If `address` cannot be bound.
    package init(
        address: SocketAddress, kind: SocketKind, policy: RetryPolicy,
        replyTo: SocketAddress? = nil, allowed: [AddressRange] = []
    ) throws(SystemFailure) {
        kernel = try LinuxResponderKernel.open(
            at: address, receiveBufferAsked: LinuxKernel.bufferBytesAsked, kind: kind)
        AnswerMark.apply(to: kernel.socket)
        rule = AnswerRule(bound: kernel.address, allowed: allowed)
        self.replyTo = replyTo
        state = RetryState(policy)
    }

    package var address: SocketAddress { kernel.address }
    package var allowed: [AddressRange] { rule.allowed }
    package var retries: RetryCounts { state.counts }

    /// Returns the datagrams dropped by the full receive buffer so far; `nil` if the kernel does
    /// not report drops.
    package mutating func drops() -> Int? { kernel.drops() }

    /// Answers until `isRunning` returns false, which is checked about 20 times a second, or until
    /// the policy ends the loop.
    /// - Throws: If this host fails every receive call.
    package mutating func serve(
        while isRunning: () -> Bool, show: (Event) -> Void
    ) throws(HostFault) -> Ending {
        while isRunning() {
            let result = try kernel.receive(incoming, counting: &failures)
            if result > 0 {
                counts.received += 1
                guard answer(isRunning, show) else { return .endedByPolicy }
            } else if result < 0 {
                guard survives(isRunning, show) else { return .endedByPolicy }
            }
        }
        return .stopped
    }

    /// Answers the received datagram.
    /// - Returns: `false` if the policy ends the loop.
    private mutating func answer(_ isRunning: () -> Bool, _ show: (Event) -> Void) -> Bool {
        if let refusal = rule.refusal(of: 0, in: incoming) {
            _ = counts.refused.add(refusal)
            show(.refused(refusal, incoming.source(0)))
            state.success()
            return true
        }
        guard let peer = replyTo ?? incoming.source(0) else { return true }
        let octets = UnsafeRawBufferPointer(start: incoming.slot(0), count: incoming.length(0))
        var waitedNs: Int64 = 0
        while true {
            let errno = kernel.socket.send(Array(octets), to: peer)
            guard let errno else {
                counts.returned += 1
                state.success()
                show(.returned(number: counts.returned, to: peer, octets: octets))
                return true
            }
            if errno == .connectionRefused {
                // The failed call sent nothing: the same answer is sent again.
                guard survives(isRunning, show) else { return false }
                guard isRunning() else { return true }
            } else if isRunning(), errors.next(on: kernel.socket.descriptor)?.isICMP == true {
                // Another error about an earlier answer, which this call has consumed.
                continue
            } else if errno == .tryAgain, waitedNs < Self.answerPatienceNs, isRunning() {
                kernel.waitWritable(timeoutNs: Self.lookNs)
                waitedNs += Self.lookNs
            } else {
                counts.failed += 1
                show(.failed(to: peer, errno))
                return true
            }
        }
    }

    /// Reports a reset to the policy, and waits if it requires a pause.
    private mutating func survives(
        _ isRunning: () -> Bool, _ show: (Event) -> Void
    ) -> Bool {
        counts.resets += 1
        let hasEntry = errors.next(on: kernel.socket.descriptor) != nil
        let action = state.reset(atNs: clock.nowNs())
        show(
            .reset(
                port: hasEntry ? errors.destination : nil, inRow: state.resetsInRow, then: action))
        switch action {
        case .end: return false
        case .retryNow: return true
        case .retry(let atNs):
            while isRunning() {
                let leftNs = atNs - clock.nowNs()
                guard leftNs > 0 else { break }
                DataThread.sleep(ns: min(leftNs, Self.lookNs))
            }
            return true
        }
    }
}
