import Datagrams
import Glibc
import Impairment

@testable import Loops

/// The sockets of a relay in virtual time: what arrives when is known before, or is an echo of what
/// the relay has sent; what it sends is recorded.
final class SimulatedRelayNetwork {
    struct Arrival {
        var octets: [UInt8]
        var source: SocketAddress?
        var endpoint: Int
        var trafficClass: UInt8 = 0
        /// 0: the socket does not report it.
        var hopLimit: UInt8 = 0
    }

    struct Sent: Equatable {
        let octets: [UInt8]
        /// `nil` towards the target.
        let destination: SocketAddress?
        let endpoint: Int
        let atNs: Int64
        let call: Int
        var trafficClass: UInt8 = 0
        /// 0: what the socket has.
        var hopLimit: UInt8 = 0
    }

    let clock = SimulatedClock()
    private var events = EventQueue<Arrival>()
    private var queues: [Int: [Arrival]] = [:]
    /// Endpoints that are open; the listening one always is at first.
    private(set) var open: Set<Int> = [RelayEndpoint.clients]
    private(set) var opened = 0
    private(set) var openMost = 0
    private(set) var sent: [Sent] = []
    private(set) var sendCalls = 0
    private(set) var errorQueues: [Int: [KernelError]] = [:]
    /// Datagrams that met a closed port, and that had no socket to go to any more.
    private(set) var refused = 0
    var sendCostNs: Int64 = 1_000
    /// The target returns everything after so long; `nil`: it says nothing.
    var echoAfterNs: Int64?
    /// What a send call does instead of taking all.
    var sendScript: (_ call: Int, _ count: Int) -> SendStep? = { _, _ in nil }
    /// What a receive call does instead of looking at the queue: the errno with which it fails.
    var receiveScript: (_ endpoint: Int) -> Int32? = { _ in nil }
    var receiveCalls = 0
    /// The errno with which every wait fails.
    var waitFailure: Int32?
    /// What opening an endpoint does instead.
    var openScript: (_ endpoint: Int) -> Int32? = { _ in nil }

    static let client = address("127.0.0.1", 40_000)

    static func address(_ host: String, _ port: UInt16) -> SocketAddress {
        guard let address = SocketAddress(numericHost: host, port: port) else {
            preconditionFailure("\(host) is no address")
        }
        return address
    }

    /// A datagram of a client.
    func arrive(
        _ octets: [UInt8], from source: SocketAddress = client, trafficClass: UInt8 = 0,
        hopLimit: UInt8 = 0, atNs: Int64
    ) {
        events.add(
            Arrival(
                octets: octets, source: source, endpoint: RelayEndpoint.clients,
                trafficClass: trafficClass, hopLimit: hopLimit), atNs: atNs)
    }

    /// `count` numbered datagrams of one client, so far apart; the first bytes are the number.
    func steady(
        _ count: Int, everyNs: Int64 = 10_000, bytes: Int = 32, from source: SocketAddress = client
    ) {
        for number in 0..<count {
            arrive(
                Self.numbered(number, bytes: bytes), from: source,
                atNs: SimulatedClock.startNs + 1_000_000 + Int64(number) * everyNs)
        }
    }

    static func numbered(_ number: Int, bytes: Int = 32) -> [UInt8] {
        var octets = [UInt8](repeating: 0x55, count: bytes)
        for index in 0..<4 { octets[index] = UInt8(truncatingIfNeeded: number >> (8 * index)) }
        return octets
    }

    static func number(_ octets: [UInt8]) -> Int {
        (0..<4).reduce(0) { $0 | Int(octets[$1]) << (8 * $1) }
    }

    var forwarded: [Sent] { sent.filter { $0.destination == nil } }
    var returned: [Sent] { sent.filter { $0.destination != nil } }

    // MARK: - The kernel's side

    func settle() {
        while let (_, arrival) = events.next(dueAtNs: clock.timeNs) {
            guard open.contains(arrival.endpoint) else {
                refused += 1
                continue
            }
            queues[arrival.endpoint, default: []].append(arrival)
        }
    }

    func spend(_ ns: Int64) {
        clock.advance(to: clock.timeNs + ns)
        settle()
    }

    func ready() -> [Int] {
        let waiting = queues.filter { !$0.value.isEmpty }.keys
        let failing = errorQueues.filter { !$0.value.isEmpty }.keys
        return Set(waiting).union(failing).intersection(open).sorted()
    }

    func advance(untilNs: Int64) {
        clock.advance(to: min(events.nextNs ?? .max, untilNs))
        settle()
    }

