import Datagrams

/// The kernel of the relay loop: the real one, or one scripted by a test.
///
/// An endpoint is a socket: `RelayEndpoint.clients` is the one that listens, path p (see
/// `PathTable`) has `RelayEndpoint.target(p)` towards the target. Results follow the system calls:
/// a count, or a negative errno. EINTR is never returned.
package protocol RelayKernel: ~Copyable {
    /// Waits until an endpoint is ready or `timeoutNs` have passed. Returns the number of ready
    /// endpoints, or -errno.
    mutating func wait(timeoutNs: Int64) -> Int
    /// Returns the n-th ready endpoint of the last wait, and whether it has a pending error.
    mutating func readyEndpoint(_ index: Int) -> Int
    mutating func readyHasError(_ index: Int) -> Bool
    /// Receives without waiting. Returns the number of messages received, or -errno.
    mutating func receive(_ endpoint: Int, _ batch: borrowing ReceiveBatch) -> Int
    /// Sends messages. Returns the number of messages accepted, or -errno.
    mutating func send(
        _ endpoint: Int, _ outbox: borrowing Outbox, from: Int, count: Int
    ) -> Int
    /// Waits until the endpoint is writable, at most `timeoutNs`.
    mutating func waitWritable(_ endpoint: Int, timeoutNs: Int64)
    /// Reads an entry of the error queue; `nil` if it is empty.
    mutating func nextError(_ endpoint: Int) -> KernelError?
    /// Opens the socket of a path towards one of the targets, or the listening port again.
    /// - Returns: The error; `nil` on success.
    mutating func open(_ endpoint: Int, target: Int) -> SystemErrno?
    mutating func close(_ endpoint: Int)
    /// Returns the datagrams dropped by full receive buffers so far: of the listening socket, and
    /// of all sockets towards the target, closed ones included; `nil` if the kernel does not report
    /// drops.
    mutating func drops() -> (clients: Int?, target: Int?)
}

/// The numbers by which a loop and its kernel identify sockets.
package enum RelayEndpoint {
    package static let clients = 0
    package static func target(_ path: Int) -> Int { path + 1 }
}
