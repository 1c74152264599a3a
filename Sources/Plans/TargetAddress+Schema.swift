import JSON

extension TargetAddress {
    /// The JSON Schema of an address that may be loaded: what `init(_:ports:)` accepts for the
    /// ports 1 to 65535, as four forms.
    static let targetSchema = JSONValue.schema([
        "title": .string("an address"),
        "type": .string("string"),
        "anyOf": .array([ipv4Schema, ipv6Schema, nameSchema, unixSchema]),
    ])

    /// The JSON Schema of the numeric address of a host, without a port.
    static let hostSchema = JSONValue.text(
        matching: [
            "^(?:[0-9.]{7,15}|[0-9a-fA-F]*:[0-9a-fA-F:]*:[0-9a-fA-F.]*(?:%[A-Za-z0-9._-]{1,15})?)$"
        ],
        title: "a numeric address")

    /// The JSON Schema of an address that a responder on this host may have.
    static let responderSchema = JSONValue.schema([
        "title": .string("an address of 127.0.0.0/8 or [::1], a group, or a Unix socket"),
        "type": .string("string"),
        "anyOf": .array([
            .text(
                matching: ["^127(?:[.]\(octet)){3}:\(portOrZero)$"],
                notMatching: ["^127[.]255[.]255[.]255:"], title: "127.0.0.0/8"),
            .text(
                matching: ["^\\[\(ipv6)\\]:\(portOrZero)$", "^\\[[0:]*:0{0,3}1\\]"],
                title: "[::1]"),
            unixSchema,
            .text(
                matching: [
                    "^(?:2(?:2[4-9]|3[0-9])(?:[.]\(octet)){3}|127[.]255[.]255[.]255):\(port)$"
                ],
                title: "a group"),
        ]),
    ])

    /// The schema of an IPv4 address. First bytes 1 to 223: 0 is unspecified, 224 and up are
    /// multicast, reserved, broadcast.
    private static let ipv4Schema = JSONValue.text(
        matching: ["^(?:22[0-3]|2[01][0-9]|1[0-9]{2}|[1-9][0-9]?)(?:[.]\(octet)){3}:\(port)$"],
        notMatching: ["^127[.]255[.]255[.]255:"], title: "an IPv4 address of one host")

    /// The schema of an IPv6 address. Unspecified and multicast addresses, also IPv4 ones behind
    /// ::ffff:, are excluded.
    private static let ipv6Schema = JSONValue.text(
        matching: ["^\\[\(ipv6)(?:%[A-Za-z0-9._-]{1,15})?\\]:\(port)$"],
        notMatching: [
            "^\\[[0:.]+(?:%|\\])",
            "^\\[[fF][fF][0-9a-fA-F]{2}:",
            "^\\[[fF][eE][89abAB][0-9a-fA-F]:[^%]*\\]",
            "^\\[[0:]+:[fF]{4}:(?:0|22[4-9]|23[0-9]|24[0-9]|25[0-5])[.]",
            "^\\[[0:]+:[fF]{4}:(?:0{1,4}|0{1,2}[0-9a-fA-F]{2}|[0-9a-fA-F]{1,2}|[eEfF][0-9a-fA-F]{3}):"
                + "[0-9a-fA-F]{1,4}(?:%|\\])",
            "^\\[[0:]+:[fF]{4}:(?:127[.]255[.]255[.]255|7[fF][fF][fF]:[fF]{4})(?:%|\\])",
        ], title: "an IPv6 address of one host")

    /// The start of the address of a group.
    static let groupPattern = "^(?:2(?:2[4-9]|3[0-9])[.]|127[.]255[.]255[.]255:)"

    private static let unixSchema = JSONValue.text(
        matching: ["^unix:[/@][!-~]{1,\(unixNameBytesMax - 1)}$"], title: "a Unix socket")

    private static let nameSchema = JSONValue.text(
        matching: ["^\(label)(?:[.]\(label))*:\(port)$", "^[^:]{1,253}:"],
        notMatching: ["^(?:[^:]*[.])?(?:[0-9]+|0[xX][0-9a-fA-F]*):"], title: "a host name")

    private static let port =
        "(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
    private static let portOrZero = "(?:0|\(port))"
    private static let octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
    private static let label = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"

    /// The pattern of RFC 4291 §2.2: eight groups, or fewer around one `::`, the last two also as
    /// IPv4.
    private static let ipv6: String = {
        let group = "[0-9a-fA-F]{1,4}"
        let dotted = "\(octet)(?:[.]\(octet)){3}"
        var forms = ["(?:\(group):){7}\(group)", "(?:\(group):){6}\(dotted)"]
        forms += ["::(?:\(group)(?::\(group)){0,6})?", "::(?:\(group):){0,5}\(dotted)"]
        for left in 1...7 {
            let start = "(?:\(group):){\(left)}"
            forms.append(left == 7 ? "\(start):" : "\(start)(?::|(?::\(group)){1,\(7 - left)})")
            if left <= 5 { forms.append("\(start):(?:\(group):){0,\(5 - left)}\(dotted)") }
        }
        return "(?:" + forms.joined(separator: "|") + ")"
    }()
}
