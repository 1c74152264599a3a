import Datagrams
import Impairment
import Load
import Loops
import Plans

/// The responder's order: its address is looked for on this host.
extension RunLayout {
    /// Returns the assignment of an instance of the responder.
    /// - Parameters:
    ///   - network: The network of the responder, if it is not on this host's loopback.
    ///   - known: The responder's address before the timeline killed it.
    func responderAssignment(
        _ instance: Int, in network: RunNetwork?, at known: SocketAddress? = nil,
        on host: any WorkerPlace
    ) async throws(StartError) -> Assignment? {
        guard let responder else { return nil }
        // Between hosts the network says at which address the responder is.
        let planned =
            identity.network.hostPath?.address(
                of: responder.host(ofInstance: instance))
            ?? responder.address
        func place(_ picks: Bool) async throws(StartError) -> SocketAddress {
            if let known { return known }
            guard let network else {
                return try await host.place(of: planned, pickingPort: picks)
            }
            return try network.place(
                responder.address, pickingPort: picks, instance: instance)
        }
        switch responder.kind {
        case .own(let own):
            // While an event of the timeline has ended the responder, any program of this host
            // may be given an ephemeral port that was its own. A namespace has no other programs.
            let keepsPort = scenario.mayEndResponder && network == nil
            var order = ResponderAssignment(
                own, address: try await place(keepsPort).description, runId: runID,
                anchorNs: anchorNs, streams: expectedStreams(ofInstance: instance))
            // One socket receives all streams, and a coalesced message ends with any shorter probe.
            order.coalesces =
                scenario.senders.contains {
                    coalesces($0) || segments($0) > 1 && knobs($0).gro != .off
                } && !scenario.senders.contains { $0.sizes != nil }
            order.kernelTimestamps =
                own.behaviour == .stamp
                || (own.behaviour == .sink || identity.crossesHosts)
                    && scenario.senders.contains { usesKernelTimestamps($0) }
            order.cpus = cpusOfResponder(responder, instance)
            order.replyDelay = responder.replyDelay
            order.replyDelaySeed = Int(
                RandomStream.mix(UInt64(bitPattern: Int64(identity.seed))) >> 1)
            if own.behaviour == .chat { order.members = members }
            order.singleCalls = singleCalls
            order.feedbackStream = feedbackStream
            order.sharesCounts = scenario.mayEndResponder
            order.warmUpNs = Int64(scenario.warmUpNs)
            order.expectsAltered = alters
            return Assignment.responder(order)
        case .command(let command):
            if known == nil, network == nil, planned.port != 0 {
                // Otherwise another program with the port would be measured instead of the command.
                try await host.tryBinding(planned)
            }
            let address = try await place(true)
            var order = CommandAssignment(
                command: command.words(host: address.host, port: address.port),
                address: address.description,
                readyTimeoutNs: Int64(command.readyTimeoutNs),
                outputLines: command.outputLines)
            order.question = scenario.senders.compactMap(\.request).first
            return .command(order)
        }
    }
}
