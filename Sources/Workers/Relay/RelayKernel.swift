import Datagrams

/// What the relay loop asks of a kernel: the real one, or one that a test scripts.
///
/// An endpoint is a socket: `RelayEndpoint.clients` is the one that listens, path p (see
/// `PathTable`) has `RelayEndpoint.target(p)` towards the target. Results follow the system calls:
/// a count, or a negative errno. EINTR never comes back.
package protocol RelayKernel: ~Copyable {
    /// Waits until an endpoint has something or `timeoutNs` have passed: how many are ready, or
    /// -errno.
    mutating func wait(timeoutNs: Int64) -> Int
    /// The n-th endpoint that the last wait found ready, and whether it has a pending error.
    mutating func readyEndpoint(_ index: Int) -> Int
    mutating func readyHasError(_ index: Int) -> Bool
    /// Receives without waiting: how many messages arrived, or -errno.
    mutating func receive(_ endpoint: Int, _ batch: borrowing ReceiveBatch) -> Int
    /// Sends: how many were taken, or -errno.
    mutating func send(
        _ endpoint: Int, _ outbox: borrowing Outbox, from: Int, count: Int
    ) -> Int
    /// Waits until the endpoint takes datagrams again, at most `timeoutNs`.
    mutating func waitWritable(_ endpoint: Int, timeoutNs: Int64)
    /// Takes one entry off the error queue; `nil` when it is empty.
    mutating func nextError(_ endpoint: Int) -> KernelError?
    /// Opens the socket of a path towards one of the targets, or the listening port again.
    /// - Returns: Why it cannot be had; `nil` when it is open.
    mutating func open(_ endpoint: Int, target: Int) -> SystemErrno?
    mutating func close(_ endpoint: Int)
    /// Datagrams that full receive buffers refused so far: of the listening socket, and of all
    /// sockets towards the target, closed ones too; `nil` when the kernel does not say.
    mutating func drops() -> (clients: Int?, target: Int?)
}

/// The numbers by which a loop and its kernel speak of sockets.
package enum RelayEndpoint {
    package static let clients = 0
    package static func target(_ path: Int) -> Int { path + 1 }
}
