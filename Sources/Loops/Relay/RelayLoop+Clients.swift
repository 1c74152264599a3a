import Datagrams

/// The clients named by the runner: only they may send datagrams of their flows.
extension RelayLoop where Kernel: ~Copyable {
    /// Makes the paths of the known clients, numbered from 0 as their sockets are, and pins them.
    mutating func adopt(_ clients: [SocketAddress]) {
        for (number, client) in clients.enumerated() {
            let path = paths.insert(client, atNs: startNs)
            precondition(path == number, "paths are numbered in the order of their making")
            pathsBegun += 1
        }
        for (flow, client) in assignment.clientOfFlow.enumerated() where client < clients.count {
            guard client >= 0 else { continue }
            pathOfFlow[flow] = Int32(client)
            if pathFlows[client].0 < 0 { pathFlows[client] = (Int32(flow), -1) }
            paths.pin(client)
        }
    }

    /// Whether a flow belongs to a known client, and the path does not: the datagram's source has
    /// then forged the session and the check.
    @inline(__always)
    func isAnothers(_ flow: Int, path: Int) -> Bool {
        knowsClients && flow >= 0 && pathOfFlow[flow] >= 0 && Int(pathOfFlow[flow]) != path
    }
}

extension RelayAssignment {
    /// The responder instance that answers each known client.
    var instanceOfClient: [Int] {
        var instances = Array(repeating: 0, count: clients)
        let ofFlow = streams.flatMap { Array(repeating: $0.instance, count: $0.flows) }
        for (client, instance) in zip(clientOfFlow, ofFlow) where client >= 0 {
            instances[client] = instance
        }
        return instances
    }
}
