/// The sender's own accounts of the ledger.
package struct LedgerAccounts: Codable, Sendable, Equatable {
    package var scheduled = 0
    package var sent = 0
    package var skipped = 0
    /// Slots at which the flow still awaited the answer to its one request.
    package var waiting = 0
    package var refused = 0
    package var localQueue = 0
    package var localFirewall = 0
    package var tooBig = 0
    package var otherError = 0

    package init() {}

    package mutating func add(_ other: LedgerAccounts) {
        scheduled += other.scheduled
        sent += other.sent
        skipped += other.skipped
        waiting += other.waiting
        refused += other.refused
        localQueue += other.localQueue
        localFirewall += other.localFirewall
        tooBig += other.tooBig
        otherError += other.otherError
    }
}
