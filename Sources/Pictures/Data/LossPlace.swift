/// A place at which a datagram may end. Each place has one colour on the whole page.
enum LossPlace: String, Sendable, CaseIterable {
    /// The remainder, which is the network's loss.
    case network
    /// The impairments of the plan.
    case injected
    /// The full receive buffers of the responder or the sender.
    case receivers
    /// Answers after the timeout.
    case late
    /// The times without a responder.
    case outage
    /// The responder's own refusals.
    case responder
    /// This host, which did not send.
    case host

    /// The name in a legend.
    var name: String {
        switch self {
        case .network: "lost by the network"
        case .injected: "injected by the plan"
        case .receivers: "dropped at a full receive buffer"
        case .late: "answered too late"
        case .outage: "sent while no responder was up"
        case .responder: "refused by the responder"
        case .host: "not sent by this host"
        }
    }

    /// The class of the style sheet.
    var kind: String { "p-\(rawValue)" }
}
