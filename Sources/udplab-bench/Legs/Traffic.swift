/// The traffic of a comparison.
struct Traffic: Hashable, Sendable {
    enum Direction: String, Sendable, CaseIterable {
        case oneWay = "one-way"
        case echo
    }

    let direction: Direction
    let payloadBytes: Int
    /// Whether UDP_SEGMENT is used at the sender and UDP_GRO at the receiver: many datagrams per
    /// system call.
    let isOffloaded: Bool

    /// The name for `--only`: `plain-one-way-64`.
    var name: String {
        "\(isOffloaded ? "offloaded" : "plain")-\(direction.rawValue)-\(payloadBytes)"
    }

    /// The title: `plain one way, 64 B`.
    var title: String {
        let way = direction == .oneWay ? "one way" : "echo"
        return "\(isOffloaded ? "offloaded" : "plain") \(way), \(payloadBytes) B"
    }

    /// The number of datagrams in one buffer of a sender.
    var segments: Int {
        guard isOffloaded else { return 1 }
        return min(Self.segmentsMax, Self.bufferBytesMax / payloadBytes)
    }

    /// The maximum number of segments: older kernels accept 64, newer ones 128 (udp(7),
    /// UDP_SEGMENT).
    private static let segmentsMax = 64
    /// The largest payload over IPv4: 65,535 less the headers of IP and UDP.
    private static let bufferBytesMax = 65_507
}
