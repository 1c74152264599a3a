import JSON
import Load

/// The keys of a sender's `offload`.
enum OffloadShape {
    static let sendmmsg = knob("sendmmsg", "Several datagrams in one send call.")
    static let gso = knob(
        "gso", "UDP_SEGMENT: one buffer of several datagrams. \(autoOfSegmentation)")
    static let recvmmsg = knob("recvmmsg", "Several datagrams in one receive call.")
    static let gro = knob(
        "gro", "UDP_GRO: coalesced datagrams on receive. \(autoOfSegmentation)")

    static let object = ObjectShape(
        name: "the offload knobs",
        fields: [
            sendmmsg.declaration, gso.declaration, recvmmsg.declaration, gro.declaration,
        ])

    static let shape = Shape<OffloadKnobs>(schema: object.schema, example: "{…}") {
        node, problems in
        guard let keys = object.values(of: node, problems) else { return nil }
        let knobs = (keys(sendmmsg), keys(gso), keys(recvmmsg), keys(gro))
        guard let sendmmsg = knobs.0, let gso = knobs.1, let recvmmsg = knobs.2,
            let gro = knobs.3
        else { return nil }
        return OffloadKnobs(sendmmsg: sendmmsg, gso: gso, recvmmsg: recvmmsg, gro: gro)
    }

    private static let autoOfSegmentation =
        "\"auto\" uses it at \"rate\": \"max\" where all networks are loopback, and not beside "
        + "thresholds on loss, duplication or reordering: a super-packet is dropped as one."

    private static func knob(_ key: String, _ purpose: String) -> Field<OffloadKnobs.Knob> {
        .optional(
            key, .choice(["auto": .auto, "on": .on, "off": .off]), purpose, absent: .auto,
            written: .string("auto"))
    }
}
