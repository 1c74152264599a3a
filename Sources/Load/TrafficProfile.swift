/// The traffic of a kind of application, in place of a payload, a rate and a schedule.
package enum TrafficProfile: String, Codable, Sendable, CaseIterable {
    case voipG711 = "voip-g711"
    case voipOpus = "voip-opus"
    case gameTick60 = "game-tick-60"
    case videoCall = "video-call"
    case dnsLike = "dns-like"
    case iotTelemetry = "iot-telemetry"

    /// A description of the datagrams, and where the figures are from.
    package var about: String {
        switch self {
        case .voipG711:
            "20 ms of G.711 in each datagram: 160 B (RFC 3551 section 4.5.14) and 12 B of RTP header "
                + "(RFC 3550), 50 a second"
        case .voipOpus:
            "20 ms of Opus speech in each datagram, 40 to 80 B (16 to 32 kbit/s, RFC 7587 section "
                + "3.1.1; the range is an assumption) and 12 B of RTP header, 50 a second in talk "
                + "spurts of 1.004 s with pauses of 1.587 s (the means of ITU-T P.59)"
        case .gameTick60:
            "an update of 60 to 160 B in each tick of a game of 60 Hz (the sizes are an assumption)"
        case .videoCall:
            "30 frames a second, each of 5 datagrams of 1,100 to 1,200 B at once: about 1.4 Mbit/s "
                + "in packets below the minimum MTU of IPv6 (RFC 8200 section 5; the rates are an "
                + "assumption)"
        case .dnsLike:
            "40 to 70 B at random times, 20 a second on average (an assumption); for real queries "
                + "use a request"
        case .iotTelemetry:
            "a reading of 64 B at random times, one in 10 s on average (an assumption)"
        }
    }

    /// The payload in bytes, of the largest datagram.
    package var payloadBytes: Int {
        switch self {
        case .voipG711: 172
        case .iotTelemetry: 64
        case .voipOpus, .gameTick60, .videoCall, .dnsLike: sizes?.bytesMost ?? 0
        }
    }

    /// The sizes, if they differ.
    package var sizes: PayloadSizes? {
        switch self {
        case .voipG711, .iotTelemetry: nil
        case .voipOpus: PayloadSizes([.init(low: 52, high: 92, weight: 1)])
        case .gameTick60: PayloadSizes([.init(low: 60, high: 160, weight: 1)])
        case .videoCall: PayloadSizes([.init(low: 1_100, high: 1_200, weight: 1)])
        case .dnsLike: PayloadSizes([.init(low: 40, high: 70, weight: 1)])
        }
    }

    /// The datagrams per second of a flow, while it sends.
    package var pps: Double {
        switch self {
        case .voipG711, .voipOpus: 50
        case .gameTick60: 60
        case .videoCall: 150
        case .dnsLike: 20
        case .iotTelemetry: 0.1
        }
    }

    package var schedule: SendSchedule {
        switch self {
        case .voipG711, .gameTick60: .constant
        case .voipOpus:
            SendSchedule(
                profile: RateProfile(
                    [
                        .init(lengthNs: 1_004_000_000, pps: pps),
                        .init(lengthNs: 1_587_000_000, pps: 0),
                    ], repeats: true))
        case .videoCall: SendSchedule(.bursts(5))
        case .dnsLike, .iotTelemetry: SendSchedule(.poisson)
        }
    }
}
