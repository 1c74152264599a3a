import ArgumentParser
import Datagrams
import Plans

/// The address of a verb on this host.
struct ListenOptions: ParsableArguments {
    @Option(help: "The port; 0 picks a free one, which is printed.")
    var port: UInt16

    @Option(
        help: ArgumentHelp(
            "The address on this host: 0.0.0.0 or :: for all of them.",
            valueName: "address"))
    var bind = "127.0.0.1"

    func validate() throws { _ = try address(mayBeGroup: true) }

    /// Returns the address.
    /// - Parameter mayBeGroup: Whether the address may be that of a multicast group, to be joined.
    func address(mayBeGroup: Bool = false) throws(ValidationError) -> SocketAddress {
        try BindAddress.read(bind, port: port, mayBeGroup: mayBeGroup)
    }
}

/// The sources that a responder answers.
struct AllowOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Answer these addresses, such as 10.0.0.0/8; may be given again.",
            discussion: """
                Without it only loopback is answered: a source address can be forged, and a \
                responder that unknown sources can reach sends any payload to any address. \
                Sources below port 1024 are never answered, and neither are answers of another \
                udplab.
                """, valueName: "cidr"))
    var allow: [String] = []

    func validate() throws { _ = try ranges() }

    func ranges() throws(ValidationError) -> [AddressRange] {
        var ranges: [AddressRange] = []
        for text in allow {
            do throws(AddressRange.Fault) {
                ranges.append(try AddressRange(text))
            } catch {
                throw ValidationError("--allow: \(error)")
            }
        }
        return ranges
    }
}

enum BindAddress {
    /// Parses an address.
    /// - Parameter text: A numeric address, an IPv6 one with or without brackets.
    static func read(
        _ text: String, port: UInt16, mayBeGroup: Bool = false
    ) throws(ValidationError) -> SocketAddress {
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]") && text.count > 2
        let host = isBracketed ? String(text.dropFirst().dropLast()) : text
        guard let address = SocketAddress(numericHost: host, port: port) else {
            throw ValidationError(
                "\"\(text)\" is no numeric address; use one of this host such as 127.0.0.1 or ::1")
        }
        if address.lacksZone { throw ValidationError(TargetAddress.zoneFault(address.host)) }
        if address.isMulticast, !mayBeGroup {
            throw ValidationError(
                "\(text) is a multicast group, from which nothing can be answered; "
                    + "`udplab listen --bind \(text)` joins it and shows what comes")
        }
        return address
    }

    /// Returns the address with a note on the hosts that may reach it.
    static func note(_ address: SocketAddress) -> String {
        if address.isLoopback { return "\(address), which only this host reaches" }
        return "\(address), which other hosts may reach"
    }
}
