import Datagrams
import Plans

/// Addresses of a plan's path networks, by name: resolved once, before the first datagram leaves,
/// so that a name that does not resolve costs no runs and means one address throughout.
struct PathTargets: Sendable {
    private(set) var addresses: [String: SocketAddress] = [:]
    /// Why a network has no address, or none that may be loaded: a sentence each.
    private(set) var refusals: [String] = []

    init(of plan: Plan) {
        var seen: Set<String> = []
        for network in plan.scenarios.flatMap(\.networks) {
            guard case .path(let target, let consent) = network.kind,
                seen.insert(network.name).inserted
            else { continue }
            do throws(StartError) {
                addresses[network.name] = try RunTarget.resolve(
                    target, consent: consent, network: network.name)
            } catch {
                refusals.append(error.description)
            }
        }
    }
}
