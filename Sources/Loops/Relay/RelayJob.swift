import Datagrams
import Glibc
import Metrics

/// The worker of a relay from its assignment to its result: one data thread.
package final class RelayJob: @unchecked Sendable {
    typealias Loop = RelayLoop<LinuxRelayKernel, LinuxClock>

    /// The descriptors besides those of the paths: standard streams, pipes, log, epoll.
    private static let otherDescriptors = 32

    // `kernel`, `outcome` and `fault` are used by the control thread before the data thread starts
    // and after it was joined, and by the data thread between the two.
    private var kernel: LinuxRelayKernel
    private var outcome: RelayResult?
    private var fault: HostFault?
    private let assignment: RelayAssignment
    private let control: RelayControl
    private let features: SocketFeatures
    private let log: RelayLog?
    private let notice: RelayNotice?
    /// The addresses of the known clients' sockets, in the order of the clients.
    private let farAddresses: [SocketAddress]
    /// The known clients, set before the data thread starts.
    private var clients: [SocketAddress] = []

    /// Opens the sockets and the log.
    /// - Throws: If an address is invalid, the port is not available or the log cannot be opened.
    package init(
        _ assignment: RelayAssignment, control: RelayControl
    ) throws(WorkerFailure) {
        guard let listen = SocketAddress(numeric: assignment.listen) else {
            throw WorkerFailure(.own, "\(assignment.listen) is no numeric address")
        }
        var targets: [SocketAddress] = []
        for text in assignment.targets {
            guard let target = SocketAddress(numeric: text) else {
                throw WorkerFailure(.own, "\(text) is no numeric address")
            }
            targets.append(target)
        }
        guard targets.count > assignment.streams.map(\.instance).max() ?? 0 else {
            throw WorkerFailure(.own, "\(targets.count) targets are too few for the streams")
        }
        do {
            Self.allowDescriptors(assignment.pathsLimit + Self.otherDescriptors)
            let features = try SocketFeatures(timestamps: assignment.kernelTimestamps)
                .probed(family: listen.family)
            var kernel = try LinuxRelayKernel(
                listen: listen, targets: targets, pathsLimit: assignment.pathsLimit,
                features: features)
            farAddresses = Self.openClients(assignment, &kernel)
            log = try Self.log(assignment)
            notice = RelayNotice(kernel.address)
            self.kernel = kernel
            self.features = features
        } catch {
            throw WorkerFailure(.setUp, "\(error)")
        }
        guard !assignment.hasRequests || !farAddresses.isEmpty else {
            throw WorkerFailure(
                .setUp,
                "this host has no \(assignment.clients) sockets for the relay, which "
                    + "tells requests by their clients; use fewer flows, or raise the limit "
                    + "of descriptors (ulimit -n)")
        }
        self.assignment = assignment
        self.control = control
    }

    private static func log(_ assignment: RelayAssignment) throws(SystemFailure) -> RelayLog? {
        guard let path = assignment.logPath else { return nil }
        return try RelayLog(path: path)
    }

    /// Opens the sockets of the known clients.
    /// - Returns: The sockets' addresses; none if this host does not have as many sockets: then
    ///   every source with the key of the run is accepted.
    private static func openClients(
        _ assignment: RelayAssignment, _ kernel: inout LinuxRelayKernel
    ) -> [SocketAddress] {
        let instances = assignment.instanceOfClient
        var addresses: [SocketAddress] = []
        for client in instances.indices {
            let endpoint = RelayEndpoint.target(client)
            guard kernel.open(endpoint, target: instances[client]) == nil,
                let address = kernel.localAddress(endpoint)
            else { break }
            addresses.append(address)
        }
        if addresses.count == instances.count { return addresses }
        for client in instances.indices { kernel.close(RelayEndpoint.target(client)) }
        return []
    }

    /// Sets the relay's clients, before it starts.
    /// - Parameter sources: The clients' addresses by expected stream and flow.
    /// - Throws: If one of them is not an address.
    package func know(sources: [[String]]) throws(WorkerFailure) {
        guard !farAddresses.isEmpty else { return }
        var known: [SocketAddress?] = Array(repeating: nil, count: farAddresses.count)
        var flow = 0
        for (stream, texts) in zip(assignment.streams, sources) {
            for (client, text) in zip(assignment.clientOfFlow[flow...], texts) where client >= 0 {
                guard let address = SocketAddress(numeric: text) else {
                    throw WorkerFailure(.own, "the client \(text) is no numeric address")
                }
                known[client] = address
            }
            flow += stream.flows
        }
        clients = known.compactMap(\.self)
        guard clients.count == known.count else {
            throw WorkerFailure(
                .own, "the start names \(clients.count) of \(known.count) clients")
        }
    }

    /// Raises the soft limit of descriptors as far as every process may. Missing descriptors count
    /// as `noFlow`.
    private static func allowDescriptors(_ count: Int) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
            limit.rlim_cur < UInt(count)
        else { return }
        limit.rlim_cur = min(UInt(count), limit.rlim_max)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// The address on which the relay listens.
    package var address: SocketAddress { kernel.address }

    package func ready() -> Ready {
        var ready = Ready()
        ready.addresses = [kernel.address.description] + farAddresses.map(\.description)
        ready.receiveBufferAskedBytes = LinuxKernel.bufferBytesAsked
        ready.receiveBufferGrantedBytes = kernel.receiveBufferGranted
        ready.features = FeaturesGranted(features)
        return ready
    }

    /// Starts the data thread; `whenDone` is called on it.
    package func start(
        startNs: Int64, whenDone: @escaping @Sendable () -> Void
    ) throws(WorkerFailure) -> [DataThread] {
        do throws(SystemFailure) {
            let thread = try DataThread.launch(name: "relay", cpu: assignment.cpus?.first) {
                [self] in
                run(startNs: startNs)
                whenDone()
            }
            return [thread]
        } catch {
            throw WorkerFailure(.setUp, "\(error)")
        }
    }

    private func run(startNs: Int64) {
        var loop = Loop(
            assignment, startNs: startNs, clock: LinuxClock(), control: control, log: log,
            usesKernelTimestamps: features.timestamps, clients: clients)
        loop.run(&kernel)
        fault = loop.fault
        outcome = loop.result(&kernel)
    }

    /// Returns the result, after the data thread was joined.
    /// - Throws: If the thread never ran, or a fault of this host ended it.
    package func result() throws(WorkerFailure) -> RelayResult {
        let lost = log?.finish() ?? LostRows()
        if let fault { throw WorkerFailure(.setUp, fault.sentence(of: "relay")) }
        guard var outcome else { throw WorkerFailure(.own, "the relay gave no result") }
        outcome.logRowsLost += lost.count
        outcome.logErrno = lost.errno
        return outcome
    }
}
