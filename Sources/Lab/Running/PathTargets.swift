import Datagrams
import Plans

/// The addresses of a plan's path networks, by name: resolved once, before the first datagram is
/// sent, so that an unresolvable name costs no runs and a name means one address throughout.
struct PathTargets: Sendable {
    private(set) var addresses: [String: SocketAddress] = [:]
    /// The reasons why a network has no address, or none that may be loaded: a sentence each.
    private(set) var refusals: [String] = []

    /// Resolves the targets.
    /// - Parameter resolvesNames: Whether the name service is asked; a target with a name has no
    ///   address otherwise.
    init(of plan: Plan, resolvesNames: Bool) {
        var seen: Set<String> = []
        for network in plan.scenarios.flatMap(\.networks) {
            guard case .path(let target, let consent) = network.kind,
                seen.insert(network.name).inserted
            else { continue }
            if !resolvesNames, case .name = target.host { continue }
            do throws(StartError) {
                addresses[network.name] = try RunTarget.resolve(
                    target, consent: consent, network: network.name)
            } catch {
                refusals.append(error.description)
            }
        }
    }
}
