import Datagrams
import Impairment
import Testing

@testable import Loops

/// One run of the shipped relay loop over a simulated network, and what it counted.
struct RelayRun {
    let network: SimulatedRelayNetwork
    let result: RelayResult
    let fault: HostFault?

    /// - Parameters:
    ///   - lengthNs: When it is told to stop.
    ///   - drainNs: How long it may take then; `endsWhenEmpty`: less, once it holds nothing.
    ///   - during: Called with the control before the start, to set alarms.
    init(
        _ assignment: RelayAssignment, over network: SimulatedRelayNetwork,
        lengthNs: Int64 = 1_000_000_000, drainNs: Int64 = 0, endsWhenEmpty: Bool = false,
        clients: [SocketAddress] = [],
        during: (RelayControl, SimulatedClock) -> Void = { _, _ in }
    ) {
        let control = RelayControl(endsWhenEmpty: endsWhenEmpty)
        network.clock.alarm(atNs: SimulatedClock.startNs + lengthNs) {
            control.loop.stop(drainNs: drainNs)
        }
        network.clock.alarm(atNs: SimulatedClock.startNs + lengthNs + 3_600_000_000_000) {
            fatalError("the loop does not end, seed \(assignment.seed)")
        }
        during(control, network.clock)
        var loop = RelayLoop<SimulatedRelayKernel, SimulatedClock>(
            assignment, startNs: SimulatedClock.startNs, clock: network.clock, control: control,
            clients: clients)
        for client in clients.indices {
            _ = network.openEndpoint(RelayEndpoint.target(client))
        }
        var kernel = SimulatedRelayKernel(network)
        loop.run(&kernel)
        fault = loop.fault
        result = loop.result(&kernel)
        self.network = network
    }

    static func assignment(
        forward: Impairment = Impairment(), backward: Impairment = Impairment(), seed: Int = 7,
        flowsLimit: Int = 16
    ) -> RelayAssignment {
        RelayAssignment(
            listen: "127.0.0.1:0", targets: ["127.0.0.1:7788"], forward: forward,
            backward: backward, seed: seed, memoryBytes: 4 << 20, flowsLimit: flowsLimit)
    }

    var forward: RelayAccounts { result.forward.accounts }
    var backward: RelayAccounts { result.backward.accounts }

    /// Every datagram is in exactly one account.
    func expectBalance(at location: SourceLocation = #_sourceLocation) {
        for side in [forward, backward] {
            #expect(side.accounted == side.received, "\(side)", sourceLocation: location)
        }
    }
}
