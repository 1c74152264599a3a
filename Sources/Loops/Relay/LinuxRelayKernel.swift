import Datagrams
import Glibc
import Metrics

/// The sockets of a relay: a listening one, and one per path, connected to its target.
package struct LinuxRelayKernel: RelayKernel, ~Copyable {
    private let targets: [SocketAddress]
    private let features: SocketFeatures
    package let address: SocketAddress
    package let receiveBufferGranted: Int?
    private let readiness: Readiness
    private let errors = ErrorQueueReader()
    /// The descriptors by endpoint; `closed` for none. Descriptors and not `DatagramSocket`s: an
    /// array of optional noncopyable values could not be changed in place.
    private let descriptors: CheckedMemory<Int32>
    private let endpoints: Int
    private var dropsOfClosed: (clients: Int?, target: Int?) = (0, 0)

    private static let closed: Int32 = -1

    /// Opens the sockets.
    /// - Throws: If `listen` cannot be bound.
    package init(
        listen: SocketAddress, targets: [SocketAddress], pathsLimit: Int,
        features: SocketFeatures = SocketFeatures()
    ) throws(SystemFailure) {
        let readiness = try Readiness()
        let socket = try Self.opened(family: listen.family, features: features)
        try socket.bind(to: listen)
        let bound = try socket.localAddress()
        try readiness.add(socket.descriptor, token: RelayEndpoint.clients)
        endpoints = pathsLimit + 1
        descriptors = .filled(Self.closed, count: endpoints)
        self.readiness = readiness
        self.targets = targets
        self.features = features
        address = bound
        receiveBufferGranted = socket.get(.receiveBuffer)
        descriptors[RelayEndpoint.clients] = socket.release()
    }

    deinit {
        for endpoint in 0..<endpoints where descriptors[endpoint] >= 0 {
            Glibc.close(descriptors[endpoint])
        }
        descriptors.deallocate()
    }

    /// Opens a socket with an error queue: without it the kernel does not report losses of the
    /// local queue.
    private static func opened(
        family: SocketAddress.Family, features: SocketFeatures
    ) throws(SystemFailure) -> DatagramSocket {
        let socket = try DatagramSocket(family: family)
        features.apply(to: socket)
        RelayHop.apply(to: socket)
        _ = socket.askReceiveBuffer(bytes: LinuxKernel.bufferBytesAsked)
        _ = socket.askSendBuffer(bytes: LinuxKernel.bufferBytesAsked)
        _ = socket.reportErrors()
        return socket
    }

    @inline(__always)
    package mutating func wait(timeoutNs: Int64) -> Int { readiness.wait(timeoutNs: timeoutNs) }

    @inline(__always)
    package mutating func readyEndpoint(_ index: Int) -> Int { readiness.token(index) }

    @inline(__always)
    package mutating func readyHasError(_ index: Int) -> Bool { readiness.hasError(index) }

    @inline(__always)
    package mutating func receive(_ endpoint: Int, _ batch: borrowing ReceiveBatch) -> Int {
        batch.receive(on: descriptors[endpoint], count: batch.slots, wait: false)
    }

    @inline(__always)
    package mutating func send(
        _ endpoint: Int, _ outbox: borrowing Outbox, from: Int, count: Int
    ) -> Int {
        outbox.send(on: descriptors[endpoint], from: from, count: count)
    }

    package mutating func waitWritable(_ endpoint: Int, timeoutNs: Int64) {
        var entry = pollfd(fd: descriptors[endpoint], events: Int16(POLLOUT), revents: 0)
        poll(&entry, 1, Int32(max(1, timeoutNs / 1_000_000)))
    }

    package mutating func nextError(_ endpoint: Int) -> KernelError? {
        guard let entry = errors.next(on: descriptors[endpoint]) else { return nil }
        // A relay does not need the session of the datagram.
        return KernelError(errno: entry.errno, isICMP: entry.isICMP, session: nil)
    }

    package mutating func open(_ endpoint: Int, target: Int) -> SystemErrno? {
        do throws(SystemFailure) {
            let isClients = endpoint == RelayEndpoint.clients
            let far = isClients ? address : targets[target]
            let socket = try Self.opened(family: far.family, features: features)
            if isClients {
                try socket.bind(to: far)
            } else {
                try socket.connect(to: far)
            }
            try readiness.add(socket.descriptor, token: endpoint)
            descriptors[endpoint] = socket.release()
            return nil
        } catch {
            return error.errno
        }
    }

    /// Returns the local address of an open socket; nil if there is none.
    package func localAddress(_ endpoint: Int) -> SocketAddress? {
        guard descriptors[endpoint] >= 0 else { return nil }
        return try? DatagramSocket.localAddress(of: descriptors[endpoint])
    }

    package mutating func close(_ endpoint: Int) {
        guard descriptors[endpoint] >= 0 else { return }
        dropsOfClosed = with(endpoint, dropsOfClosed)
        // Closing the descriptor removes it from the epoll set as well: epoll(7), question 6.
        Glibc.close(descriptors[endpoint])
        descriptors[endpoint] = Self.closed
    }

    package mutating func drops() -> (clients: Int?, target: Int?) {
        var sum = dropsOfClosed
        for endpoint in 0..<endpoints where descriptors[endpoint] >= 0 {
            sum = with(endpoint, sum)
        }
        return sum
    }

    /// Returns the sums with the drops of an open endpoint.
    private func with(
        _ endpoint: Int, _ sum: (clients: Int?, target: Int?)
    ) -> (clients: Int?, target: Int?) {
        let drops = DatagramSocket.receiveDrops(of: descriptors[endpoint])
        return endpoint == RelayEndpoint.clients
            ? (.sum([sum.clients, drops]), sum.target) : (sum.clients, .sum([sum.target, drops]))
    }
}
