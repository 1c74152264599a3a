import Datagrams

/// What the sender loop asks of a kernel: the real one, or one that a test scripts.
///
/// Results follow the system calls: a count, or a negative errno. EINTR never comes back.
package protocol DatagramKernel: ~Copyable {
    /// Sends `count` messages on the connected socket of `flow`: how many were taken,
    /// or -errno. A message may hold several datagrams (UDP_SEGMENT).
    mutating func send(flow: Int, _ batch: borrowing SendBatch, from: Int, count: Int) -> Int
    /// Receives without waiting: how many messages arrived, or -errno.
    mutating func receive(flow: Int, _ batch: borrowing ReceiveBatch) -> Int
    /// Waits until a flow has something or `timeoutNs` have passed: how many flows are ready, or
    /// -errno.
    mutating func wait(timeoutNs: Int64) -> Int
    /// The n-th flow that the last wait found ready.
    mutating func readyFlow(_ index: Int) -> Int
    /// Whether the n-th ready flow has an entry in its error queue.
    mutating func readyHasError(_ index: Int) -> Bool
    /// Waits until the socket of `flow` takes datagrams again, at most `timeoutNs`.
    mutating func waitWritable(flow: Int, timeoutNs: Int64)
    /// Takes one entry off the error queue of `flow`; `nil` when it is empty.
    mutating func nextError(flow: Int) -> KernelError?
    /// Takes back that messages are cut into datagrams (UDP_SEGMENT), for all flows and for good.
    mutating func abandonSegments()
    /// Datagrams that the receive buffer of `flow` refused so far; `nil` when the kernel does not
    /// say.
    mutating func drops(flow: Int) -> Int?
}

extension DatagramKernel where Self: ~Copyable {
    package mutating func abandonSegments() {}
}

/// One entry of an error queue, as far as the ledger needs it.
package struct KernelError: Sendable {
    package let errno: SystemErrno
    /// It came by ICMP: a reset when the errno is ECONNREFUSED.
    package let isICMP: Bool
    /// The session of the probe that it is about, where it carries its head.
    package let session: UInt16?

    /// It carries the head of the probe that it is about.
    package var isAttributed: Bool { session != nil }

    package init(errno: SystemErrno, isICMP: Bool, session: UInt16?) {
        self.errno = errno
        self.isICMP = isICMP
        self.session = session
    }
}

extension ErrorQueueReader {
    /// The next entry of a socket's error queue; `nil` when it is empty.
    mutating func nextError(on descriptor: Int32) -> KernelError? {
        guard let entry = next(on: descriptor) else { return nil }
        var session: UInt16?
        if entry.payload.count >= ProbeLayout.minimumBytes, let head = entry.payload.baseAddress {
            session = ProbeLayout.session(head)
        }
        return KernelError(errno: entry.errno, isICMP: entry.isICMP, session: session)
    }
}
