import Datagrams
import Glibc
import Metrics

/// A relay from its assignment to its result: one data thread.
package final class RelayJob: @unchecked Sendable {
    typealias Loop = RelayLoop<LinuxRelayKernel, LinuxClock>

    /// Descriptors beside those of the paths: standard streams, pipes, log, epoll.
    private static let otherDescriptors = 32

    // `kernel`, `outcome` and `fault` are touched by the control thread before the data thread
    // starts and after it was joined, and by the data thread between the two.
    private var kernel: LinuxRelayKernel
    private var outcome: RelayResult?
    private var fault: HostFault?
    private let assignment: RelayAssignment
    private let control: RelayControl
    private let features: SocketFeatures
    private let log: RelayLog?
    private let notice: RelayNotice?
    /// Of the known clients' sockets, in their order.
    private let farAddresses: [SocketAddress]
    /// Touched before the data thread starts.
    private var clients: [SocketAddress] = []

    /// - Throws: When the addresses are none, the port cannot be had or the log not be opened.
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
        self.assignment = assignment
        self.control = control
    }

    private static func log(_ assignment: RelayAssignment) throws(SystemFailure) -> RelayLog? {
        guard let path = assignment.logPath else { return nil }
        return try RelayLog(path: path)
    }

    /// Opens the sockets of the known clients.
    /// - Returns: Their addresses; none where this host has not as many sockets: then whoever has
    ///   the key of the run is believed.
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

    /// Tells the relay, before it starts, who its clients are.
    /// - Parameter sources: By expected stream and flow.
    /// - Throws: When one of them is no address.
    func know(sources: [[String]]) throws(WorkerFailure) {
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

    /// Raises the soft limit as far as everybody may. What is missing then shows as `noFlow`.
    private static func allowDescriptors(_ count: Int) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
            limit.rlim_cur < UInt(count)
        else { return }
        limit.rlim_cur = min(UInt(count), limit.rlim_max)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Where it listens.
    package var address: SocketAddress { kernel.address }

    func ready() -> Ready {
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

    /// After the data thread was joined.
    /// - Throws: When it never ran, or this host did not let it go on.
    package func result() throws(WorkerFailure) -> RelayResult {
        let lost = log?.finish() ?? LostRows()
        if let fault { throw WorkerFailure(.setUp, fault.sentence(of: "relay")) }
        guard var outcome else { throw WorkerFailure(.own, "the relay gave no result") }
        outcome.logRowsLost += lost.count
        outcome.logErrno = lost.errno
        return outcome
    }
}
