import Datagrams
import Impairment
import Metrics
import Plans
import Workers

/// What lies between the workers of one run: where each side is started, where a responder is
/// bound, and who says at the end what the network did. Nothing for loopback and path.
struct RunNetwork: Sendable {
    /// The worker that holds it, and tells its counts when it is stopped.
    let holder: PreparedWorker
    let ready: NetworkReady
    /// Behind `worker` on the command lines of senders and of the responder.
    let nearOptions: [String]
    let farOptions: [String]

    init(holder: PreparedWorker) throws(StartError) {
        guard let ready = holder.ready.network, let pid = holder.process.pid else {
            throw StartError("the worker \"\(holder.process.name)\" made no network")
        }
        self.holder = holder
        self.ready = ready
        nearOptions = [Worker.joinOption, "\(pid):\(ready.nearDescriptor)"]
        farOptions = [Worker.joinOption, "\(pid):\(ready.farDescriptor)"]
    }

    /// Where a responder that the plan has on loopback is bound in this network.
    /// - Parameter pickingPort: A port 0 is to become one that a program can be told: every port
    ///   is free in a namespace that is new.
    func place(
        _ address: TargetAddress, pickingPort: Bool, instance: Int
    ) throws(StartError) -> SocketAddress {
        let planned = try RunTarget.local(address, pickingPort: false)
        let free = Self.freePort + UInt16(instance)
        let port = planned.port == 0 && pickingPort ? free : planned.port
        let host = planned.family == .ipv4 ? ready.farIPv4 : ready.farIPv6
        guard let host else { throw StartError(Self.noIPv6(address)) }
        guard let placed = SocketAddress(numericHost: host, port: port) else {
            throw StartError("\(host) is no numeric address")
        }
        return placed
    }

    static func noIPv6(_ address: TargetAddress) -> String {
        "the responder's address \(address.text) is of IPv6, which this network has not: the host "
            + "has none, or the MTU is below \(NamespaceNetwork.leastIPv6MTUBytes) (RFC 8200)"
    }

    /// The first of those that nobody is given (RFC 6335 §6).
    private static let freePort: UInt16 = 49_152
}

extension NamespaceNetwork {
    /// What its holder is told.
    func assignment(
        streams: [NetworkAssignment.Sessions], kernelHasNetem: Bool
    ) -> NetworkAssignment {
        let usesNetem = usesNetem(ifThere: kernelHasNetem)
        var order = NetworkAssignment()
        order.forward = NetworkAssignment.Way(forward, usesNetem: usesNetem)
        order.backward = NetworkAssignment.Way(backward, usesNetem: usesNetem)
        order.mtuBytes = mtuBytes
        order.icmpRatelimitMs = icmpRatelimitMs
        order.streams = streams
        return order
    }
}

extension NetworkAssignment.Way {
    /// What of it the kernel does.
    init(_ impairment: Impairment, usesNetem: Bool) {
        self.init()
        if case .bernoulli(let probability)? = impairment.loss {
            lossPerBillion = probability.billionths
        }
        rateBitsPerSecond = impairment.bottleneck.map { Int($0.bitsPerSecond) }
        queueBytes = impairment.bottleneck.map { Int($0.queueBytes) }
        guard usesNetem else { return }
        if case .constant(let ns)? = impairment.delay { delayNs = Int(ns) }
        jitterNs = Int(impairment.jitter?.amountNs ?? 0)
        duplicatePerBillion = impairment.duplicate?.probability.billionths ?? 0
    }
}

extension NetworkWayResult {
    /// What the network dropped of each expected stream: by its rule, which knows whose it was,
    /// and by its queues, as far as the counts before and behind them prove whose it was.
    var injected: [Int] {
        guard !entered.isEmpty else { return [] }
        let missing = zip(entered, arrived).map { $0 - $1 } + [enteredOther - arrivedOther]
        let refused = LedgerBuilder.provenOverflow(missing: missing, drops: queueDrops)
        return zip(lost, refused).map { $0 + $1 }
    }
}
