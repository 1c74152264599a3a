import Datagrams
import Impairment
import Loops
import Metrics
import Plans
import Workers

/// The network between the workers of one run: the namespaces in which each side is started, the
/// addresses of responders, and the worker that reports the network's counts. There is none for
/// loopback and path.
struct RunNetwork: Sendable {
    /// The worker that holds the network, and reports its counts when it is stopped.
    let holder: PreparedWorker
    let ready: NetworkReady
    /// The options behind `worker` on the command lines of senders and of the responder.
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

    /// Returns the address in this network of a responder that the plan has on loopback.
    /// - Parameter pickingPort: Whether a port 0 is replaced by a definite one for a program: every
    ///   port is free in a new namespace.
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

    /// The first dynamic port (RFC 6335 §6).
    private static let freePort: UInt16 = 49_152
}
