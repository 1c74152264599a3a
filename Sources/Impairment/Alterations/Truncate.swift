extension Alteration {
    /// Cuts the payload off behind its first bytes.
    package static let truncate = Alteration(
        key: "truncate", name: "a truncation",
        summary:
            "The share of datagrams that are cut off behind the first bytes of their payload; such "
            + "a datagram is lost.",
        amount: Amount(
            key: "bytes", range: 1...65_507, usual: 8,
            summary: "The number of bytes that are left; a payload of no more bytes is not altered."
        ),
        flagHelp:
            "The share of which only the first bytes are left: 0.1%, or probability=1%,bytes=20.",
        count: Count(key: "truncated", summary: "Of `forwarded`: with the first bytes alone."),
        choosing: .truncate, applying: .truncate
    ) { payload, bytes, _ in
        payload.count > bytes ? bytes : nil
    }
}

extension AlterationShare {
    /// - Parameter bytes: At least 1, at most what a UDP datagram over IPv4 carries (RFC 768).
    package static func truncate(_ probability: Probability, bytes: Int = 8) -> AlterationShare {
        AlterationShare(Alteration.truncate.key, probability: probability, amount: bytes)
    }
}

extension RandomStream.Purpose {
    fileprivate static let truncate = RandomStream.Purpose(rawValue: 9)
}
