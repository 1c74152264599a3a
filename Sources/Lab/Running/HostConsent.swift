import Datagrams
import Plans

/// The consent for the load between the hosts of a plan.
enum HostConsent {
    /// Returns a sentence on each path with an address outside this host that has nobody's consent.
    static func missing(in plan: Plan) -> [String] {
        let agreed = Set(plan.hosts.filter(\.consent).map(\.name))
        return plan.networks.flatMap { network -> [String] in
            guard let path = network.hostPath, !path.consent else { return [] }
            return path.hosts.compactMap { host in
                guard !agreed.contains(host), let address = path.address(of: host),
                    let numeric = SocketAddress(numericHost: address.hostText, port: 0),
                    !HostAddresses.contains(numeric)
                else { return nil }
                if host == HostDefinition.here {
                    return
                        "network \"\(network.name)\": \(address.hostText) is no address of this "
                        + "host: say under \"at\" which one it has on the way to the other"
                }
                return
                    "network \"\(network.name)\": \(address.hostText) is not an address of this "
                    + "host; say \"consent\": true there or at host \"\(host)\" when the owner has "
                    + "agreed to be loaded"
            }
        }
    }
}