    func take(_ endpoint: Int, upTo count: Int) -> [Arrival] {
        let taken = Array(queues[endpoint, default: []].prefix(count))
        queues[endpoint, default: []].removeFirst(taken.count)
        return taken
    }

    func send(_ endpoint: Int, _ outbox: borrowing Outbox, from: Int, count: Int) -> Int {
        let call = sendCalls
        sendCalls += 1
        spend(sendCostNs)
        guard open.contains(endpoint) else { return -Int(EBADF) }
        var limit = count
        switch sendScript(call, count) {
        case .take(let most): limit = min(most, count)
        case .stall(let ns): spend(ns)
        case .fail(let errno): return -Int(errno)
        case nil: break
        }
        for index in from..<(from + limit) {
            let octets = Array(outbox.octets(index))
            sent.append(
                Sent(
                    octets: octets, destination: outbox.destination(index), endpoint: endpoint,
                    atNs: clock.timeNs, call: call, trafficClass: outbox.trafficClass(index),
                    hopLimit: outbox.hopLimit(index)))
            if endpoint != RelayEndpoint.clients, let echoAfterNs {
                events.add(
                    Arrival(
                        octets: octets, source: nil, endpoint: endpoint,
                        trafficClass: outbox.trafficClass(index), hopLimit: 64),
                    atNs: clock.timeNs + echoAfterNs)
            }
        }
        return limit
    }

    func reset(_ endpoint: Int) {
        errorQueues[endpoint, default: []].append(
            KernelError(errno: .connectionRefused, isICMP: true, session: nil))
    }

    func nextError(_ endpoint: Int) -> KernelError? {
        errorQueues[endpoint, default: []].isEmpty
            ? nil : errorQueues[endpoint, default: []].removeFirst()
    }

    func openEndpoint(_ endpoint: Int) -> SystemErrno? {
        if let errno = openScript(endpoint) { return SystemErrno(rawValue: errno) }
        open.insert(endpoint)
        opened += 1
        openMost = max(openMost, open.count)
        return nil
    }

    func closeEndpoint(_ endpoint: Int) {
        open.remove(endpoint)
        queues[endpoint] = nil
    }
}

struct SimulatedRelayKernel: RelayKernel {
    let network: SimulatedRelayNetwork
    private var ready: [Int] = []

    init(_ network: SimulatedRelayNetwork) { self.network = network }

    mutating func wait(timeoutNs: Int64) -> Int {
        network.spend(300)
        if let errno = network.waitFailure { return -Int(errno) }
        let untilNs = network.clock.timeNs + max(0, timeoutNs)
        while true {
            ready = Array(network.ready().prefix(Readiness.capacity))
            if !ready.isEmpty || network.clock.timeNs >= untilNs { return ready.count }
            network.advance(untilNs: untilNs)
        }
    }

    mutating func readyEndpoint(_ index: Int) -> Int { ready[index] }

    mutating func readyHasError(_ index: Int) -> Bool {
        network.errorQueues[ready[index]]?.isEmpty == false
    }

    mutating func receive(_ endpoint: Int, _ batch: borrowing ReceiveBatch) -> Int {
        network.spend(300)
        network.receiveCalls += 1
        if let errno = network.receiveScript(endpoint) { return -Int(errno) }
        let arrivals = network.take(endpoint, upTo: batch.slots)
        for (index, arrival) in arrivals.enumerated() {
            arrival.octets.withUnsafeBytes {
                batch.simulate(
                    index, octets: $0, source: arrival.source, trafficClass: arrival.trafficClass,
                    hopLimit: arrival.hopLimit)
            }
        }
        return arrivals.isEmpty ? -Int(EAGAIN) : arrivals.count
    }

    mutating func send(
        _ endpoint: Int, _ outbox: borrowing Outbox, from: Int, count: Int
    ) -> Int {
        network.send(endpoint, outbox, from: from, count: count)
    }

    mutating func waitWritable(_ endpoint: Int, timeoutNs: Int64) {
        network.spend(min(timeoutNs, 1_000_000))
    }

    mutating func nextError(_ endpoint: Int) -> KernelError? { network.nextError(endpoint) }
    mutating func open(_ endpoint: Int, target: Int) -> SystemErrno? {
        network.openEndpoint(endpoint)
    }
    mutating func close(_ endpoint: Int) { network.closeEndpoint(endpoint) }
    mutating func drops() -> (clients: Int?, target: Int?) { (0, 0) }
}
