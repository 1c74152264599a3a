/// What is sent in a comparison.
struct Traffic: Hashable, Sendable {
    enum Direction: String, Sendable, CaseIterable {
        case oneWay = "one-way"
        case echo
    }

    let direction: Direction
    let payloadBytes: Int
    /// UDP_SEGMENT at the sender, UDP_GRO at the receiver: many datagrams to a call of the kernel.
    let isOffloaded: Bool

    /// As in `--only`: `plain-one-way-64`.
    var name: String {
        "\(isOffloaded ? "offloaded" : "plain")-\(direction.rawValue)-\(payloadBytes)"
    }

    /// `plain one way, 64 B`.
    var title: String {
        let way = direction == .oneWay ? "one way" : "echo"
        return "\(isOffloaded ? "offloaded" : "plain") \(way), \(payloadBytes) B"
    }

    /// Datagrams in one buffer of a sender.
    var segments: Int {
        guard isOffloaded else { return 1 }
        return min(Self.segmentsMax, Self.bufferBytesMax / payloadBytes)
    }

    /// Older kernels take 64 segments, newer ones 128 (udp(7), UDP_SEGMENT).
    private static let segmentsMax = 64
    /// The largest payload over IPv4: 65,535 less the headers of IP and UDP.
    private static let bufferBytesMax = 65_507
}
