import Datagrams

/// The kernel of the sender loop: the real one, or one scripted by a test.
///
/// Results follow the system calls: a count, or a negative errno. EINTR is never returned.
package protocol DatagramKernel: ~Copyable {
    /// Sends `count` messages on the socket of `flow`. Returns the number of messages accepted, or
    /// -errno. A message may hold several datagrams (UDP_SEGMENT).
    mutating func send(flow: Int, _ batch: borrowing SendBatch, from: Int, count: Int) -> Int
    /// Receives without waiting. Returns the number of messages received, or -errno.
    mutating func receive(flow: Int, _ batch: borrowing ReceiveBatch) -> Int
    /// Waits until a flow is ready or `timeoutNs` have passed. Returns the number of ready flows,
    /// or -errno.
    mutating func wait(timeoutNs: Int64) -> Int
    /// Returns the n-th ready flow of the last wait.
    mutating func readyFlow(_ index: Int) -> Int
    /// Whether the n-th ready flow has an entry in its error queue.
    mutating func readyHasError(_ index: Int) -> Bool
    /// Waits until the socket of `flow` is writable, at most `timeoutNs`.
    mutating func waitWritable(flow: Int, timeoutNs: Int64)
    /// Reads an entry of the error queue of `flow`; `nil` if it is empty.
    mutating func nextError(flow: Int) -> KernelError?
    /// Switches off the segmentation of messages into datagrams (UDP_SEGMENT), for all flows and
    /// permanently.
    mutating func abandonSegments()
    /// Returns the datagrams dropped by the receive buffer of `flow` so far; `nil` if the kernel
    /// does not report drops.
    mutating func drops(flow: Int) -> Int?
}

extension DatagramKernel where Self: ~Copyable {
    package mutating func abandonSegments() {}
}

extension ErrorQueueReader {
    /// Reads the next entry of a socket's error queue; `nil` if it is empty.
    mutating func nextError(on descriptor: Int32) -> KernelError? {
        guard let entry = next(on: descriptor) else { return nil }
        var session: UInt16?
        if entry.payload.count >= ProbeLayout.minimumBytes, let head = entry.payload.baseAddress {
            session = ProbeLayout.session(head)
        }
        return KernelError(errno: entry.errno, isICMP: entry.isICMP, session: session)
    }
}
